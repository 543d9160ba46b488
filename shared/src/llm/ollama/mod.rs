//! Ollama's chat API: `POST /api/chat`, `GET /api/tags`.
//!
//! Must not know the other providers.

mod convert;
mod stream;
mod wire;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::decode::decode_stream;
use super::tool_calls::CallIds;
use super::transport::{ByteStream, KeyHeader, ProviderHttp};
use super::{
    ClientMetadata, GenerationStream, HttpContext, InvalidSettings, LLMClient, LlmError, ModelInfo, ProviderSettings,
    frames,
};
use crate::domain::{Generation, GenerationRequest, ModelId, ModelRef, Provider};

/// The default address of Ollama's API.
pub const DEFAULT_BASE_URL: &str = "http://127.0.0.1:11434";

const CHAT: &str = "api/chat";

/// A client of one model at an Ollama server.
pub struct OllamaClient {
    http: ProviderHttp,
    metadata: ClientMetadata,
    context_tokens: Option<u32>,
}

impl OllamaClient {
    /// Creates a client. The key, if a server in front of Ollama needs one, is sent as a bearer token. The server loads
    /// the model with a context of `context_tokens`, or of its own default. Older servers silently cut longer prompts.
    ///
    /// # Errors
    /// [`InvalidSettings`] if no request can be made of the settings.
    pub fn new(
        context: &HttpContext,
        settings: &ProviderSettings,
        model: ModelId,
        context_tokens: Option<u32>,
    ) -> Result<Self, InvalidSettings> {
        let key = KeyHeader { name: AUTHORIZATION, prefix: "Bearer " };
        Ok(Self {
            http: ProviderHttp::new(context, settings, key, HeaderMap::new())?,
            metadata: ClientMetadata { model: ModelRef { provider: Provider::Ollama, model } },
            context_tokens,
        })
    }
}

/// Decodes a streamed response. Calls without an id get one of `ids`.
pub(super) fn decode(bytes: ByteStream, ids: CallIds) -> GenerationStream {
    decode_stream(frames::lines(bytes), stream::StreamDecoder::new(ids))
}

#[async_trait]
impl LLMClient for OllamaClient {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        let model = &self.metadata.model;
        let body = convert::to_wire(&model.model, request, self.context_tokens, false);
        let response = self.http.post(CHAT, &body).await?;
        // Older servers give calls no ids, so generated ones continue those of the conversation.
        convert::from_wire(response, &mut CallIds::after(&request.prompt), model.clone())
    }

    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        let body = convert::to_wire(&self.metadata.model.model, request, self.context_tokens, true);
        let (bytes, timeouts) = self.http.post_streaming(CHAT, "application/x-ndjson", &body).await?;
        Ok(timeouts.observing(decode(bytes, CallIds::after(&request.prompt))))
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        let tags: wire::Tags = self.http.get("api/tags", &[]).await?;
        Ok(tags.models.into_iter().map(convert::model_info).collect())
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}

#[cfg(test)]
mod tests;
