//! Messages of a conversation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Marks, ResultSource, ToolCallId, ToolName, stored_bytes};

/// The author of a message. A tool's result is part of a [`Role::User`] message, as providers expect it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The caller, or the gateway on behalf of a tool.
    User,
    /// The model.
    Assistant,
}

/// One message: a role and its parts, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The author.
    pub role: Role,
    /// The parts; none if a model wrote nothing.
    pub content: Vec<Content>,
    /// What it carries of the texts that it was written after.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
}

/// A part of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text(#[debug("[{} bytes]", _0.len())] String),
    /// A tool call that the model proposes.
    ToolCall(ToolCall),
    /// The result of a tool call.
    ToolResult(ToolResult),
}

/// A call that the model proposes. It does not run until policy has allowed it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
pub struct ToolCall {
    /// The provider's id of the call.
    pub id: ToolCallId,
    /// The tool.
    pub name: ToolName,
    /// The arguments, as the model wrote them.
    #[debug("[hidden]")]
    pub arguments: Value,
}

/// The result of a tool call, as the model reads it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
pub struct ToolResult {
    /// The call that produced it.
    pub call: ToolCallId,
    /// The text for the model.
    #[debug("[{} bytes]", text.len())]
    pub text: String,
    /// Whether the call failed or was refused.
    pub is_error: bool,
    /// Who has written the text.
    #[serde(default, skip_serializing_if = "ResultSource::is_untrusted")]
    pub source: ResultSource,
}

impl Message {
    /// Creates a message without marks.
    #[must_use]
    pub fn new(role: Role, content: Vec<Content>) -> Self {
        Self { role, content, marks: Marks::default() }
    }

    /// Creates a message of one text part.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self::new(role, vec![Content::Text(text.into())])
    }

    /// Returns the message with these marks.
    #[must_use]
    pub fn with_marks(self, marks: Marks) -> Self {
        Self { marks, ..self }
    }

    /// Returns all text parts, joined.
    #[must_use]
    pub fn plain_text(&self) -> String {
        self.content
            .iter()
            .filter_map(|part| match part {
                Content::Text(text) => Some(text.as_str()),
                Content::ToolCall(_) | Content::ToolResult(_) => None,
            })
            .collect()
    }

    /// Returns the calls that the message proposes.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.content.iter().filter_map(|part| match part {
            Content::ToolCall(call) => Some(call),
            Content::Text(_) | Content::ToolResult(_) => None,
        })
    }

    /// Returns whether the message holds a tool result. Such a message must follow the message with its call.
    #[must_use]
    pub fn has_tool_result(&self) -> bool {
        self.content.iter().any(|part| matches!(part, Content::ToolResult(_)))
    }

    /// Returns the bytes that the message's content takes where it is stored, as JSON.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        let stored = |part: &Content| match part {
            Content::Text(text) => stored_bytes(text),
            Content::ToolCall(call) => stored_bytes(&call.arguments.to_string()),
            Content::ToolResult(result) => stored_bytes(&result.text),
        };
        self.content.iter().map(stored).sum()
    }

    /// Returns the size of what a model reads of the message, in bytes of UTF-8 (arguments as JSON).
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.content.iter().map(Content::size_bytes).sum()
    }
}

impl Content {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::ToolCall(call) => call.name.as_str().len() + call.arguments.to_string().len(),
            Self::ToolResult(result) => result.text.len(),
        }
    }
}
