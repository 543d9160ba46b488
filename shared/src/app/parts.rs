//! What deep health looks at, besides the providers.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use crate::auth::TokenVerifier;
use crate::config::Config;
use crate::domain::SecretTemplate;
use crate::http::endpoints::agents::Part;
use crate::memory::{ConversationStore, DynamoStore};
use crate::secrets::Vault;

/// The conversation store.
pub(super) struct StorePart(pub(super) Arc<DynamoStore>);

#[async_trait]
impl Part for StorePart {
    async fn check(&self) -> Result<(), String> {
        self.0.check().await.map_err(|error| error.to_string())
    }
}

/// Every secret that the configuration names.
pub(super) struct SecretsPart {
    templates: Vec<SecretTemplate>,
    vault: Arc<dyn Vault>,
}

impl SecretsPart {
    pub(super) fn new(config: &Config, vault: Arc<dyn Vault>) -> Self {
        let providers = config.providers.values();
        let templates = providers
            .flat_map(|provider| provider.api_key.iter().chain(provider.headers.iter().map(|(_, value)| value)));
        Self { templates: templates.cloned().collect(), vault }
    }
}

#[async_trait]
impl Part for SecretsPart {
    async fn check(&self) -> Result<(), String> {
        let mut failing = BTreeSet::new();
        for template in &self.templates {
            if let Err(error) = self.vault.resolve(template).await {
                failing.insert(error.to_string());
            }
        }
        if failing.is_empty() { Ok(()) } else { Err(failing.into_iter().collect::<Vec<_>>().join("; ")) }
    }
}

/// The key set that tokens are checked with.
pub(super) struct KeySetPart(pub(super) Arc<dyn TokenVerifier>);

#[async_trait]
impl Part for KeySetPart {
    async fn check(&self) -> Result<(), String> {
        self.0.check().await.map_err(|error| error.to_string())
    }
}
