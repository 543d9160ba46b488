//! `/v1/agents`, `/v1/models`, `/v1/health/deep`: what there is, and whether it can be reached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;

use crate::agent::AgentDefinition;
use crate::domain::{ADMIN_GROUP, AgentName, Clock, ModelId, Principal, Provider};
use crate::http::errors::{SOON, admin_only, not_found};
use crate::http::{Call, PartHealth, PartStatus, Problem, ProblemKind, ProblemMember, Reply};
use crate::llm::{LLMClient, ModelInfo};

/// How long a part may take to answer before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the endpoints work with.
pub struct AgentsPorts {
    /// The agents.
    pub agents: BTreeMap<AgentName, Arc<AgentDefinition>>,
    /// A client of each configured provider.
    pub providers: BTreeMap<Provider, Arc<dyn LLMClient>>,
    /// What deep health looks at, besides the providers.
    pub parts: Vec<(&'static str, Arc<dyn Part>)>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// A part that the gateway depends on.
#[async_trait]
pub trait Part: Send + Sync {
    /// Whether it can be reached and used.
    ///
    /// # Errors
    /// What fails, in our own words.
    async fn check(&self) -> Result<(), String>;
}

/// An agent that the caller may invoke.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub(in crate::http) struct AgentBody<'a> {
    name: &'a AgentName,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    provider: Provider,
    model: &'a ModelId,
    tools: Vec<&'a str>,
    streaming: bool,
}

/// The agents that the caller may invoke.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct AgentList<'a> {
    agents: Vec<AgentBody<'a>>,
}

/// The models that the providers list.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct ModelList {
    models: Vec<ModelInfo>,
    /// Providers that could not be asked; their models are missing above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unavailable: Vec<UnavailableProvider>,
}

/// A provider that could not be asked.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct UnavailableProvider {
    provider: Provider,
    detail: String,
}

/// Every part that the gateway depends on.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct DeepHealth {
    status: PartStatus,
    version: &'static str,
    parts: Vec<PartHealth>,
}

fn body(agent: &AgentDefinition) -> AgentBody<'_> {
    AgentBody {
        name: &agent.name,
        description: agent.description.as_deref(),
        provider: agent.model.provider,
        model: &agent.model.model,
        tools: agent.tools.iter().map(|tool| tool.name.as_str()).collect(),
        // Every agent can be asked at `/v1/agent/{agent_name}/stream`.
        streaming: true,
    }
}

/// `GET /v1/agents`: those that the caller may invoke.
///
/// # Errors
/// None in practice.
pub fn list(ports: &AgentsPorts, call: &Call<'_>) -> Result<Reply, Problem> {
    let agents = visible(ports, call.principal).map(body).collect();
    Reply::json(&AgentList { agents })
}

/// `GET /v1/agents/{agent_name}`.
///
/// # Errors
/// 404 when it is unknown or not for the caller.
pub fn one(ports: &AgentsPorts, name: &str, call: &Call<'_>) -> Result<Reply, Problem> {
    let agent = visible(ports, call.principal).find(|agent| agent.name.as_str() == name);
    Reply::json(&body(agent.ok_or_else(|| not_found("agent"))?))
}

fn visible<'a>(ports: &'a AgentsPorts, who: &'a Principal) -> impl Iterator<Item = &'a AgentDefinition> {
    ports.agents.values().map(Arc::as_ref).filter(|agent| agent.access.admits(who))
}

/// `GET /v1/models`: what the providers of the caller's agents list.
///
/// # Errors
/// 503 when no provider can be asked.
pub async fn models(ports: &AgentsPorts, call: &Call<'_>) -> Result<Reply, Problem> {
    let wanted: BTreeSet<Provider> = visible(ports, call.principal)
        .flat_map(|agent| std::iter::once(&agent.model).chain(&agent.fallbacks))
        .map(|model| model.provider)
        .collect();
    let asked =
        ports.providers.iter().filter(|(provider, _)| wanted.contains(provider)).map(|(provider, client)| async {
            let listed = tokio::time::timeout(PATIENCE, client.list_models()).await;
            (
                *provider,
                listed
                    .map_err(|_| "no answer in time".to_owned())
                    .and_then(|list| list.map_err(|error| error.to_string())),
            )
        });
    let mut body = ModelList { models: Vec::new(), unavailable: Vec::new() };
    for (provider, listed) in join_all(asked).await {
        match listed {
            Ok(mut models) => body.models.append(&mut models),
            Err(detail) => body.unavailable.push(UnavailableProvider { provider, detail }),
        }
    }
    if body.models.is_empty() && !body.unavailable.is_empty() {
        let names: Vec<String> =
            body.unavailable.iter().map(|one| format!("{}: {}", one.provider, one.detail)).collect();
        return Err(Problem::new(ProblemKind::Unavailable, names.join("; ")).retry_after(SOON));
    }
    Reply::json(&body)
}

/// `GET /v1/health/deep`: every part with its latency, for administrators.
///
/// # Errors
/// 403; 503 when a part fails, with all parts.
pub async fn deep_health(ports: &AgentsPorts, call: Call<'_>) -> Result<Reply, Problem> {
    if !call.principal.has_group(ADMIN_GROUP) {
        return Err(admin_only());
    }
    let clock = ports.clock.as_ref();
    let inner = ports.parts.iter().map(|(name, part)| measured((*name).to_owned(), clock, part.check()));
    let outer = ports.providers.iter().map(|(provider, client)| {
        let check = async { client.list_models().await.map(drop).map_err(|error| error.to_string()) };
        measured(format!("provider {provider}"), clock, check)
    });
    let (mut health, of_providers) = tokio::join!(join_all(inner), join_all(outer));
    health.extend(of_providers);
    let failing: Vec<&str> =
        health.iter().filter(|part| part.status == PartStatus::Failing).map(|part| part.name.as_str()).collect();
    if failing.is_empty() {
        return Reply::json(&DeepHealth { status: PartStatus::Ok, version: env!("CARGO_PKG_VERSION"), parts: health });
    }
    let detail = format!("failing: {}", failing.join(", "));
    call.facts.fault = Some(detail.clone());
    Err(Problem::new(ProblemKind::Unavailable, detail).retry_after(SOON).with(ProblemMember::Parts(health)))
}

async fn measured(name: String, clock: &dyn Clock, check: impl Future<Output = Result<(), String>>) -> PartHealth {
    let begun = clock.now();
    let result =
        tokio::time::timeout(PATIENCE, check).await.unwrap_or_else(|_elapsed| Err("no answer in time".to_owned()));
    let latency_ms = u64::try_from(clock.now().since(begun).as_millis()).unwrap_or(u64::MAX);
    let status = if result.is_ok() { PartStatus::Ok } else { PartStatus::Failing };
    PartHealth { name, status, latency_ms, detail: result.err() }
}
