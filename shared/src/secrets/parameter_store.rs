//! AWS Systems Manager's Parameter Store as a source of secrets and of long documents. The role needs
//! `ssm:GetParameters` on a secret parameter, on a document's name and on what is below it, and `kms:Decrypt` where a
//! `SecureString`'s key is the customer's own.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{SecretError, SecretSource};
use crate::aws::{AwsClient, AwsContext, AwsError, AwsRequest, AwsService, CallLimits};
use crate::domain::SecretRef;

/// How many parameters one `GetParameters` call may name.
const NAMES_PER_CALL: usize = 10;

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
    #[serde(default)]
    version: i64,
}

/// A document kept in one parameter, or in numbered parts below its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDocument {
    /// The text, parts joined.
    pub text: String,
    /// Differs whenever the document was written anew: the versions of its parts, as `3` or `3.1.1`.
    pub version: String,
}

impl ParameterStoreSource {
    /// Creates a source in the context's region and account. Does no I/O.
    #[must_use]
    pub fn new(context: &AwsContext) -> Self {
        Self { client: context.client(AwsService::Ssm, CallLimits::QUICK) }
    }

    /// Reads the document `name`: its parts `<name>/1` to `<name>/n` joined without a separator or, where there is no
    /// part 1, the parameter `name` itself. One call for up to nine parts.
    ///
    /// # Errors
    /// [`SecretError`], with the document's name.
    pub async fn read_document(&self, name: &str) -> Result<ParameterDocument, SecretError> {
        let mut names = vec![name.to_owned()];
        let mut parts: Vec<Parameter> = Vec::new();
        loop {
            let last_part = parts.len() + NAMES_PER_CALL - names.len();
            names.extend((parts.len() + 1..=last_part).map(|part| format!("{name}/{part}")));
            let mut found = self.get(name, &names).await?;
            let whole = take(&mut found, name);
            while let Some(part) = take(&mut found, &format!("{name}/{}", parts.len() + 1)) {
                parts.push(part);
            }
            if !found.is_empty() {
                let reference = SecretRef::Parameter(name.to_owned());
                return Err(SecretError::Unusable {
                    reference,
                    why: "its parts are not numbered from 1 without a gap",
                });
            }
            if parts.is_empty() {
                return whole.map(|whole| join(&[whole])).ok_or_else(|| missing(name));
            }
            if parts.len() < last_part {
                return Ok(join(&parts));
            }
            names.clear();
        }
    }

    /// Reads the parameters that exist of those named.
    async fn get(&self, document: &str, names: &[String]) -> Result<Vec<Parameter>, SecretError> {
        let request = AwsRequest::json_1_1("AmazonSSM.GetParameters", &GetParameters { names, with_decryption: true });
        let found = async { self.client.send(&request?).await?.json::<FoundParameters>() };
        let found = found.await.map_err(|error| secret_error(SecretRef::Parameter(document.to_owned()), &error))?;
        Ok(found.parameters)
    }
}

#[async_trait]
impl SecretSource for ParameterStoreSource {
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let SecretRef::Parameter(name) = reference else {
            return Err(SecretError::NotFound { reference: reference.clone() });
        };
        let found = self.get(name, std::slice::from_ref(name)).await?;
        let value = found.into_iter().next().map(|parameter| parameter.value);
        value.map(SecretString::from).ok_or_else(|| missing(name))
    }
}

fn missing(name: &str) -> SecretError {
    SecretError::NotFound { reference: SecretRef::Parameter(name.to_owned()) }
}

fn take(found: &mut Vec<Parameter>, name: &str) -> Option<Parameter> {
    let at = found.iter().position(|parameter| parameter.name == name)?;
    Some(found.swap_remove(at))
}

fn join(parts: &[Parameter]) -> ParameterDocument {
    let versions: Vec<String> = parts.iter().map(|part| part.version.to_string()).collect();
    ParameterDocument { text: parts.iter().map(|part| part.value.as_str()).collect(), version: versions.join(".") }
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
