//! `OpenAI`'s Chat Completions API, and servers with the same API: `POST /chat/completions`, `GET /models`.
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

/// The address of `OpenAI`'s API.
pub const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";

const COMPLETIONS: &str = "chat/completions";

/// A client of one model behind the Chat Completions API.
pub struct OpenAiClient {
    http: ProviderHttp,
    metadata: ClientMetadata,
}

impl OpenAiClient {
    /// Creates a client, which sends the key, if there is one, as a bearer token.
    ///
    /// # Errors
    /// [`InvalidSettings`] if no request can be made of the settings.
    pub fn new(context: &HttpContext, settings: &ProviderSettings, model: ModelId) -> Result<Self, InvalidSettings> {
        let key = KeyHeader { name: AUTHORIZATION, prefix: "Bearer " };
        Ok(Self {
            http: ProviderHttp::new(context, settings, key, HeaderMap::new())?,
            metadata: ClientMetadata { model: ModelRef { provider: Provider::OpenAi, model } },
        })
    }
}

/// Decodes a streamed response. Calls without an id get one of `ids`.
pub(super) fn decode(bytes: ByteStream, ids: CallIds) -> GenerationStream {
    decode_stream(frames::events(bytes), stream::StreamDecoder::new(ids))
}

#[async_trait]
impl LLMClient for OpenAiClient {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        let model = &self.metadata.model;
        let body = convert::to_wire(&model.model, request, false);
        let response = self.http.post(COMPLETIONS, &body).await?;
        // Some servers give calls no ids, so generated ones continue those of the conversation.
        convert::from_wire(response, &mut CallIds::after(&request.prompt), model.clone())
    }

    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        let body = convert::to_wire(&self.metadata.model.model, request, true);
        let (bytes, timeouts) = self.http.post_streaming(COMPLETIONS, "text/event-stream", &body).await?;
        Ok(timeouts.observing(decode(bytes, CallIds::after(&request.prompt))))
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        let models: wire::Models = self.http.get("models", &[]).await?;
        Ok(models.data.into_iter().map(convert::model_info).collect())
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}

#[cfg(test)]
mod tests;
