//! `GET /v1/models`: the models that the providers of the caller's agents list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::{Agents, RETRY_SOON, RequestContext};
use crate::domain::Provider;
use crate::http::{Problem, ProblemKind, Reply};
use crate::llm::{LLMClient, ModelInfo};

/// How long a provider may take to list its models.
const LIST_TIMEOUT: Duration = Duration::from_secs(5);

/// The models that the providers list.
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

/// Answers `GET /v1/models`.
///
/// # Errors
/// 503 if no provider could list its models.
pub async fn list(
    agents: &Agents,
    providers: &BTreeMap<Provider, Arc<dyn LLMClient>>,
    context: &RequestContext<'_>,
) -> Result<Reply, Problem> {
    let used: BTreeSet<Provider> = agents
        .visible(context.principal)
        .flat_map(|agent| std::iter::once(&agent.model).chain(&agent.fallbacks))
        .map(|model| model.provider)
        .collect();
    let listing = providers.iter().filter(|(provider, _)| used.contains(provider)).map(|(provider, client)| async {
        // Each provider has its own time-out, so that a slow one does not hide the others.
        let listed = tokio::time::timeout(LIST_TIMEOUT, client.list_models()).await;
        let listed = listed.map_err(|_elapsed| "no answer in time".to_owned());
        (*provider, listed.and_then(|list| list.map_err(|error| error.to_string())))
    });
    let mut body = ModelList { models: Vec::new(), unavailable: Vec::new() };
    for (provider, listed) in join_all(listing).await {
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

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::ModelList;
    use crate::api::openapi::{Operation, Schemas};

    /// Describes `GET /v1/models`.
    pub(in crate::api) fn operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<ModelList>();
        Operation::get("listModels", "The models of the caller's providers", &body).secured_problems(&[])
    }
}
