//! Lists the models that Bedrock offers: those that can be called on demand, and the inference profiles.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::error::control_error;
use crate::aws::{AwsClient, AwsError, AwsRequest};
use crate::domain::{ModelId, Provider};
use crate::llm::capabilities::capabilities as known;
use crate::llm::{LlmError, ModelInfo};

/// More pages than Bedrock has: a list that does not end is an error.
const MAX_PAGES: usize = 100;

/// The largest page that is read, in bytes. The foundation models come in one.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// API reference, `ListFoundationModels`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundationModels {
    #[serde(default, deserialize_with = "list_or_null")]
    model_summaries: Vec<FoundationModelSummary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundationModelSummary {
    model_arn: String,
    model_id: String,
    model_name: Option<String>,
    #[serde(default, deserialize_with = "list_or_null")]
    input_modalities: Vec<String>,
    #[serde(default, deserialize_with = "list_or_null")]
    output_modalities: Vec<String>,
    response_streaming_supported: Option<bool>,
    #[serde(default, deserialize_with = "list_or_null")]
    inference_types_supported: Vec<String>,
}

/// API reference, `ListInferenceProfiles`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InferenceProfiles {
    #[serde(default, deserialize_with = "list_or_null")]
    inference_profile_summaries: Vec<InferenceProfileSummary>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InferenceProfileSummary {
    inference_profile_name: String,
    inference_profile_id: String,
    #[serde(default, deserialize_with = "list_or_null")]
    models: Vec<InferenceProfileModel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InferenceProfileModel {
    model_arn: Option<String>,
}

/// Reads a list, of which `null` is an empty one.
fn list_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Lists both. The role needs `bedrock:ListFoundationModels` and `bedrock:ListInferenceProfiles`.
///
/// # Errors
/// That of the first call that fails.
pub(super) async fn list(client: AwsClient) -> Result<Vec<ModelInfo>, LlmError> {
    let models = foundation_models(&client).await.map_err(control_error)?;
    let profiles = inference_profiles(&client).await.map_err(control_error)?;
    Ok(to_infos(models, profiles))
}

async fn foundation_models(client: &AwsClient) -> Result<Vec<FoundationModelSummary>, AwsError> {
    let request = AwsRequest::get(&["foundation-models"]).with_max_response_bytes(MAX_PAGE_BYTES);
    let listed: FoundationModels = client.send(&request).await?.json()?;
    Ok(listed.model_summaries)
}

async fn inference_profiles(client: &AwsClient) -> Result<Vec<InferenceProfileSummary>, AwsError> {
    let first = AwsRequest::get(&["inference-profiles"]).with_max_response_bytes(MAX_PAGE_BYTES);
    let mut request = first.clone();
    let mut profiles = Vec::new();
    for _ in 0..MAX_PAGES {
        let page: InferenceProfiles = client.send(&request).await?.json()?;
        profiles.extend(page.inference_profile_summaries);
        // An empty token would lead to the first page again.
        let Some(token) = page.next_token.filter(|token| !token.is_empty()) else { return Ok(profiles) };
        request = first.clone().with_query("nextToken", &token);
    }
    Err(AwsError::Malformed)
}

fn to_infos(models: Vec<FoundationModelSummary>, profiles: Vec<InferenceProfileSummary>) -> Vec<ModelInfo> {
    // A profile's models may have the ARNs of other regions, so ARNs are compared without their region.
    let by_arn: BTreeMap<String, Vec<String>> =
        models.iter().map(|model| (bare(&model.model_arn).to_owned(), capabilities(model))).collect();
    let profiles = profiles.into_iter().map(|profile| {
        // The models of a profile are the same model in several regions.
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
    let kinds = &model.inference_types_supported;
    // Where the list is missing, the model may well be callable.
    kinds.is_empty() || kinds.iter().any(|kind| kind == "ON_DEMAND")
}

fn context_tokens(id: &str) -> Option<u32> {
    known(Provider::Bedrock, &ModelId::new(id)).context_tokens
}

fn capabilities(model: &FoundationModelSummary) -> Vec<String> {
    let has = |modalities: &[String], name| modalities.iter().any(|modality| modality == name);
    let facts = [
        (model.response_streaming_supported == Some(true), "streaming"),
        (has(&model.input_modalities, "IMAGE"), "vision"),
        (has(&model.output_modalities, "EMBEDDING"), "embedding"),
    ];
    facts.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name.to_owned()).collect()
}

/// Returns the model within an ARN, without the region.
fn bare(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, model)| model)
}
