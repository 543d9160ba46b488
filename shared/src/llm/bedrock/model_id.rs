//! Validates the model ids of Bedrock's Converse; pure, without the SDK.

use crate::domain::ModelId;

/// A model id that cannot be used with Bedrock. The text says what to use instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidModelId {
    /// Neither a model id nor an ARN.
    #[error("is neither a model id (letters, digits, '.', ':', '_' and '-', at most 256) nor an ARN of Bedrock")]
    Syntax,
    /// An ARN without the six parts of Bedrock's ARNs.
    #[error("is not an ARN of the form arn:aws:bedrock:<region>:<account of 12 digits>:<kind>/<id>")]
    ArnSyntax,
    /// A foundation model's ARN with an account.
    #[error("is a foundation model's ARN, which has no account: arn:aws:bedrock:<region>::foundation-model/<id>")]
    FoundationModelAccount,
    /// A custom model itself.
    #[error(
        "is a custom model, which cannot be invoked on demand: deploy it and use its custom-model-deployment ARN, or \
         buy provisioned throughput and use its provisioned-model ARN"
    )]
    CustomModel,
    /// A stored prompt of Prompt management.
    #[error("is a stored prompt, which brings its own system text and tools: use the ARN of its model")]
    StoredPrompt,
    /// Another resource of Bedrock or of another service.
    #[error(
        "is not a resource that answers conversations: use a foundation-model, inference-profile, \
         application-inference-profile, custom-model-deployment, provisioned-model, imported-model, prompt-router or \
         default-prompt-router of bedrock, or an endpoint of sagemaker"
    )]
    Kind,
}

/// Checks the form of an id: a model id, an inference profile's id, or an ARN (API reference, "Converse",
/// `modelId`; user guide, "Supported resources for inference"). Only Bedrock knows whether it exists.
///
/// # Errors
/// [`InvalidModelId`]; its text follows the id in a sentence.
pub fn validate(model: &ModelId) -> Result<(), InvalidModelId> {
    match model.as_str().strip_prefix("arn:") {
        Some(rest) => validate_arn(rest),
        None if is_id(model.as_str(), 256) => Ok(()),
        None => Err(InvalidModelId::Syntax),
    }
}

/// Returns the id under which `CountTokens` knows the model, or `None` if it cannot count for it: it counts for Claude alone,
/// and knows foundation models but no inference profiles (user guide, "Count tokens").
pub(super) fn counting_model(model: &ModelId) -> Option<&str> {
    let id = model.as_str();
    // A profile's id is the model's, after a region or a group of them.
    let id = if id.starts_with("arn:") { id.rsplit_once('/')?.1 } else { id };
    id.get(id.find("anthropic.")?..)
}

fn validate_arn(rest: &str) -> Result<(), InvalidModelId> {
    // The resource may contain colons itself, as in `claude-3-sonnet-20240229-v1:0`.
    let mut parts = rest.splitn(5, ':');
    let mut next = || parts.next().ok_or(InvalidModelId::ArnSyntax);
    let (partition, service, region, account, resource) = (next()?, next()?, next()?, next()?, next()?);
    let (kind, id) = resource.split_once('/').ok_or(InvalidModelId::ArnSyntax)?;
    if !is_partition(partition) || !is_region(region) {
        return Err(InvalidModelId::ArnSyntax);
    }
    match (service, kind) {
        // Likely mistakes have errors of their own, which say what to use instead.
        ("bedrock", "custom-model") => Err(InvalidModelId::CustomModel),
        ("bedrock", "prompt") => Err(InvalidModelId::StoredPrompt),
        ("bedrock", "foundation-model") if !account.is_empty() => Err(InvalidModelId::FoundationModelAccount),
        ("bedrock", "foundation-model") => resource_id(id),
        (
            "bedrock",
            "inference-profile"
            | "application-inference-profile"
            | "custom-model-deployment"
            | "provisioned-model"
            | "imported-model"
            | "prompt-router"
            | "default-prompt-router",
        )
        | ("sagemaker", "endpoint") => {
            if is_account(account) {
                resource_id(id)
            } else {
                Err(InvalidModelId::ArnSyntax)
            }
        }
        _ => Err(InvalidModelId::Kind),
    }
}

fn resource_id(id: &str) -> Result<(), InvalidModelId> {
    if is_id(id, 256) { Ok(()) } else { Err(InvalidModelId::ArnSyntax) }
}

fn is_id(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'_' | b'-'))
}

fn is_partition(text: &str) -> bool {
    // The others are `aws-cn`, `aws-us-gov` and so on.
    text == "aws" || text.strip_prefix("aws-").is_some_and(is_word)
}

fn is_region(text: &str) -> bool {
    (1..=20).contains(&text.len()) && is_word(text)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[path = "model_id_tests.rs"]
mod tests;
