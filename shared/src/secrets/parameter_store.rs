//! AWS Systems Manager's Parameter Store as a source of secrets and of long documents. The role needs
//! `ssm:GetParameters` on a secret parameter, on a document's name and on what is below it, and `kms:Decrypt` where a
//! `SecureString`'s key is the customer's own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::stored_document::ReadParameters;
use super::{SecretError, SecretSource};
use crate::aws::{AwsClient, AwsContext, AwsError, AwsRequest, AwsService, CallLimits};
use crate::domain::SecretRef;

/// Parameter Store.
#[derive(Debug)]
pub struct ParameterStoreSource {
    client: AwsClient,
}

/// The request of `GetParameters`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameters<'a> {
    names: &'a [String],
    with_decryption: bool,
}

/// The response to it: the parameters that exist, in any order.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FoundParameters {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: String,
}

impl ParameterStoreSource {
    /// Creates a source in the context's region and account. Does no I/O.
    #[must_use]
    pub fn new(context: &AwsContext) -> Self {
        Self { client: context.client(AwsService::Ssm, CallLimits::QUICK) }
    }

    /// Reads those of the named parameters that exist.
    async fn get(&self, names: &[String]) -> Result<Vec<Parameter>, SecretError> {
        let request = AwsRequest::json_1_1("AmazonSSM.GetParameters", &GetParameters { names, with_decryption: true });
        let found = async { self.client.send(&request?).await?.json::<FoundParameters>() };
        let first = names.first().cloned().unwrap_or_default();
        let found = found.await.map_err(|error| secret_error(SecretRef::Parameter(first), &error))?;
        Ok(found.parameters)
    }
}

#[async_trait]
impl SecretSource for ParameterStoreSource {
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let SecretRef::Parameter(name) = reference else {
            return Err(SecretError::NotFound { reference: reference.clone() });
        };
        let found = self.get(std::slice::from_ref(name)).await?;
        let value = found.into_iter().next().map(|parameter| parameter.value);
        value.map(SecretString::from).ok_or_else(|| missing(name))
    }
}

#[async_trait]
impl ReadParameters for ParameterStoreSource {
    async fn read_parameters(&self, names: &[String]) -> Result<BTreeMap<String, String>, SecretError> {
        let found = self.get(names).await?;
        Ok(found.into_iter().map(|parameter| (parameter.name, parameter.value)).collect())
    }
}

fn missing(name: &str) -> SecretError {
    SecretError::NotFound { reference: SecretRef::Parameter(name.to_owned()) }
}

fn secret_error(reference: SecretRef, error: &AwsError) -> SecretError {
    match error.code() {
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
