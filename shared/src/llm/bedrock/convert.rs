//! From a prompt to the SDK's shapes; pure. (Converse has no wire file: the SDK's types are the wire's.)

use std::collections::BTreeSet;

use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message as WireMessage, SystemContentBlock, Tool,
    ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock, ToolResultStatus, ToolSpecification,
    ToolUseBlock,
};
use serde_json::{Value, json};

use super::document::to_document;
use crate::domain::{Content, GenerationRequest, Message, Prompt, Role, Temperature, ToolResult};
use crate::llm::assembly::arguments_object;

/// What `Converse` and `ConverseStream` are both asked with.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) system: Option<Vec<SystemContentBlock>>,
    pub(super) messages: Vec<WireMessage>,
    pub(super) inference: InferenceConfiguration,
    pub(super) tools: Option<ToolConfiguration>,
}

/// # Errors
/// Only where a member that the API wants is not set, which the code below rules out.
pub(super) fn to_wire(request: &GenerationRequest) -> Result<Conversation, BuildError> {
    let GenerationRequest { prompt, temperature, max_tokens } = request;
    let system = prompt.system.clone().filter(|system| !system.trim().is_empty());
    let inference = InferenceConfiguration::builder()
        .max_tokens(i32::try_from(max_tokens.get()).unwrap_or(i32::MAX))
        .set_temperature(temperature.map(single))
        .build();
    Ok(Conversation {
        system: system.map(|system| vec![SystemContentBlock::Text(system)]),
        messages: messages(&prompt.messages)?,
        inference,
        tools: tools(prompt)?,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the API takes 32 bits, enough for a number from 0 to 2")]
const fn single(temperature: Temperature) -> f32 {
    temperature.get() as f32
}

/// Consecutive messages of one role become one, tool results come first in theirs, and blank text is left out: the API
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

/// `status` is set only for errors, since only some models take it.
fn tool_result(result: &ToolResult) -> Result<ToolResultBlock, BuildError> {
    let text = (!result.text.trim().is_empty()).then(|| ToolResultContentBlock::Text(result.text.clone()));
    ToolResultBlock::builder()
        .tool_use_id(result.call.as_str())
        .set_content(Some(text.into_iter().collect()))
        .set_status(result.is_error.then_some(ToolResultStatus::Error))
        .build()
}

/// The tools on offer. Where there are none but the conversation has calls, the API still wants a list: the called
/// ones are named then, without arguments.
fn tools(prompt: &Prompt) -> Result<Option<ToolConfiguration>, BuildError> {
    let mut tools = prompt
        .tools
        .iter()
        .map(|tool| specification(tool.name.as_str(), &tool.description, &tool.input_schema))
        .collect::<Result<Vec<_>, _>>()?;
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
    let description = Some(description).filter(|text| !text.is_empty()).map(str::to_owned);
    let specification = ToolSpecification::builder()
        .name(name)
        .set_description(description)
        .input_schema(ToolInputSchema::Json(to_document(schema)))
        .build()?;
    Ok(Tool::ToolSpec(specification))
}
