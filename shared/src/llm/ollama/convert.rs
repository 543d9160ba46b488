//! Between the domain and Ollama's shapes; pure.

use std::collections::HashMap;

use serde_json::Value;

use super::wire::{self, DoneReason, FunctionType, InputMessage};
use crate::domain::{
    Content, FinishReason, Generation, MaxTokens, Message, ModelId, ModelRef, Prompt, Provider, Role, Temperature,
    ToolCall, ToolCallId, ToolName, ToolSpec, Usage,
};
use crate::llm::assembly::{Answer, CallIds, TRUNCATED, arguments, arguments_object};
use crate::llm::{LlmError, ModelInfo};

/// What a call asks for besides the prompt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    pub(super) temperature: Option<Temperature>,
    pub(super) max_tokens: MaxTokens,
    pub(super) context_tokens: Option<u32>,
    pub(super) stream: bool,
}

pub(super) fn to_wire(model: &ModelId, prompt: &Prompt, wishes: Wishes) -> wire::Request {
    let names = call_names(prompt);
    let system = prompt.system.clone().filter(|system| !system.is_empty());
    let system = system.map(|content| InputMessage::System { content });
    let messages = prompt.messages.iter().flat_map(|message| messages(message, &names));
    wire::Request {
        model: model.to_string(),
        messages: system.into_iter().chain(messages).collect(),
        tools: prompt.tools.iter().map(tool).collect(),
        options: wire::Options {
            temperature: wishes.temperature.map(Temperature::get),
            num_predict: wishes.max_tokens.get(),
            num_ctx: wishes.context_tokens,
        },
        stream: wishes.stream,
    }
}

fn tool(tool: &ToolSpec) -> wire::Tool {
    let function = wire::ToolFunction {
        name: tool.name.to_string(),
        description: tool.description.clone(),
        parameters: tool.input_schema.clone(),
    };
    wire::Tool { r#type: FunctionType::Function, function }
}

/// Ollama knows results by the tool's name.
fn call_names(prompt: &Prompt) -> HashMap<&ToolCallId, &ToolName> {
    prompt.messages.iter().flat_map(Message::tool_calls).map(|call| (&call.id, &call.name)).collect()
}

fn messages(message: &Message, names: &HashMap<&ToolCallId, &ToolName>) -> Vec<InputMessage> {
    let text = message.plain_text();
    match message.role {
        Role::User => {
            let results = message.content.iter().filter_map(|part| match part {
                Content::ToolResult(result) => Some(InputMessage::Tool {
                    content: result.text.clone(),
                    tool_name: names.get(&result.call).map(ToString::to_string),
                    tool_call_id: result.call.to_string(),
                }),
                Content::Text(_) | Content::ToolCall(_) => None,
            });
            let text = Some(text).filter(|text| !text.is_empty()).map(|content| InputMessage::User { content });
            results.chain(text).collect()
        }
        Role::Assistant => {
            let tool_calls: Vec<_> = message.tool_calls().map(call_to_wire).collect();
            if text.is_empty() && tool_calls.is_empty() {
                return Vec::new();
            }
            vec![InputMessage::Assistant { content: text, tool_calls }]
        }
    }
}

fn call_to_wire(call: &ToolCall) -> wire::InputCall {
    let function = wire::InputFunction { name: call.name.to_string(), arguments: arguments_object(&call.arguments) };
    wire::InputCall { id: call.id.to_string(), function }
}

pub(super) fn from_wire(
    response: wire::Response,
    ids: &mut CallIds,
    served_by: ModelRef,
) -> Result<Generation, LlmError> {
    if let Some(error) = response.error {
        return Err(error.into_error());
    }
    if !response.done {
        return Err(TRUNCATED);
    }
    let (finish, usage) = (finish(response.done_reason)?, usage(&response));
    let message = response.message;
    let calls = message.tool_calls.unwrap_or_default().into_iter().map(|call| call_from_wire(call, ids)).collect();
    let answer = Answer { text: message.content.unwrap_or_default(), calls };
    Ok(answer.into_generation(finish, usage, served_by))
}

/// Arguments are objects; where a server gives text, it is read as the other providers' text is.
pub(super) fn call_from_wire(call: wire::OutputCall, ids: &mut CallIds) -> ToolCall {
    let given = match call.function.arguments {
        Value::String(text) => arguments(&text),
        Value::Null => arguments(""),
        other => other,
    };
    ToolCall { id: ids.or_next(call.id), name: ToolName::new(call.function.name), arguments: given }
}

/// Older servers give no reason; one still to come is the end of a turn. A model that was only loaded or unloaded has
/// answered nothing.
pub(super) const fn finish(reason: Option<DoneReason>) -> Result<FinishReason, LlmError> {
    match reason {
        Some(DoneReason::Stop | DoneReason::Unknown) | None => Ok(FinishReason::EndTurn),
        Some(DoneReason::Length) => Ok(FinishReason::MaxTokens),
        Some(DoneReason::Load | DoneReason::Unload) => {
            Err(LlmError::Malformed("the model was loaded or unloaded, but not asked"))
        }
    }
}

pub(super) fn usage(response: &wire::Response) -> Usage {
    Usage { input_tokens: response.prompt_eval_count.unwrap_or(0), output_tokens: response.eval_count.unwrap_or(0) }
}

pub(super) fn model_info(model: wire::Model) -> ModelInfo {
    const OURS: [&str; 4] = ["tools", "vision", "embedding", "thinking"];
    ModelInfo {
        provider: Provider::Ollama,
        id: ModelId::new(model.name),
        name: None,
        context_tokens: None,
        capabilities: model.capabilities.into_iter().filter(|word| OURS.contains(&word.as_str())).collect(),
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
