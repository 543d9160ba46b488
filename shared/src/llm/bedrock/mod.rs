//! Amazon Bedrock's Converse API: `Converse`, `ConverseStream`, `CountTokens`, `ListFoundationModels`,
//! `ListInferenceProfiles`.
//!
//! The role needs `bedrock:InvokeModel` and `bedrock:InvokeModelWithResponseStream` on the models that it calls, on
//! each inference profile and on the models behind it, and `bedrock:CountTokens` on the models.
//!
//! Must not know the other providers.

mod access;
mod convert;
mod document;
mod error;
mod model_id;
mod models;
mod stream;

use std::sync::Arc;

use async_trait::async_trait;

pub use access::{BedrockAccess, BedrockSettings};
pub use model_id::{InvalidModelId, validate};

use super::{ClientMetadata, GenerationStream, LLMClient, LlmError, ModelInfo};
use crate::domain::{Generation, GenerationRequest, Guardrail, ModelId, ModelRef, Prompt, Provider};

const UNBUILDABLE: LlmError = LlmError::Unreachable("the request cannot be built");

/// A client of one model, inference profile or deployment on Bedrock.
pub struct BedrockClient {
    access: Arc<BedrockAccess>,
    metadata: ClientMetadata,
    guardrail: Option<Guardrail>,
}

impl BedrockClient {
    /// Creates a client without calling Bedrock.
    ///
    /// # Errors
    /// [`InvalidModelId`] if Bedrock cannot serve such an id.
    pub fn new(access: Arc<BedrockAccess>, model: ModelId) -> Result<Self, InvalidModelId> {
        validate(&model)?;
        let metadata = ClientMetadata { model: ModelRef { provider: Provider::Bedrock, model } };
        Ok(Self { access, metadata, guardrail: None })
    }

    /// Lets a guardrail check prompts and answers.
    #[must_use]
    pub fn with_guardrail(self, guardrail: Option<Guardrail>) -> Self {
        Self { guardrail, ..self }
    }

    fn model_id(&self) -> &str {
        self.metadata.model.model.as_str()
    }
}

#[async_trait]
impl LLMClient for BedrockClient {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        let call = |client: aws_sdk_bedrockruntime::Client| async move {
            // The SDK's builder consumes the request, so a second call with a renewed key converts it again.
            let wire = convert::to_wire(request).map_err(|_error| UNBUILDABLE)?;
            client
                .converse()
                .model_id(self.model_id())
                .set_guardrail_config(self.guardrail.as_ref().map(convert::guardrail))
                .set_system(wire.system)
                .set_messages(Some(wire.messages))
                .inference_config(wire.inference)
                .set_tool_config(wire.tools)
                .send()
                .await
                .map_err(|error| error::call_error(&error))
        };
        convert::from_wire(self.access.with_runtime(call).await?, self.metadata.model.clone())
    }

    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        let call = |client: aws_sdk_bedrockruntime::Client| async move {
            let wire = convert::to_wire(request).map_err(|_error| UNBUILDABLE)?;
            client
                .converse_stream()
                .model_id(self.model_id())
                .set_guardrail_config(self.guardrail.as_ref().map(convert::streamed_guardrail))
                .set_system(wire.system)
                .set_messages(Some(wire.messages))
                .inference_config(wire.inference)
                .set_tool_config(wire.tools)
                .send()
                .await
                .map_err(|error| error::call_error(&error))
        };
        let timeouts = self.access.stream_timeouts();
        Ok(stream::decode_stream(self.access.with_runtime(call).await?, timeouts))
    }

    async fn count_tokens(&self, prompt: &Prompt) -> Result<Option<u64>, LlmError> {
        let Some(model) = model_id::counting_model(&self.metadata.model.model) else { return Ok(None) };
        let call = |client: aws_sdk_bedrockruntime::Client| async move {
            let input = convert::to_count(prompt).map_err(|_error| UNBUILDABLE)?;
            client.count_tokens().model_id(model).input(input).send().await.map_err(|error| error::call_error(&error))
        };
        let counted = self.access.with_runtime(call).await?;
        // The SDK's count is signed.
        Ok(u64::try_from(counted.input_tokens).ok())
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        self.access.with_control(models::list).await
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}

#[cfg(test)]
mod tests;
