//! The stored shape of a message's parts, as JSON.
//!
//! Its member names are short, because every turn with a tool call pays for them. None is the name of an attribute with
//! another meaning: `t` is text here and there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Content, ResultSource, ToolCall, ToolCallId, ToolName, ToolResult};
use crate::store::error::StoreError;

#[derive(Serialize, Deserialize)]
enum Part {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "l")]
    Call {
        #[serde(rename = "i")]
        id: String,
        #[serde(rename = "w")]
        name: String,
        #[serde(rename = "j")]
        arguments: Value,
    },
    #[serde(rename = "s")]
    Result {
        #[serde(rename = "i")]
        call: String,
        #[serde(rename = "t")]
        text: String,
        #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        /// Absent means untrusted.
        #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    },
}

#[derive(Serialize, Deserialize)]
enum Source {
    #[serde(rename = "g")]
    Gateway,
    #[serde(rename = "t")]
    Trusted,
}

pub(super) fn to_json(content: &[Content]) -> Result<String, StoreError> {
    let parts: Vec<Part> = content.iter().map(to_part).collect();
    serde_json::to_string(&parts).map_err(|_| StoreError::Refused("a message could not be written as JSON".to_owned()))
}

pub(super) fn from_json(json: &str) -> Result<Vec<Content>, StoreError> {
    let parts: Vec<Part> =
        serde_json::from_str(json).map_err(|_| StoreError::Corrupt("the parts of a message cannot be read"))?;
    Ok(parts.into_iter().map(from_part).collect())
}

fn to_part(content: &Content) -> Part {
    match content {
        Content::Text(text) => Part::Text(text.clone()),
        Content::ToolCall(ToolCall { id, name, arguments }) => {
            Part::Call { id: id.as_str().to_owned(), name: name.as_str().to_owned(), arguments: arguments.clone() }
        }
        Content::ToolResult(ToolResult { call, text, is_error, source }) => {
            let source = match source {
                ResultSource::Gateway => Some(Source::Gateway),
                ResultSource::Trusted => Some(Source::Trusted),
                ResultSource::Untrusted => None,
            };
            Part::Result { call: call.as_str().to_owned(), text: text.clone(), is_error: *is_error, source }
        }
    }
}

fn from_part(part: Part) -> Content {
    match part {
        Part::Text(text) => Content::Text(text),
        Part::Call { id, name, arguments } => {
            Content::ToolCall(ToolCall { id: ToolCallId::new(id), name: ToolName::new(name), arguments })
        }
        Part::Result { call, text, is_error, source } => {
            let source = match source {
                Some(Source::Gateway) => ResultSource::Gateway,
                Some(Source::Trusted) => ResultSource::Trusted,
                None => ResultSource::Untrusted,
            };
            Content::ToolResult(ToolResult { call: ToolCallId::new(call), text, is_error, source })
        }
    }
}
