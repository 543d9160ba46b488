//! What deep health looks at, besides the providers.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use super::Shared;
use crate::auth::TokenVerifier;
use crate::aws::{AwsContext, AwsService, CallLimits};
use crate::config::Config;
use crate::domain::SecretTemplate;
use crate::http::endpoints::agents::Part;
use crate::secrets::SecretResolver;
use crate::store::{ConversationStore, DynamoStore};

/// The conversation store. Its client is built when it is first looked at, since no other route of the door needs it.
pub(super) struct StorePart {
    aws: AwsContext,
    table: String,
    store: OnceLock<DynamoStore>,
}

impl StorePart {
    pub(super) fn new(shared: &Shared) -> Self {
        Self { aws: shared.aws.clone(), table: shared.environment.table().to_owned(), store: OnceLock::new() }
    }
}

#[async_trait]
impl Part for StorePart {
    async fn check(&self) -> Result<(), String> {
        let store = self.store.get_or_init(|| dynamo_store(&self.aws, &self.table));
        store.check().await.map_err(|error| error.to_string())
    }
}

/// The conversation store behind the role's own table.
pub(super) fn dynamo_store(aws: &AwsContext, table: &str) -> DynamoStore {
    let sdk = aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    DynamoStore::new(aws_sdk_dynamodb::Client::new(&sdk), table)
}

/// Every secret that the configuration names.
pub(super) struct SecretsPart {
    templates: Vec<SecretTemplate>,
    resolver: Arc<dyn SecretResolver>,
}

impl SecretsPart {
    pub(super) fn new(config: &Config, resolver: Arc<dyn SecretResolver>) -> Self {
        let providers = config.providers.values();
        let templates = providers
            .flat_map(|provider| provider.api_key.iter().chain(provider.headers.iter().map(|(_, value)| value)));
        Self { templates: templates.cloned().collect(), resolver }
    }
}

#[async_trait]
impl Part for SecretsPart {
    async fn check(&self) -> Result<(), String> {
        let mut failing = BTreeSet::new();
        for template in &self.templates {
            if let Err(error) = self.resolver.resolve(template).await {
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
