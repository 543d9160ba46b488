//! Actions that ask a model, without tools and without the conversation.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::executor::{ActionExecutor, BuildContext, CallContext};
use super::{ActionError, settings};
use crate::agent::{ActionDefinition, ActionEffect, TemplatedValue};
use crate::config::{ActionKind, ActionRights, ActionSettings, SettingFault};
use crate::domain::{GenerationRequest, MaxTokens, Message, Prompt, Role, Trust};
use crate::llm::{Fallback, LlmError};
use crate::policy::ApprovedCall;

const KEYS: &[&str] = &["llm", "max_tokens", "prompt", "system"];

/// The keys of an action of type `llm`.
#[derive(Deserialize, JsonSchema, derive_more::Debug)]
pub(super) struct Settings {
    /// Of `llm`: the model. Its keys are those of a state's `llm`. Default: the top-level `llm`.
    #[serde(default)]
    #[expect(dead_code, reason = "read where models are resolved")]
    llm: Option<Map<String, Value>>,
    /// Of `llm`: a template of the instructions, which may read `caller` alone. Default none.
    #[serde(default)]
    system: Option<String>,
    /// Of `llm`: a template of the text that the model reads; required.
    #[debug("[{} bytes]", prompt.len())]
    prompt: String,
    /// Of `llm`: the largest answer, in tokens. Default 1024.
    #[serde(default)]
    #[schemars(range(min = 1))]
    max_tokens: Option<u32>,
}

/// The kind `llm`.
pub(super) struct Kind;

impl ActionKind for Kind {
    fn name(&self) -> &'static str {
        "llm"
    }

    fn keys(&self) -> &'static [&'static str] {
        KEYS
    }

    fn calls_model(&self) -> bool {
        true
    }

    fn default_effect(&self, _: &Map<String, Value>) -> ActionEffect {
        ActionEffect::Read
    }

    fn check(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        let read: Settings = match settings::read(action.settings, KEYS) {
            Ok(read) => read,
            Err(fault) => return vec![fault],
        };
        let mut faults = Vec::new();
        if action.output == Trust::Trusted {
            faults.push(SettingFault::new("output", "trusted", "untrusted, since a model may repeat what it has read"));
        }
        if MaxTokens::try_from(read.max_tokens.unwrap_or(1)).is_err() {
            faults.push(SettingFault::new("max_tokens", "0", "1 or more"));
        }
        for (key, text) in [("prompt", Some(&read.prompt)), ("system", read.system.as_ref())] {
            let Some(text) = text else { continue };
            match settings::templated(key, &Value::String(text.clone()), action.parameters) {
                Err(found) => faults.extend(found),
                Ok(templated) if key == "system" => {
                    let names = templated.templates().into_iter().flat_map(|(_, template)| template.names().clone());
                    for name in names.filter(|name| name.split('.').next() != Some("caller")) {
                        let allowed =
                            "caller.user, caller.tenant or caller.groups, since instructions hold no other value";
                        faults.push(SettingFault::new(key, format!("\"{name}\""), allowed));
                    }
                }
                Ok(_) => {}
            }
        }
        faults
    }

    fn rights(&self, _: &Map<String, Value>) -> ActionRights {
        // The model is among those that the configuration names.
        ActionRights::default()
    }
}

/// Builds what executes the calls of an action.
pub(super) fn build(action: &ActionDefinition, context: BuildContext<'_>) -> Result<Arc<dyn ActionExecutor>, String> {
    let read: Settings = settings::read(&action.settings, KEYS).map_err(|fault| fault.path)?;
    let parse = |text: String| TemplatedValue::parse(&Value::String(text)).map_err(|(_, fault)| fault.to_string());
    Ok(Arc::new(LlmAction {
        model: context.model.ok_or("its model is not configured")?,
        system: read.system.map(parse).transpose()?,
        prompt: parse(read.prompt)?,
        max_tokens: read
            .max_tokens
            .map_or(Ok(MaxTokens::DEFAULT), MaxTokens::try_from)
            .map_err(|fault| fault.to_string())?,
    }))
}

struct LlmAction {
    model: Fallback,
    system: Option<TemplatedValue>,
    prompt: TemplatedValue,
    max_tokens: MaxTokens,
}

#[async_trait]
impl ActionExecutor for LlmAction {
    async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let args = Value::Null;
        let scope = context.scope(call, &args);
        let text = |template: &TemplatedValue| match template.evaluate(&scope) {
            Ok(Value::String(text)) => Ok(text),
            Ok(other) => Ok(other.to_string()),
            Err(error) => Err(ActionError::Refused(error.to_string())),
        };
        let prompt = Prompt {
            system: self.system.as_ref().map(text).transpose()?,
            messages: vec![Message::text(Role::User, text(&self.prompt)?)],
            tools: Vec::new(),
        };
        let request = GenerationRequest { prompt, temperature: None, max_tokens: self.max_tokens };
        let generation = self.model.complete(&request, context.meter).await;
        let generation = generation.map_err(|error| {
            let (provider, model) = (error.model.provider.as_str(), error.model.model.as_str());
            tracing::warn!(
                provider,
                model,
                fault = error.source.with_cause(),
                "the model of an action has not answered"
            );
            match error.source {
                LlmError::Unreachable(_) | LlmError::BrokenOff(_) => ActionError::Unreachable,
                LlmError::TimedOut => ActionError::TimedOut,
                LlmError::Throttled { .. } => ActionError::Throttled,
                _ => ActionError::Rejected { code: "an error".to_owned(), text: None },
            }
        })?;
        context.meter.finish();
        Ok(Value::String(generation.message.plain_text()))
    }
}
