//! Wire types of `OpenAI`'s Chat Completions API, as `OpenAI` and compatible servers use it. Unknown members are ignored.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::llm::transport::InBandError;

#[derive(Serialize)]
pub(super) struct Request {
    pub(super) model: String,
    pub(super) messages: Vec<InputMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<Tool>,
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
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
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<InputCall>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

/// The type of tools and calls; requests contain only functions.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FunctionType {
    Function,
}

#[derive(Serialize)]
pub(super) struct InputCall {
    pub(super) id: String,
    pub(super) r#type: FunctionType,
    pub(super) function: InputFunction,
}

#[derive(Serialize)]
pub(super) struct InputFunction {
    pub(super) name: String,
    pub(super) arguments: String,
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

/// A response, or an error that some servers send with HTTP 200.
#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) error: Option<InBandError>,
    #[serde(default)]
    pub(super) choices: Vec<Choice>,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    pub(super) message: OutputMessage,
    #[serde(default)]
    pub(super) finish_reason: Option<FinishReason>,
}

#[derive(Default, Deserialize)]
pub(super) struct OutputMessage {
    #[serde(default)]
    pub(super) content: Option<OutputText>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<OutputCall>>,
}

/// Text, or parts of which some hold text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OutputText {
    Whole(String),
    Parts(Vec<TextPart>),
}

#[derive(Deserialize)]
pub(super) struct TextPart {
    #[serde(default)]
    pub(super) text: Option<String>,
}

/// A call, or a piece of one. In a stream the first piece holds the id and the name.
#[derive(Deserialize)]
pub(super) struct OutputCall {
    #[serde(default)]
    pub(super) index: Option<u32>,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) function: OutputFunction,
}

#[derive(Default, Deserialize)]
pub(super) struct OutputFunction {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) arguments: Option<OutputArguments>,
}

/// Arguments as JSON in a string, as the API defines them, or as the object itself, as some servers send them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OutputArguments {
    Text(String),
    Object(Value),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FinishReason {
    Stop,
    Length,
    ToolCalls,
    FunctionCall,
    ContentFilter,
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) prompt_tokens: Option<u64>,
    #[serde(default)]
    pub(super) completion_tokens: Option<u64>,
}

/// A frame of the stream other than `[DONE]`.
#[derive(Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) error: Option<InBandError>,
    #[serde(default)]
    pub(super) choices: Vec<ChunkChoice>,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
}

#[derive(Deserialize)]
pub(super) struct ChunkChoice {
    #[serde(default)]
    pub(super) index: u32,
    #[serde(default)]
    pub(super) delta: OutputMessage,
    #[serde(default)]
    pub(super) finish_reason: Option<FinishReason>,
}

/// `GET /models`.
#[derive(Deserialize)]
pub(super) struct Models {
    pub(super) data: Vec<Model>,
}

#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) id: String,
    /// The context size, which some servers add.
    #[serde(default, alias = "max_model_len")]
    pub(super) context_length: Option<u32>,
}
