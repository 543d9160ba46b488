//! Wire types of Ollama's chat API. Unknown members are ignored.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::llm::transport::InBandError;

#[derive(Serialize)]
pub(super) struct Request {
    pub(super) model: String,
    pub(super) messages: Vec<InputMessage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<Tool>,
    pub(super) options: Options,
    /// Whether a server may cut a prompt that exceeds the context; older servers always do.
    pub(super) truncate: bool,
    pub(super) stream: bool,
}

#[derive(Serialize)]
pub(super) struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    pub(super) num_predict: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) num_ctx: Option<u32>,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum InputMessage {
    System {
        content: String,
    },
    User {
        content: String,
    },
    Assistant {
        content: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<InputCall>,
    },
    Tool {
        content: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        tool_name: Option<String>,
        tool_call_id: String,
    },
}

#[derive(Serialize)]
pub(super) struct InputCall {
    pub(super) id: String,
    pub(super) function: InputFunction,
}

#[derive(Serialize)]
pub(super) struct InputFunction {
    pub(super) name: String,
    pub(super) arguments: Value,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FunctionType {
    Function,
}

#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) r#type: FunctionType,
    pub(super) function: ToolFunction,
}

#[derive(Serialize)]
pub(super) struct ToolFunction {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) parameters: Value,
}

/// A response, or one line of a streamed one.
#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) error: Option<InBandError>,
    #[serde(default)]
    pub(super) message: OutputMessage,
    #[serde(default)]
    pub(super) done: bool,
    #[serde(default)]
    pub(super) done_reason: Option<DoneReason>,
    /// Omitted if the prompt was cached.
    #[serde(default)]
    pub(super) prompt_eval_count: Option<u64>,
    #[serde(default)]
    pub(super) eval_count: Option<u64>,
}

#[derive(Default, Deserialize)]
pub(super) struct OutputMessage {
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<OutputCall>>,
}

#[derive(Deserialize)]
pub(super) struct OutputCall {
    /// Set by newer servers.
    #[serde(default)]
    pub(super) id: Option<String>,
    pub(super) function: OutputFunction,
}

#[derive(Deserialize)]
pub(super) struct OutputFunction {
    pub(super) name: String,
    #[serde(default)]
    pub(super) arguments: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DoneReason {
    Stop,
    Length,
    Load,
    Unload,
    #[serde(other)]
    Unknown,
}

/// `GET /api/tags`.
#[derive(Deserialize)]
pub(super) struct Tags {
    pub(super) models: Vec<Model>,
}

#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) name: String,
    /// Set by newer servers.
    #[serde(default)]
    pub(super) capabilities: Vec<String>,
}
