//! What deep health checks, besides the providers.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use super::AppContext;
use crate::api::v1::deep_health::Part;
use crate::auth::TokenVerifier;
use crate::aws::{AwsContext, AwsService, CallLimits};
use crate::config::Config;
use crate::domain::{Clock, SecretTemplate};
use crate::secrets::SecretResolver;
use crate::store::{ConversationStore, DynamoStore};

/// Checks the conversation store. Its client is built at the first check, since the function's other routes need none.
pub(super) struct StoreCheck {
    aws: AwsContext,
    table: String,
    clock: Arc<dyn Clock>,
    store: OnceLock<DynamoStore>,
}

impl StoreCheck {
    pub(super) fn new(context: &AppContext) -> Self {
        Self {
            aws: context.aws.clone(),
            table: context.environment.table().to_owned(),
            clock: Arc::clone(&context.clock),
            store: OnceLock::new(),
        }
    }
}

#[async_trait]
impl Part for StoreCheck {
    async fn check(&self) -> Result<(), String> {
        let store = self.store.get_or_init(|| {
            let sdk = self.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
            DynamoStore::new(aws_sdk_dynamodb::Client::new(&sdk), &self.table, Arc::clone(&self.clock))
        });
        store.check().await.map_err(|error| error.to_string())
    }
}

/// Checks every secret of the providers. Those that only actions use are not readable for this function.
pub(super) struct SecretsCheck {
    templates: Vec<SecretTemplate>,
    resolver: Arc<dyn SecretResolver>,
}

impl SecretsCheck {
    pub(super) fn new(config: &Config, resolver: Arc<dyn SecretResolver>) -> Self {
        let providers = config.providers.values();
        let templates = providers
            .flat_map(|provider| provider.api_key.iter().chain(provider.headers.iter().map(|(_, value)| value)));
        Self { templates: templates.cloned().collect(), resolver }
    }
}

#[async_trait]
impl Part for SecretsCheck {
    async fn check(&self) -> Result<(), String> {
        // A set, since several templates may fail for the same secret.
        let mut failing = BTreeSet::new();
        for template in &self.templates {
            if let Err(error) = self.resolver.resolve(template).await {
                failing.insert(error.to_string());
            }
        }
        if failing.is_empty() { Ok(()) } else { Err(failing.into_iter().collect::<Vec<_>>().join("; ")) }
    }
}

/// Checks the key set for verifying tokens.
pub(super) struct KeySetCheck(pub(super) Arc<dyn TokenVerifier>);

#[async_trait]
impl Part for KeySetCheck {
    async fn check(&self) -> Result<(), String> {
        self.0.check().await.map_err(|error| error.to_string())
    }
}
