//! Secrets in the function's environment, for local use.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

use super::{SecretError, SecretSource};
use crate::domain::SecretRef;

/// Variables that were read at the start. `Debug` shows their names only.
pub struct EnvironmentSource {
    variables: BTreeMap<String, SecretString>,
}

impl EnvironmentSource {
    /// Creates a source of these variables.
    #[must_use]
    pub const fn new(variables: BTreeMap<String, SecretString>) -> Self {
        Self { variables }
    }
}

#[async_trait]
impl SecretSource for EnvironmentSource {
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        match reference {
            SecretRef::Environment(name) => self.variables.get(name).cloned(),
            SecretRef::Secret { .. } | SecretRef::Parameter(_) => None,
        }
        .ok_or_else(|| SecretError::NotFound { reference: reference.clone() })
    }
}

impl fmt::Debug for EnvironmentSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.variables.keys()).finish()
    }
}
