//! Converts between the domain's types and the SDK's, which are the wire types; pure.

use std::collections::BTreeSet;

use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseOutput as Output, ConverseTokensRequest, CountTokensInput,
    GuardrailConfiguration, GuardrailStreamConfiguration, GuardrailStreamProcessingMode, InferenceConfiguration,
    Message as WireMessage, StopReason, SystemContentBlock, TokenUsage, Tool, ToolConfiguration, ToolInputSchema,
    ToolResultBlock, ToolResultContentBlock, ToolResultStatus, ToolSpecification, ToolUseBlock,
};
use serde_json::{Value, json};

use super::document::{to_document, to_value};
use crate::domain::{
    Content, FinishReason, Generation, GenerationRequest, Guardrail, Message, ModelRef, Prompt, Role, Temperature,
    ToolCall, ToolCallId, ToolName, ToolResult, Usage,
};
use crate::llm::LlmError;
use crate::llm::generation_parts::GenerationParts;
use crate::llm::tool_calls::arguments_object;

/// The members that requests of `Converse` and `ConverseStream` share.
pub(super) struct WireRequest {
    pub(super) system: Option<Vec<SystemContentBlock>>,
    pub(super) messages: Vec<WireMessage>,
    pub(super) inference: InferenceConfiguration,
    pub(super) tools: Option<ToolConfiguration>,
}

/// Converts a request.
///
/// # Errors
/// Only if a member that the API requires is not set, which the code below rules out.
pub(super) fn to_wire(request: &GenerationRequest) -> Result<WireRequest, BuildError> {
    let GenerationRequest { prompt, temperature, max_tokens } = request;
    let inference = InferenceConfiguration::builder()
        .max_tokens(i32::try_from(max_tokens.get()).unwrap_or(i32::MAX))
        .set_temperature(temperature.map(single))
        .build();
    Ok(WireRequest { system: system(prompt), messages: messages(&prompt.messages)?, inference, tools: tools(prompt)? })
}

/// Converts a prompt for `CountTokens`.
///
/// # Errors
/// As [`to_wire`].
pub(super) fn to_count(prompt: &Prompt) -> Result<CountTokensInput, BuildError> {
    let request = ConverseTokensRequest::builder()
        .set_system(system(prompt))
        .set_messages(Some(messages(&prompt.messages)?))
        .set_tool_config(tools(prompt)?)
        .build();
    Ok(CountTokensInput::Converse(request))
}

fn system(prompt: &Prompt) -> Option<Vec<SystemContentBlock>> {
    let system = prompt.system.clone().filter(|system| !system.trim().is_empty());
    system.map(|system| vec![SystemContentBlock::Text(system)])
}

/// Converts a guardrail for `Converse`.
pub(super) fn guardrail(guardrail: &Guardrail) -> GuardrailConfiguration {
    GuardrailConfiguration::builder().guardrail_identifier(&guardrail.id).guardrail_version(&guardrail.version).build()
}

/// Converts a guardrail for `ConverseStream`. It checks before the text is sent: a text that has been sent cannot be taken
/// back.
pub(super) fn streamed_guardrail(guardrail: &Guardrail) -> GuardrailStreamConfiguration {
    GuardrailStreamConfiguration::builder()
        .guardrail_identifier(&guardrail.id)
        .guardrail_version(&guardrail.version)
        .stream_processing_mode(GuardrailStreamProcessingMode::Sync)
        .build()
}

#[expect(clippy::cast_possible_truncation, reason = "the API takes 32 bits, enough for a number from 0 to 2")]
const fn single(temperature: Temperature) -> f32 {
    temperature.get() as f32
}

/// Joins consecutive messages of one role, puts tool results first in their message, and leaves blank text out: the API
/// refuses the opposite of each.
fn messages(messages: &[Message]) -> Result<Vec<WireMessage>, BuildError> {
    let mut merged: Vec<(ConversationRole, Vec<ContentBlock>)> = Vec::with_capacity(messages.len());
    for message in messages {
        let role = match message.role {
            Role::User => ConversationRole::User,
            Role::Assistant => ConversationRole::Assistant,
        };
        let blocks: Vec<_> =
            message.content.iter().filter_map(|content| block(content).transpose()).collect::<Result<_, _>>()?;
        match merged.last_mut() {
            Some((last, content)) if *last == role => content.extend(blocks),
            _ if blocks.is_empty() => {}
            _ => merged.push((role, blocks)),
        }
    }
    let built = merged.into_iter().map(|(role, mut blocks)| {
        // The sort is stable, so results and texts keep their order.
        blocks.sort_by_key(|block| !block.is_tool_result());
        WireMessage::builder().role(role).set_content(Some(blocks)).build()
    });
    built.collect()
}

fn block(content: &Content) -> Result<Option<ContentBlock>, BuildError> {
    Ok(match content {
        Content::Text(text) if text.trim().is_empty() => None,
        Content::Text(text) => Some(ContentBlock::Text(text.clone())),
        Content::ToolCall(call) => Some(ContentBlock::ToolUse(
            ToolUseBlock::builder()
                .tool_use_id(call.id.as_str())
                .name(call.name.as_str())
                .input(to_document(&arguments_object(&call.arguments)))
                .build()?,
        )),
        Content::ToolResult(result) => Some(ContentBlock::ToolResult(tool_result(result)?)),
    })
}

/// Converts a tool result.
fn tool_result(result: &ToolResult) -> Result<ToolResultBlock, BuildError> {
    // A blank text is refused, while a result without content is not.
    let text = (!result.text.trim().is_empty()).then(|| ToolResultContentBlock::Text(result.text.clone()));
    ToolResultBlock::builder()
        .tool_use_id(result.call.as_str())
        .set_content(Some(text.into_iter().collect()))
        // Set only for errors, since only some models accept a status.
        .set_status(result.is_error.then_some(ToolResultStatus::Error))
        .build()
}

/// Converts the tools on offer, or names those that were called if none is on offer.
fn tools(prompt: &Prompt) -> Result<Option<ToolConfiguration>, BuildError> {
    let mut tools = prompt
        .tools
        .iter()
        .map(|tool| specification(tool.name.as_str(), &tool.description, &tool.input_schema))
        .collect::<Result<Vec<_>, _>>()?;
    // The API requires a list whenever the conversation holds calls.
    if tools.is_empty() {
        let called = prompt.messages.iter().flat_map(Message::tool_calls).map(|call| call.name.as_str());
        for name in called.collect::<BTreeSet<_>>() {
            tools.push(specification(name, "No longer available.", &json!({ "type": "object" }))?);
        }
    }
    if tools.is_empty() {
        return Ok(None);
    }
    ToolConfiguration::builder().set_tools(Some(tools)).build().map(Some)
}

fn specification(name: &str, description: &str, schema: &Value) -> Result<Tool, BuildError> {
    // The API refuses an empty description.
    let description = Some(description).filter(|text| !text.is_empty()).map(str::to_owned);
    let specification = ToolSpecification::builder()
        .name(name)
        .set_description(description)
        .input_schema(ToolInputSchema::Json(to_document(schema)))
        .build()?;
    Ok(Tool::ToolSpec(specification))
}

/// Converts a whole response. Reasoning, citations and other parts that were not requested are left out.
pub(super) fn from_wire(response: ConverseOutput, served_by: ModelRef) -> Result<Generation, LlmError> {
    let usage = response.usage.as_ref().map(usage).unwrap_or_default();
    let unusable = |reason| LlmError::Unusable { reason, usage };
    let Some(Output::Message(message)) = response.output else { return Err(unusable("the response has no message")) };
    let finish = finish(&response.stop_reason).map_err(unusable)?;
    let mut parts = GenerationParts::default();
    for block in message.content {
        match block {
            ContentBlock::Text(text) => parts.text.push_str(&text),
            ContentBlock::ToolUse(call) => parts.calls.push(ToolCall {
                id: ToolCallId::new(call.tool_use_id),
                name: ToolName::new(call.name),
                arguments: to_value(call.input),
            }),
            _ => {}
        }
    }
    parts.into_generation(finish, usage, served_by)
}

/// Converts a stop reason (API reference, "Converse", `stopReason`). An unknown one counts as the end of a turn.
///
/// # Errors
/// Why the reply cannot be used.
pub(super) fn finish(reason: &StopReason) -> Result<FinishReason, &'static str> {
    match reason {
        StopReason::ToolUse => Ok(FinishReason::ToolCalls),
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => Ok(FinishReason::MaxTokens),
        StopReason::StopSequence => Ok(FinishReason::StopSequence),
        StopReason::GuardrailIntervened | StopReason::ContentFiltered => Ok(FinishReason::Policy),
        // An answer that Bedrock itself calls malformed must not pass for a short one.
        StopReason::MalformedModelOutput => Err("the model's output is malformed"),
        StopReason::MalformedToolUse => Err("the model's tool call is malformed"),
        _ => Ok(FinishReason::EndTurn),
    }
}

/// Converts token counts.
pub(super) fn usage(usage: &TokenUsage) -> Usage {
    // The SDK's counts are signed.
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    // `inputTokens` does not include tokens read from or written to the cache (user guide, Prompt caching).
    let cached = [usage.cache_read_input_tokens, usage.cache_write_input_tokens];
    Usage {
        input_tokens: cached.into_iter().flatten().map(count).fold(count(usage.input_tokens), u64::saturating_add),
        output_tokens: count(usage.output_tokens),
    }
}
