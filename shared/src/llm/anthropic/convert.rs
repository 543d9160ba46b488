//! Converts between the domain's types and Anthropic's; pure.

use super::wire::{self, InputBlock, InputMessage, OutputBlock};
use crate::domain::{
    Content, FinishReason, Generation, GenerationRequest, Message, ModelId, ModelRef, Prompt, Provider, Role,
    Temperature, ToolCall, ToolCallId, ToolName, ToolSpec, Usage,
};
use crate::llm::capabilities::capabilities;
use crate::llm::generation_parts::GenerationParts;
use crate::llm::tool_calls::{arguments_object, parse_arguments};
use crate::llm::{LlmError, ModelInfo};

pub(super) fn to_wire(model: &ModelId, request: &GenerationRequest, stream: bool) -> wire::Request {
    let GenerationRequest { prompt, temperature, max_tokens } = request;
    wire::Request {
        prompt: to_count(model, prompt),
        max_tokens: max_tokens.get(),
        temperature: temperature.map(Temperature::get),
        stream,
    }
}

/// Converts a prompt, which is all that a request to count its tokens holds.
pub(super) fn to_count(model: &ModelId, prompt: &Prompt) -> wire::Prompt {
    let tool = |tool: &ToolSpec| wire::Tool {
        name: tool.name.to_string(),
        description: tool.description.clone(),
        input_schema: tool.input_schema.clone(),
    };
    wire::Prompt {
        model: model.to_string(),
        system: prompt.system.clone().filter(|system| !system.is_empty()),
        messages: messages(&prompt.messages),
        tools: prompt.tools.iter().map(tool).collect(),
    }
}

/// Joins consecutive messages of one role, puts tool results first in their message, and leaves blank text out: the API
/// refuses the opposite of each.
fn messages(messages: &[Message]) -> Vec<InputMessage> {
    let mut merged: Vec<InputMessage> = Vec::with_capacity(messages.len());
    for message in messages {
        let role = match message.role {
            Role::User => wire::Role::User,
            Role::Assistant => wire::Role::Assistant,
        };
        let blocks: Vec<_> = message.content.iter().filter_map(block).collect();
        if blocks.is_empty() {
            continue;
        }
        match merged.last_mut().filter(|last| last.role == role) {
            Some(last) => last.content.extend(blocks),
            None => merged.push(InputMessage { role, content: blocks }),
        }
    }
    for message in &mut merged {
        // The sort is stable, so results and texts keep their order.
        message.content.sort_by_key(|block| !matches!(block, InputBlock::ToolResult { .. }));
    }
    merged
}

fn block(content: &Content) -> Option<InputBlock> {
    match content {
        Content::Text(text) if text.trim().is_empty() => None,
        Content::Text(text) => Some(InputBlock::Text { text: text.clone() }),
        Content::ToolCall(call) => Some(InputBlock::ToolUse {
            id: call.id.to_string(),
            name: call.name.to_string(),
            input: arguments_object(&call.arguments),
        }),
        Content::ToolResult(result) => Some(InputBlock::ToolResult {
            tool_use_id: result.call.to_string(),
            content: result.text.clone(),
            is_error: result.is_error,
        }),
    }
}

pub(super) fn from_wire(response: wire::Response, served_by: ModelRef) -> Result<Generation, LlmError> {
    // Only a stream has messages without a stop reason, so its absence here means a broken response.
    let usage = response.usage.into();
    let stop_reason =
        response.stop_reason.ok_or(LlmError::Unusable { reason: "the response has no stop_reason", usage })?;
    let mut parts = GenerationParts::default();
    for block in response.content {
        match block {
            OutputBlock::Text { text } => parts.text.push_str(&text),
            OutputBlock::ToolUse { id, name, input } => {
                // A server may leave the input out where a tool takes no arguments.
                let arguments = if input.is_null() { parse_arguments("") } else { input };
                parts.calls.push(ToolCall { id: ToolCallId::new(id), name: ToolName::new(name), arguments });
            }
            OutputBlock::Unknown => {}
        }
    }
    parts.into_generation(finish(stop_reason), usage, served_by)
}

/// Converts a stop reason ("Handling stop reasons"). A paused turn comes only from server tools, which are never
/// requested. An unknown reason counts as the end of a turn.
pub(super) const fn finish(reason: wire::StopReason) -> FinishReason {
    match reason {
        wire::StopReason::EndTurn | wire::StopReason::PauseTurn | wire::StopReason::Unknown => FinishReason::EndTurn,
        // The answer was cut either way, whichever limit came first.
        wire::StopReason::MaxTokens | wire::StopReason::ModelContextWindowExceeded => FinishReason::MaxTokens,
        wire::StopReason::StopSequence => FinishReason::StopSequence,
        wire::StopReason::ToolUse => FinishReason::ToolCalls,
        wire::StopReason::Refusal => FinishReason::Policy,
    }
}

impl wire::Usage {
    /// Replaces the counts that a later report has.
    pub(super) const fn updated(self, later: Self) -> Self {
        const fn last(earlier: Option<u64>, later: Option<u64>) -> Option<u64> {
            // A later report need not repeat a count.
            if later.is_some() { later } else { earlier }
        }
        Self {
            input_tokens: last(self.input_tokens, later.input_tokens),
            cache_creation_input_tokens: last(self.cache_creation_input_tokens, later.cache_creation_input_tokens),
            cache_read_input_tokens: last(self.cache_read_input_tokens, later.cache_read_input_tokens),
            output_tokens: last(self.output_tokens, later.output_tokens),
        }
    }
}

impl From<wire::Usage> for Usage {
    fn from(usage: wire::Usage) -> Self {
        // `input_tokens` does not include cached tokens, while the gateway counts all that were read.
        let input = [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens];
        Self {
            input_tokens: input.into_iter().flatten().fold(0, u64::saturating_add),
            output_tokens: usage.output_tokens.unwrap_or(0),
        }
    }
}

pub(super) fn model_info(model: wire::Model) -> ModelInfo {
    let id = ModelId::new(model.id);
    let known = capabilities(Provider::Anthropic, &id);
    ModelInfo {
        provider: Provider::Anthropic,
        name: model.display_name,
        context_tokens: model.max_input_tokens.or(known.context_tokens),
        capabilities: ["tools", "streaming"].map(str::to_owned).to_vec(),
        id,
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
