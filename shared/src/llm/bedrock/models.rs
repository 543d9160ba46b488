//! Lists the models that Bedrock offers: those that can be called on demand, and the inference profiles.

use std::collections::BTreeMap;

use aws_sdk_bedrock::Client;
use aws_sdk_bedrock::types::{FoundationModelSummary, InferenceProfileSummary, InferenceType, ModelModality};

use super::error::call_error;
use crate::domain::{ModelId, Provider};
use crate::llm::capabilities::capabilities as known;
use crate::llm::{LlmError, ModelInfo};

/// Lists models and profiles. The role needs `bedrock:ListFoundationModels` and `bedrock:ListInferenceProfiles`.
///
/// # Errors
/// The error of the first call that fails.
pub(super) async fn list(client: Client) -> Result<Vec<ModelInfo>, LlmError> {
    let answer = client.list_foundation_models().send().await.map_err(|error| call_error(&error))?;
    let models = answer.model_summaries.unwrap_or_default();
    let mut profiles = Vec::new();
    let mut pages = client.list_inference_profiles().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| call_error(&error))?;
        profiles.extend(page.inference_profile_summaries.unwrap_or_default());
    }
    Ok(to_infos(models, profiles))
}

fn to_infos(models: Vec<FoundationModelSummary>, profiles: Vec<InferenceProfileSummary>) -> Vec<ModelInfo> {
    let by_arn: BTreeMap<String, Vec<String>> =
        models.iter().map(|model| (bare(&model.model_arn).to_owned(), capabilities(model))).collect();
    let profiles = profiles.into_iter().map(|profile| {
        let model = profile.models.first().and_then(|model| model.model_arn.as_deref()).map(bare);
        ModelInfo {
            provider: Provider::Bedrock,
            context_tokens: context_tokens(&profile.inference_profile_id),
            id: ModelId::new(profile.inference_profile_id),
            name: Some(profile.inference_profile_name),
            capabilities: model.and_then(|model| by_arn.get(model)).cloned().unwrap_or_default(),
        }
    });
    let profiles: Vec<ModelInfo> = profiles.collect();
    models.into_iter().filter(is_on_demand).map(foundation_model).chain(profiles).collect()
}

fn foundation_model(model: FoundationModelSummary) -> ModelInfo {
    ModelInfo {
        provider: Provider::Bedrock,
        capabilities: capabilities(&model),
        context_tokens: context_tokens(&model.model_id),
        id: ModelId::new(model.model_id),
        name: model.model_name,
    }
}

/// Returns whether the model can be called by its own id, without an inference profile or provisioned throughput.
fn is_on_demand(model: &FoundationModelSummary) -> bool {
    let kinds = model.inference_types_supported();
    kinds.is_empty() || kinds.contains(&InferenceType::OnDemand)
}

fn context_tokens(id: &str) -> Option<u32> {
    known(Provider::Bedrock, &ModelId::new(id)).context_tokens
}

fn capabilities(model: &FoundationModelSummary) -> Vec<String> {
    let facts = [
        (model.response_streaming_supported == Some(true), "streaming"),
        (model.input_modalities().contains(&ModelModality::Image), "vision"),
        (model.output_modalities().contains(&ModelModality::Embedding), "embedding"),
    ];
    facts.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name.to_owned()).collect()
}

/// Returns the model within an ARN, without the region.
fn bare(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, model)| model)
}
