//! `GET /v1/models`: the models that the caller's agents use; for administrators all that the providers list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::api::{Agents, RETRY_SOON, RequestContext};
use crate::domain::{ADMIN_GROUP, Clock, ModelId, ModelRef, Provider, Timestamp};
use crate::http::{Problem, ProblemKind, Reply};
use crate::llm::{ListModels, ModelInfo, capabilities};

/// How long a provider may take to list its models.
const LIST_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a list is kept.
const KEPT: Duration = Duration::from_mins(5);

/// How long a provider is not asked again after it failed.
const PAUSE: Duration = Duration::from_secs(30);

/// The models that the caller may know of.
#[derive(Serialize, JsonSchema)]
pub(in crate::api) struct ModelList {
    models: Vec<ModelInfo>,
    /// Providers that could not list their models, which are missing above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unavailable: Vec<UnavailableProvider>,
}

/// A provider that could not list its models.
#[derive(Serialize, JsonSchema)]
pub(in crate::api) struct UnavailableProvider {
    provider: Provider,
    detail: String,
}

/// What a provider lists, or why it could not.
type Listed = Result<Vec<ModelInfo>, String>;

/// The models that the providers list, each provider asked at most once in a while.
pub struct ModelCatalog {
    providers: BTreeMap<Provider, CachedList>,
    clock: Arc<dyn Clock>,
}

struct CachedList {
    client: Arc<dyn ListModels>,
    // Locked while the provider is asked, so that simultaneous requests ask it once.
    listed: Mutex<Option<(Timestamp, Listed)>>,
}

impl ModelCatalog {
    /// Creates a catalog of these providers, which are asked when the first administrator asks.
    pub fn new(clients: BTreeMap<Provider, Arc<dyn ListModels>>, clock: Arc<dyn Clock>) -> Self {
        let cached = |(provider, client)| (provider, CachedList { client, listed: Mutex::default() });
        Self { providers: clients.into_iter().map(cached).collect(), clock }
    }

    /// Returns what each provider lists.
    async fn listed(&self) -> Vec<(Provider, Listed)> {
        let listing =
            self.providers.iter().map(async |(provider, cached)| (*provider, cached.listed(&*self.clock).await));
        join_all(listing).await
    }
}

impl CachedList {
    async fn listed(&self, clock: &dyn Clock) -> Listed {
        let mut kept = self.listed.lock().await;
        if let Some((asked_at, listed)) = kept.as_ref() {
            let lifetime = if listed.is_ok() { KEPT } else { PAUSE };
            if clock.now().since(*asked_at) < lifetime {
                return listed.clone();
            }
        }
        // Each provider has its own time-out, so that a slow one does not hide the others.
        let listed = tokio::time::timeout(LIST_TIMEOUT, self.client.models()).await;
        let listed = listed.map_err(|_elapsed| "no answer in time".to_owned());
        let listed = listed.and_then(|list| list.map_err(|error| error.to_string()));
        *kept = Some((clock.now(), listed.clone()));
        listed
    }
}

/// Answers `GET /v1/models`.
///
/// # Errors
/// 503 for an administrator if no provider could list its models.
pub async fn list(agents: &Agents, catalog: &ModelCatalog, context: &RequestContext<'_>) -> Result<Reply, Problem> {
    if !context.principal.has_group(ADMIN_GROUP) {
        // Without asking a provider: what an agent uses is configured.
        return Reply::json(&ModelList { models: used_models(agents, context), unavailable: Vec::new() });
    }
    let mut body = ModelList { models: Vec::new(), unavailable: Vec::new() };
    for (provider, listed) in catalog.listed().await {
        match listed {
            Ok(mut models) => body.models.append(&mut models),
            Err(detail) => body.unavailable.push(UnavailableProvider { provider, detail }),
        }
    }
    // Some models are better than none, but none at all is a failure.
    if body.models.is_empty() && !body.unavailable.is_empty() {
        let details: Vec<String> =
            body.unavailable.iter().map(|one| format!("{}: {}", one.provider, one.detail)).collect();
        return Err(Problem::new(ProblemKind::Unavailable, details.join("; ")).retry_after(RETRY_SOON));
    }
    Reply::json(&body)
}

/// Returns the models of the agents that the caller may use, each once.
fn used_models(agents: &Agents, context: &RequestContext<'_>) -> Vec<ModelInfo> {
    let used: BTreeSet<(Provider, &str)> = agents
        .visible(context.principal)
        .flat_map(|agent| std::iter::once(&agent.model).chain(&agent.fallbacks))
        .map(|ModelRef { provider, model }| (*provider, model.as_str()))
        .collect();
    used.into_iter().map(|(provider, model)| known_model(provider, model)).collect()
}

/// Describes a model as far as the gateway knows it.
fn known_model(provider: Provider, model: &str) -> ModelInfo {
    let id = ModelId::new(model);
    let known = capabilities(provider, &id);
    let tools = known.tools.unwrap_or_default().then(|| "tools".to_owned());
    let context_tokens = known.context_tokens;
    ModelInfo { provider, id, name: None, context_tokens, capabilities: tools.into_iter().collect() }
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::ModelList;
    use crate::api::openapi::{Operation, Schemas};

    /// Describes `GET /v1/models`.
    pub(in crate::api) fn operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<ModelList>();
        let summary = "The models of the caller's agents; for administrators all models of the providers";
        Operation::get("listModels", summary, &body).secured_problems(&[])
    }
}
