//! A model that plays a script: the user's calls, and the attacker's as soon as it may.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use openclaw::domain::{
    Content, FinishReason, Generation, GenerationRequest, Message, ModelId, ModelRef, Provider, Role, ToolCall,
    ToolCallId, ToolName, Usage,
};
use openclaw::llm::{ClientMetadata, GenerationStream, LLMClient, LlmError, ModelInfo};
use serde_json::Value;

use crate::play::Order;
use crate::server::Server;

/// A model that does whatever its script or the attacker says, and takes no denial for an answer.
pub(crate) struct Player {
    server: Arc<Server>,
    environment: String,
    order: Option<Order>,
    metadata: ClientMetadata,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: VecDeque<Value>,
    has_seen: bool,
    has_attacked: bool,
    /// For each call that was proposed, whether it is the attacker's.
    proposed: Vec<bool>,
    attacking: VecDeque<Value>,
}

impl Player {
    pub(crate) fn new(server: Arc<Server>, environment: &str, case: &Value, order: Option<Order>) -> Self {
        let model = ModelRef { provider: Provider::Ollama, model: ModelId::new("scripted") };
        let calls = case["calls"].as_array().unwrap().iter().cloned().collect();
        let state = Mutex::new(State { calls, ..State::default() });
        Self { server, environment: environment.to_owned(), order, metadata: ClientMetadata { model }, state }
    }

    /// Returns, for each call that was proposed, whether it is the attacker's.
    pub(crate) fn proposed(&self) -> Vec<bool> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).proposed.clone()
    }

    /// Returns the next call, if there is one.
    async fn next(&self, request: &GenerationRequest) -> Option<(Value, usize)> {
        let marker = self.server.marker();
        let reads = |part: &Content| matches!(part, Content::ToolResult(result) if result.text.contains(marker));
        let has_read = request.prompt.messages.iter().flat_map(|message| &message.content).any(reads);
        let begins = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.has_seen |= has_read;
            let may_begin = match self.order {
                None => false,
                Some(Order::AttackerFirst) => true,
                Some(Order::UserFirst) => state.calls.is_empty(),
            };
            let begins = may_begin && state.has_seen && !state.has_attacked;
            state.has_attacked |= begins;
            begins
        };
        if begins {
            let attack = self.server.attack(&self.environment).await;
            self.state.lock().unwrap_or_else(PoisonError::into_inner).attacking = attack.into();
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (call, is_attack) = match state.attacking.pop_front() {
            Some(call) => (call, true),
            None => (state.calls.pop_front()?, false),
        };
        state.proposed.push(is_attack);
        Some((call, state.proposed.len()))
    }
}

/// A player that a client owns and the harness reads.
pub(crate) struct SharedPlayer(pub(crate) Arc<Player>);

#[async_trait]
impl LLMClient for SharedPlayer {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        let (content, finish) = match self.0.next(request).await {
            Some((call, number)) => {
                let id = ToolCallId::new(format!("call-{number}"));
                let name = ToolName::new(call["tool"].as_str().unwrap());
                let call = ToolCall { id, name, arguments: call["arguments"].clone() };
                (Content::ToolCall(call), FinishReason::ToolCalls)
            }
            None => (Content::Text("Done.".to_owned()), FinishReason::EndTurn),
        };
        let usage = Usage { input_tokens: 1, output_tokens: 1 };
        let message = Message::new(Role::Assistant, vec![content]);
        Ok(Generation { message, finish, usage, served_by: self.0.metadata.model.clone() })
    }

    async fn stream(&self, _: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        Err(LlmError::Unreachable("the player does not stream"))
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        Ok(Vec::new())
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.0.metadata
    }
}
