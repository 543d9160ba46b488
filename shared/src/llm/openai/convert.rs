//! Converts between the domain's types and `OpenAI`'s; pure.

use super::wire::{self, FunctionType, InputMessage, OutputArguments, OutputText};
use crate::domain::{
    Content, FinishReason, Generation, GenerationRequest, Message, ModelId, ModelRef, Provider, Role, Temperature,
    ToolCall, ToolName, ToolSpec, Usage,
};
use crate::llm::capabilities::{capabilities, takes_completion_limit};
use crate::llm::generation_parts::GenerationParts;
use crate::llm::tool_calls::{CallIds, arguments_object, parse_arguments};
use crate::llm::{LlmError, ModelInfo};

pub(super) fn to_wire(model: &ModelId, request: &GenerationRequest, stream: bool) -> wire::Request {
    let GenerationRequest { prompt, temperature, max_tokens } = request;
    let system = prompt.system.clone().filter(|system| !system.is_empty());
    let system = system.map(|content| InputMessage::System { content });
    let limit = Some(max_tokens.get());
    // Reasoning models refuse `max_tokens`, and other servers often know nothing else.
    let is_completion_limit = takes_completion_limit(model);
    wire::Request {
        model: model.to_string(),
        messages: system.into_iter().chain(prompt.messages.iter().flat_map(messages)).collect(),
        temperature: temperature.map(Temperature::get),
        max_tokens: limit.filter(|_| !is_completion_limit),
        max_completion_tokens: limit.filter(|_| is_completion_limit),
        tools: prompt.tools.iter().map(tool).collect(),
        stream,
        // Without this option a stream has no token counts.
        stream_options: stream.then_some(wire::StreamOptions { include_usage: true }),
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

/// Converts one message into one or more: each tool result is a message of its own, before the text.
fn messages(message: &Message) -> Vec<InputMessage> {
    let text = Some(message.plain_text()).filter(|text| !text.is_empty());
    match message.role {
        Role::User => {
            let results = message.content.iter().filter_map(|part| match part {
                Content::ToolResult(result) => {
                    Some(InputMessage::Tool { tool_call_id: result.call.to_string(), content: result.text.clone() })
                }
                Content::Text(_) | Content::ToolCall(_) => None,
            });
            results.chain(text.map(|content| InputMessage::User { content })).collect()
        }
        Role::Assistant => {
            let tool_calls: Vec<_> = message.tool_calls().map(call_to_wire).collect();
            if text.is_none() && tool_calls.is_empty() {
                return Vec::new();
            }
            vec![InputMessage::Assistant { content: text, tool_calls }]
        }
    }
}

fn call_to_wire(call: &ToolCall) -> wire::InputCall {
    // The API takes arguments as JSON within a string.
    let arguments = arguments_object(&call.arguments).to_string();
    let function = wire::InputFunction { name: call.name.to_string(), arguments };
    wire::InputCall { id: call.id.to_string(), r#type: FunctionType::Function, function }
}

pub(super) fn from_wire(
    response: wire::Response,
    ids: &mut CallIds,
    served_by: ModelRef,
) -> Result<Generation, LlmError> {
    if let Some(error) = response.error {
        return Err(error.into_error());
    }
    let usage = usage(response.usage.unwrap_or_default());
    let unusable = |reason| LlmError::Unusable { reason, usage };
    let choice = response.choices.into_iter().next().ok_or(unusable("the response has no choices"))?;
    let reason = choice.finish_reason.ok_or(unusable("the response has no finish_reason"))?;
    let message = choice.message;
    let refused = message.refusal.as_ref().is_some_and(|refusal| !refusal.is_empty());
    let mut parts = GenerationParts { text: message.content.map(text).unwrap_or_default(), calls: Vec::new() };
    // A refusal has a member of its own; to the client it is the answer's text.
    parts.text.push_str(message.refusal.as_deref().unwrap_or_default());
    for call in message.tool_calls.unwrap_or_default() {
        let name = call.function.name.ok_or(unusable("a tool call has no name"))?;
        parts.calls.push(ToolCall {
            id: ids.or_next(call.id),
            name: ToolName::new(name),
            arguments: match call.function.arguments {
                Some(OutputArguments::Object(object)) => object,
                Some(OutputArguments::Text(text)) => parse_arguments(&text),
                None => parse_arguments(""),
            },
        });
    }
    parts.into_generation(finish(reason, refused), usage, served_by)
}

pub(super) fn text(content: OutputText) -> String {
    match content {
        OutputText::Whole(text) => text,
        OutputText::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
    }
}

/// Converts a finish reason ("The chat completion object"). An unknown reason counts as the end of a turn.
pub(super) const fn finish(reason: wire::FinishReason, refused: bool) -> FinishReason {
    match reason {
        // The API reports `stop` for a refusal.
        _ if refused => FinishReason::Policy,
        wire::FinishReason::Stop | wire::FinishReason::Unknown => FinishReason::EndTurn,
        wire::FinishReason::Length => FinishReason::MaxTokens,
        wire::FinishReason::ToolCalls | wire::FinishReason::FunctionCall => FinishReason::ToolCalls,
        wire::FinishReason::ContentFilter => FinishReason::Policy,
    }
}

/// Converts token counts; a count that a server omits is 0. Cached tokens are part of `prompt_tokens`.
pub(super) fn usage(usage: wire::Usage) -> Usage {
    Usage { input_tokens: usage.prompt_tokens.unwrap_or(0), output_tokens: usage.completion_tokens.unwrap_or(0) }
}

pub(super) fn model_info(model: wire::Model) -> ModelInfo {
    let id = ModelId::new(model.id);
    let known = capabilities(Provider::OpenAi, &id);
    ModelInfo {
        provider: Provider::OpenAi,
        name: None,
        context_tokens: model.context_length.or(known.context_tokens),
        capabilities: known.tools.filter(|tools| *tools).map(|_| "tools".to_owned()).into_iter().collect(),
        id,
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
