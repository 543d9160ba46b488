//! Converts between the domain's types and Ollama's; pure.

use std::collections::HashMap;

use serde_json::Value;

use super::wire::{self, DoneReason, FunctionType, InputMessage};
use crate::domain::{
    Content, FinishReason, Generation, GenerationRequest, Message, ModelId, ModelRef, Prompt, Provider, Role,
    Temperature, ToolCall, ToolCallId, ToolName, ToolSpec, Usage,
};
use crate::llm::error::TRUNCATED;
use crate::llm::generation_parts::GenerationParts;
use crate::llm::tool_calls::{CallIds, arguments_object, parse_arguments};
use crate::llm::{LlmError, ModelInfo};

pub(super) fn to_wire(
    model: &ModelId,
    request: &GenerationRequest,
    context_tokens: Option<u32>,
    stream: bool,
) -> wire::Request {
    let GenerationRequest { prompt, temperature, max_tokens } = request;
    let names = call_names(prompt);
    let system = prompt.system.clone().filter(|system| !system.is_empty());
    let system = system.map(|content| InputMessage::System { content });
    let messages = prompt.messages.iter().flat_map(|message| messages(message, &names));
    wire::Request {
        model: model.to_string(),
        messages: system.into_iter().chain(messages).collect(),
        tools: prompt.tools.iter().map(tool).collect(),
        options: wire::Options {
            temperature: temperature.map(Temperature::get),
            num_predict: max_tokens.get(),
            num_ctx: context_tokens,
        },
        // The gateway chooses which earlier messages to leave out, so an error is better than a silent cut.
        truncate: false,
        stream,
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

/// Maps call ids to tool names, by which Ollama identifies results.
fn call_names(prompt: &Prompt) -> HashMap<&ToolCallId, &ToolName> {
    prompt.messages.iter().flat_map(Message::tool_calls).map(|call| (&call.id, &call.name)).collect()
}

fn messages(message: &Message, names: &HashMap<&ToolCallId, &ToolName>) -> Vec<InputMessage> {
    let text = message.plain_text();
    match message.role {
        Role::User => {
            // Results come before the text, so that they follow the message with their calls.
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
    // Even a whole response marks its end.
    if !response.done {
        return Err(TRUNCATED);
    }
    let (finish, usage) = (finish(response.done_reason)?, usage(&response));
    let message = response.message;
    let calls = message.tool_calls.unwrap_or_default().into_iter().map(|call| call_from_wire(call, ids)).collect();
    let parts = GenerationParts { text: message.content.unwrap_or_default(), calls };
    parts.into_generation(finish, usage, served_by)
}

/// Converts a call.
pub(super) fn call_from_wire(call: wire::OutputCall, ids: &mut CallIds) -> ToolCall {
    let given = match call.function.arguments {
        // Arguments are an object; some servers send text, as OpenAI's protocol does.
        Value::String(text) => parse_arguments(&text),
        Value::Null => parse_arguments(""),
        other => other,
    };
    ToolCall { id: ids.or_next(call.id), name: ToolName::new(call.function.name), arguments: given }
}

/// Converts a done reason. Older servers omit it; an unknown one counts as the end of a turn.
///
/// # Errors
/// [`LlmError::Malformed`] if the model was only loaded or unloaded.
pub(super) const fn finish(reason: Option<DoneReason>) -> Result<FinishReason, LlmError> {
    match reason {
        Some(DoneReason::Stop | DoneReason::Unknown) | None => Ok(FinishReason::EndTurn),
        Some(DoneReason::Length) => Ok(FinishReason::MaxTokens),
        Some(DoneReason::Load | DoneReason::Unload) => {
            Err(LlmError::Malformed("the model was loaded or unloaded without a generation"))
        }
    }
}

pub(super) fn usage(response: &wire::Response) -> Usage {
    Usage { input_tokens: response.prompt_eval_count.unwrap_or(0), output_tokens: response.eval_count.unwrap_or(0) }
}

pub(super) fn model_info(model: wire::Model) -> ModelInfo {
    // The other names, such as `completion`, do not distinguish one model from another.
    const KNOWN: [&str; 4] = ["tools", "vision", "embedding", "thinking"];
    ModelInfo {
        provider: Provider::Ollama,
        id: ModelId::new(model.name),
        name: None,
        context_tokens: None,
        capabilities: model.capabilities.into_iter().filter(|name| KNOWN.contains(&name.as_str())).collect(),
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
