//! AWS Secrets Manager as a source. The role needs `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt`
//! if its key is the customer's own.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use secrecy::SecretString;

use super::json_key::pick;
use super::{SecretError, SecretSource};
use crate::aws::{AwsContext, AwsService, CallLimits};
use crate::domain::SecretRef;

/// Secrets Manager. Its client is built by the first fetch.
#[derive(Debug)]
pub struct SecretsManagerSource {
    context: AwsContext,
    prefix: String,
    client: OnceLock<Client>,
}

impl SecretsManagerSource {
    /// Creates a source in the context's region and account. `prefix` is put before each name, for example
    /// `openclaw-prod/`; it is empty if the names are complete.
    #[must_use]
    pub fn new(context: AwsContext, prefix: impl Into<String>) -> Self {
        Self { context, prefix: prefix.into(), client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.context.sdk_config(AwsService::SecretsManager, CallLimits::QUICK)))
    }
}

#[async_trait]
impl SecretSource for SecretsManagerSource {
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let SecretRef::Secret { name, .. } = reference else {
            return Err(SecretError::NotFound { reference: reference.clone() });
        };
        let answer = self
            .client()
            .get_secret_value()
            .secret_id(format!("{}{name}", self.prefix))
            .send()
            .await
            .map_err(|error| secret_error(reference, &error))?;
        match answer.secret_string {
            Some(text) => pick(reference, text.into()),
            None => Err(SecretError::Unusable { reference: reference.clone(), why: "it is binary" }),
        }
    }
}

fn secret_error<R>(reference: &SecretRef, error: &SdkError<GetSecretValueError, R>) -> SecretError {
    let reference = reference.clone();
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ResourceNotFoundException") => SecretError::NotFound { reference },
        Some("AccessDeniedException") => SecretError::Forbidden { reference },
        Some("DecryptionFailure") => SecretError::Unusable { reference, why: "its key does not decrypt it" },
        Some("InvalidRequestException") => SecretError::Unusable { reference, why: "it is marked for deletion" },
        Some("InvalidParameterException" | "ValidationException") => {
            SecretError::Unusable { reference, why: "its name is not a secret's name" }
        }
        _ => SecretError::Unavailable { reference },
    }
}

#[cfg(test)]
#[path = "secrets_manager_tests.rs"]
mod tests;
