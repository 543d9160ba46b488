//! AWS Systems Manager's Parameter Store as a source of secrets and of long documents. The role needs
//! `ssm:GetParameters` on a secret parameter, on a document's name and on what is below it, and `kms:Decrypt` where a
//! `SecureString`'s key is the customer's own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::types::Parameter;
use secrecy::SecretString;

use super::stored_document::ReadParameters;
use super::{SecretError, SecretSource};
use crate::aws::{AwsContext, AwsService, CallLimits};
use crate::domain::SecretRef;

/// Parameter Store. Its client is built with the first call.
#[derive(Debug)]
pub struct ParameterStoreSource {
    context: AwsContext,
    client: OnceLock<Client>,
}

impl ParameterStoreSource {
    /// A source in the context's region and account.
    #[must_use]
    pub const fn new(context: AwsContext) -> Self {
        Self { context, client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.context.sdk_config(AwsService::Ssm, CallLimits::QUICK)))
    }

    /// Reads the parameters that exist of those named.
    async fn get(&self, names: &[String]) -> Result<Vec<Parameter>, SecretError> {
        let request = self.client().get_parameters().set_names(Some(names.to_vec())).with_decryption(true);
        let answer = request.send().await;
        let first = names.first().cloned().unwrap_or_default();
        let answer = answer.map_err(|error| secret_error(&SecretRef::Parameter(first), &error))?;
        Ok(answer.parameters.unwrap_or_default())
    }
}

#[async_trait]
impl SecretSource for ParameterStoreSource {
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let SecretRef::Parameter(name) = reference else {
            return Err(SecretError::NotFound { reference: reference.clone() });
        };
        let found = self.get(std::slice::from_ref(name)).await?;
        let value = found.into_iter().next().and_then(|parameter| parameter.value);
        value.map(SecretString::from).ok_or_else(|| missing(name))
    }
}

#[async_trait]
impl ReadParameters for ParameterStoreSource {
    async fn read_parameters(&self, names: &[String]) -> Result<BTreeMap<String, String>, SecretError> {
        let found = self.get(names).await?;
        Ok(found.into_iter().filter_map(|parameter| parameter.name.zip(parameter.value)).collect())
    }
}

fn missing(name: &str) -> SecretError {
    SecretError::NotFound { reference: SecretRef::Parameter(name.to_owned()) }
}

fn secret_error<E: ProvideErrorMetadata, R>(reference: &SecretRef, error: &SdkError<E, R>) -> SecretError {
    let reference = reference.clone();
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ParameterVersionNotFound") => SecretError::NotFound { reference },
        Some("AccessDeniedException") => SecretError::Forbidden { reference },
        Some("InvalidKeyId") => SecretError::Unusable { reference, why: "its key does not decrypt it" },
        Some("ValidationException") => SecretError::Unusable { reference, why: "its name is not a parameter's name" },
        _ => SecretError::Unavailable { reference },
    }
}

#[cfg(test)]
#[path = "parameter_store_tests.rs"]
mod tests;
