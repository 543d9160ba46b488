//! The port to language models and the adapters of four providers.
//!
//! Must not know conversations or policy; a provider must not know another.

pub mod anthropic;
pub mod bedrock;
mod call_meter;
mod capabilities;
mod client;
mod context_overflow;
mod decode;
mod error;
mod fallback;
mod frames;
#[cfg(any(test, feature = "testing"))]
pub mod fuzzing;
mod generation_parts;
pub mod ollama;
pub mod openai;
mod retry;
mod settings;
mod stream;
mod stream_timeouts;
#[cfg(test)]
mod test_support;
mod tool_calls;
mod transport;
#[cfg(test)]
mod unknown_tools_tests;

pub use anthropic::AnthropicClient;
pub use call_meter::{CallMeter, CallTotals};
pub use capabilities::{Capabilities, TemperatureRule, capabilities, check};
pub use client::{ClientMetadata, LLMClient, ListModels, ModelInfo};
pub use error::LlmError;
pub use fallback::{Fallback, ModelError, StreamedGeneration};
pub use ollama::OllamaClient;
pub use openai::OpenAiClient;
pub use retry::{RetryPolicy, Retrying};
pub use settings::{HttpContext, InvalidSettings, ProviderSettings};
pub use stream::{GenerationStream, PartialGeneration, StreamEvent, fold};
