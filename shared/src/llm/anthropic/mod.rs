//! Anthropic's Messages API: `POST /v1/messages`, `POST /v1/messages/count_tokens`, `GET /v1/models`.
//!
//! Must not know the other providers.

mod convert;
mod stream;
mod wire;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::decode::decode_stream;
use super::transport::{ByteStream, KeyHeader, ProviderHttp};
use super::{
    ClientMetadata, GenerationStream, HttpContext, InvalidSettings, LLMClient, LlmError, ModelInfo, ProviderSettings,
    frames,
};
use crate::domain::{Generation, GenerationRequest, ModelId, ModelRef, Prompt, Provider};

/// The address of Anthropic's API.
pub const DEFAULT_BASE_URL: &str = "https://api.anthropic.com";

const MESSAGES: &str = "v1/messages";
const COUNT_TOKENS: &str = "v1/messages/count_tokens";
/// The most pages of models that are read; a list with more is taken to be endless.
const MAX_PAGES: usize = 20;

/// A client of one Claude model, at Anthropic or at a server with the same API.
pub struct AnthropicClient {
    http: ProviderHttp,
    metadata: ClientMetadata,
}

impl AnthropicClient {
    /// Creates a client, which sends the key in `x-api-key`.
    ///
    /// # Errors
    /// [`InvalidSettings`] if no request can be made of the settings.
    pub fn new(context: &HttpContext, settings: &ProviderSettings, model: ModelId) -> Result<Self, InvalidSettings> {
        // The API requires a version, and keeps the format of each version.
        let version = (HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));
        let key = KeyHeader { name: HeaderName::from_static("x-api-key"), prefix: "" };
        Ok(Self {
            http: ProviderHttp::new(context, settings, key, HeaderMap::from_iter([version]))?,
            metadata: ClientMetadata { model: ModelRef { provider: Provider::Anthropic, model } },
        })
    }
}

/// Decodes a streamed response.
pub(super) fn decode(bytes: ByteStream) -> GenerationStream {
    decode_stream(frames::events(bytes), stream::StreamDecoder::default())
}

#[async_trait]
impl LLMClient for AnthropicClient {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        let model = &self.metadata.model;
        let body = convert::to_wire(&model.model, request, false);
        convert::from_wire(self.http.post(MESSAGES, &body).await?, model.clone())
    }

    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        let body = convert::to_wire(&self.metadata.model.model, request, true);
        let (bytes, timeouts) = self.http.post_streaming(MESSAGES, "text/event-stream", &body).await?;
        Ok(timeouts.observing(decode(bytes)))
    }

    async fn count_tokens(&self, prompt: &Prompt) -> Result<Option<u64>, LlmError> {
        let body = convert::to_count(&self.metadata.model.model, prompt);
        let count: wire::TokenCount = self.http.post(COUNT_TOKENS, &body).await?;
        Ok(Some(count.input_tokens))
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        let mut models = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let query = after.as_deref().map(|id| ("after_id", id));
            // The largest page that the API allows, so that one request is usually enough.
            let query: Vec<_> = [("limit", "1000")].into_iter().chain(query).collect();
            let page: wire::ModelPage = self.http.get("v1/models", &query).await?;
            models.extend(page.data.into_iter().map(convert::model_info));
            after = page.last_id.filter(|_| page.has_more);
            if after.is_none() {
                return Ok(models);
            }
        }
        Err(LlmError::Malformed("the list of models does not end"))
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}

#[cfg(test)]
mod tests;
