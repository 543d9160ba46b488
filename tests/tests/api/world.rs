//! The handlers over one store, one model and one user pool.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openclaw::actions::{ActionExecutor, Actions};
use openclaw::agent::NoSchemaChecks;
use openclaw::api::v1::conversations::ConversationPorts;
use openclaw::api::v1::deep_health::{HealthPorts, Part};
use openclaw::api::v1::grants::GrantPorts;
use openclaw::api::v1::models::ModelCatalog;
use openclaw::api::{HttpHandler, RunPorts, ServerContext};
use openclaw::app::{
    AgentsHandler, AgentsPorts, KnownModels, agent_handler, agents_handler, conversations_handler, health_handler,
    policies, stream_handler,
};
use openclaw::audit::InMemoryOutbox;
use openclaw::auth::{CognitoVerifier, KeySet, KeySetError, KeySetSource, TokenVerifier};
use openclaw::config::{Config, Environment};
use openclaw::domain::{Clock, ModelId, Provider, SecretTemplate, ToolName};
use openclaw::lambda::{GatewayEvent, Handler, Invocation};
use openclaw::llm::{Fallback, ListModels, LlmError, ModelInfo, RetryPolicy, Retrying};
use openclaw::secrets::{CachingSecretResolver, DigestKeys, EnvironmentSource, SecretSources};
use openclaw::store::{InMemoryCounters, InMemoryGrants, InMemoryLeases, InMemoryStore};
use openclaw::telemetry::LineLimit;
use openclaw::testing::tokens::{ISSUED_AT, TestPool};
use openclaw::testing::{FaultyStore, FixedRandom, ManualClock, Script, ScriptedAction, ScriptedModel, bundle_of};
use openclaw::websocket::{RunWorker, StreamHandler};
use secrecy::SecretString;
use serde_json::Value;

pub(crate) use crate::request::{Answer, Request};

const CONFIG: &str = "
llm: { provider: anthropic, model: scripted, api_key: not-a-key }
authentication: { enabled: true, provider: cognito, user_pool_id: eu-central-1_TestPool1, client_id: testclient }
providers: { ollama: { base_url: 'http://127.0.0.1:11434' } }
agents:
  - { name: default, description: Answers questions, system: Be brief., memory_size: 50 }
  - { name: operators, access: { groups: [admin] } }
  - { name: acme-only, access: { groups: [user], tenants: [acme] } }
  - { name: small, max_prompt_bytes: 10, llm: { provider: ollama, model: tiny } }
";

/// The id of every invocation.
pub(crate) const REQUEST_ID: &str = "8f5c1b9e-0000-4000-8000-00000000d00f";

/// The actions of the configuration, each of which follows a script.
pub(crate) type ScriptedActions = BTreeMap<ToolName, Arc<ScriptedAction>>;

/// Everything that a request can depend on.
pub(crate) struct World {
    pub(crate) pool: &'static TestPool,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) store: Arc<FaultyStore<InMemoryStore>>,
    pub(crate) leases: Arc<InMemoryLeases>,
    pub(crate) model: Arc<ScriptedModel>,
    pub(crate) actions: ScriptedActions,
    pub(crate) grants: Arc<InMemoryGrants>,
    /// The audit\'s outbox.
    pub(crate) audit: Arc<InMemoryOutbox>,
    pub(crate) metrics: Arc<Mutex<Vec<String>>>,
    line_limit: Arc<LineLimit>,
    pub(crate) config: Config,
    verifier: Arc<dyn TokenVerifier>,
    allowed_origins: BTreeSet<String>,
    agent: HttpHandler<RunPorts>,
    agents: AgentsHandler,
    conversations: HttpHandler<ConversationPorts>,
    health: HttpHandler<()>,
    pub(crate) stream: StreamHandler,
}

/// Returns the bundle of the configuration with further agents, as entries of the list in YAML, and what follows the list.
pub(crate) fn bundle_with(entries: &str) -> String {
    bundle_of(&openclaw_cli::read_yaml(&format!("{CONFIG}{entries}")).unwrap())
}

/// Returns an environment that sets nothing.
pub(crate) fn environment() -> Environment {
    Environment::from_pairs([("UNUSED", "")])
}

/// Returns the pool that all worlds of a process share, since its key takes long to generate.
fn pool() -> &'static TestPool {
    static POOL: OnceLock<TestPool> = OnceLock::new();
    POOL.get_or_init(TestPool::new)
}

/// The pool's keys, unless they are down.
pub(crate) struct Keys {
    document: String,
    pub(crate) down: AtomicBool,
}

#[async_trait]
impl KeySetSource for Keys {
    async fn fetch(&self) -> Result<KeySet, KeySetError> {
        if self.down.load(Ordering::Relaxed) {
            Err(KeySetError::Status(503))
        } else {
            KeySet::parse(self.document.as_bytes())
        }
    }
}

/// A part that is healthy, or fails for the given reason.
pub(crate) struct FixedPart(pub(crate) Result<(), String>);

#[async_trait]
impl Part for FixedPart {
    async fn check(&self) -> Result<(), String> {
        self.0.clone()
    }
}

fn listed(provider: Provider) -> ModelInfo {
    ModelInfo { provider, id: ModelId::new("one"), name: None, context_tokens: Some(4096), capabilities: Vec::new() }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_origins(&[])
    }

    pub(crate) fn with_origins(origins: &[&str]) -> Self {
        Self::of_bundle(&bundle_with(""), &environment(), origins)
    }

    /// Returns a world with further agents, as entries of the list in YAML.
    pub(crate) fn with_agents(entries: &str) -> Self {
        Self::of_bundle(&bundle_with(entries), &environment(), &[])
    }

    /// Returns the world of a bundle, which [`bundle_with`] makes.
    pub(crate) fn of_bundle(bundle: &str, environment: &Environment, origins: &[&str]) -> Self {
        let config = openclaw::config::load(bundle, "test", environment, &KnownModels(NoSchemaChecks)).unwrap();
        let pool = pool();
        let clock = ManualClock::at(ISSUED_AT * 1000);
        let keys = Arc::new(Keys { document: pool.jwks_json(), down: AtomicBool::new(false) });
        let verifier: Arc<dyn TokenVerifier> =
            Arc::new(CognitoVerifier::new(pool.settings(), Arc::clone(&keys) as _, Arc::clone(&clock) as _));
        let allowed_origins: BTreeSet<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let metrics = Arc::new(Mutex::new(Vec::new()));
        let line_limit = Arc::<LineLimit>::default();
        let server = |verifier| server(verifier, &allowed_origins, &clock, (&metrics, &line_limit));
        let store = InMemoryStore::new();
        let audit = store.audit();
        let store = Arc::new(FaultyStore::new(store));
        let model = ScriptedModel::new(Provider::Anthropic);
        let with_token = || server(Some(Arc::clone(&verifier)));
        let leases = Arc::new(InMemoryLeases::new());
        let actions: ScriptedActions =
            config.actions.keys().map(|name| (name.clone(), ScriptedAction::new())).collect();
        let grants = Arc::new(InMemoryGrants::default());
        let ports = || run_ports(&config, &store, &leases, &model, &clock, (&actions, &grants, &audit));
        let conversations = ConversationPorts {
            store: Arc::clone(&store) as _,
            audit: Some(Arc::clone(&audit) as _),
            clock: Arc::clone(&clock) as _,
            // Simulated time passes only while somebody waits.
            random: Arc::new(FixedRandom::with_fraction(0.5)),
        };
        Self {
            agent: agent_handler(with_token(), ports()),
            stream: stream_handler(with_token(), ports(), None),
            agents: agents_handler(with_token(), agents_ports(&config, &clock, &grants, &audit)),
            conversations: conversations_handler(with_token(), conversations),
            health: health_handler(server(None)),
            config,
            verifier,
            allowed_origins: allowed_origins.clone(),
            pool,
            clock,
            keys,
            store,
            leases,
            model,
            actions,
            grants,
            audit,
            metrics,
            line_limit,
        }
    }

    /// Returns the context that all handlers share.
    pub(crate) fn server(&self) -> ServerContext {
        let lines = (&self.metrics, &self.line_limit);
        server(Some(Arc::clone(&self.verifier)), &self.allowed_origins, &self.clock, lines)
    }

    /// Returns keys of digests whose secret is empty.
    pub(crate) fn broken_digest_keys(&self) -> DigestKeys {
        digest_keys(&self.clock, "")
    }

    /// Gives the function that streams a worker for WebSocket clients.
    pub(crate) fn set_worker(&mut self, worker: RunWorker) {
        self.stream = stream_handler(self.server(), self.run_ports(), Some(worker));
    }

    /// Builds the function `agent` again, with another context.
    pub(crate) fn rebuild_agent(&mut self, server: ServerContext) {
        self.agent = agent_handler(server, self.run_ports());
    }

    /// Builds the function `agent` again, with other actions.
    pub(crate) fn set_actions(&mut self, actions: Actions) {
        self.agent = agent_handler(self.server(), RunPorts { actions, ..self.run_ports() });
    }

    fn run_ports(&self) -> RunPorts {
        let acting = (&self.actions, &self.grants, &self.audit);
        run_ports(&self.config, &self.store, &self.leases, &self.model, &self.clock, acting)
    }

    /// Builds the function `agents` again, from ports that the test changes.
    pub(crate) fn rebuild_agents(&mut self, change: impl FnOnce(&mut AgentsPorts)) {
        let mut ports = agents_ports(&self.config, &self.clock, &self.grants, &self.audit);
        change(&mut ports);
        self.agents = agents_handler(self.server(), ports);
    }

    /// Returns a token of one of the contract's users.
    pub(crate) fn token(&self, who: &str) -> String {
        let groups: &[&str] = match who {
            "alice" | "carol" => &["tenant:acme", "user"],
            "admin" => &["tenant:acme", "admin"],
            "operator" => &["tenant:acme", "operator"],
            "bob" => &["tenant:other", "user"],
            _ => &[],
        };
        self.pool.access_token(who).groups(groups).signed()
    }

    /// Lets the model fail as often as it is tried.
    pub(crate) fn model_fails(&self, error: impl Fn() -> LlmError) {
        (0..3).for_each(|_| self.model.then(Script::Fail(error())));
    }

    /// Sends an event to the function that the front door would send it to.
    pub(crate) async fn send(&self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap();
        let function = match path.split('/').nth(2) {
            Some("agent") if path.ends_with("/stream") => "stream",
            Some("agent") => "agent",
            Some("agents" | "models" | "grants") => "agents",
            Some("conversations" | "users") => "conversations",
            Some("health") if path == "/v1/health/deep" => "agents",
            _ => "health",
        };
        self.send_to(function, request).await
    }

    pub(crate) async fn send_to(&self, function: &str, request: &Request) -> Answer {
        self.handle(function, request.event(), request.time_left).await
    }

    pub(crate) async fn handle(&self, function: &str, event: Value, time_left: Duration) -> Answer {
        let invocation = self.invocation(time_left);
        if function == "stream" {
            return self.streamed(&event, &invocation).await;
        }
        let event: GatewayEvent = serde_json::from_value(event).unwrap();
        let Ok(response) = match function {
            "agent" => self.agent.handle(event, &invocation).await,
            "agents" => self.agents.handle(event, &invocation).await,
            "conversations" => self.conversations.handle(event, &invocation).await,
            "health" => self.health.handle(event, &invocation).await,
            other => panic!("no function {other}"),
        };
        Answer::new(&serde_json::to_value(response).unwrap())
    }

    pub(crate) fn invocation(&self, time_left: Duration) -> Invocation {
        Invocation {
            request_id: REQUEST_ID.to_owned(),
            trace_id: Some("Root=1-platform".to_owned()),
            function_ends: self.clock.now().plus(time_left),
            cold_start: false,
        }
    }

    /// Performs one turn of a user.
    pub(crate) async fn turn(&self, who: &str, agent: &str, body: Value) -> Answer {
        self.send(&Request::post(agent, body).token(self.token(who))).await
    }

    /// Sends a GET of a user.
    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        self.send(&Request::new("GET", path).token(self.token(who))).await
    }
}

fn server(
    verifier: Option<Arc<dyn TokenVerifier>>,
    allowed_origins: &BTreeSet<String>,
    clock: &Arc<ManualClock>,
    (metrics, line_limit): (&Arc<Mutex<Vec<String>>>, &Arc<LineLimit>),
) -> ServerContext {
    let lines = Arc::clone(metrics);
    ServerContext {
        verifier,
        allowed_origins: allowed_origins.clone(),
        limit: Duration::from_mins(1),
        digest_keys: Arc::new(digest_keys(clock, &STANDARD.encode([7; 32]))),
        clock: Arc::clone(clock) as _,
        line_limit: Arc::clone(line_limit),
        metrics: Arc::new(move |line: &str| lines.lock().unwrap().push(line.to_owned())),
    }
}

/// Returns a key of digests, from a variable in place of a secret.
fn digest_keys(clock: &Arc<ManualClock>, secret: &str) -> DigestKeys {
    let variables = BTreeMap::from([("KEY".to_owned(), SecretString::from(secret))]);
    let sources =
        SecretSources { environment: Some(Arc::new(EnvironmentSource::new(variables))), ..SecretSources::default() };
    let resolver = CachingSecretResolver::new(sources, Arc::clone(clock) as _);
    DigestKeys::new(Arc::new(resolver), SecretTemplate::parse("{{ env['KEY'] }}").unwrap(), Arc::clone(clock) as _)
}

fn run_ports(
    config: &Config,
    store: &Arc<FaultyStore<InMemoryStore>>,
    leases: &Arc<InMemoryLeases>,
    model: &Arc<ScriptedModel>,
    clock: &Arc<ManualClock>,
    (actions, grants, audit): (&ScriptedActions, &Arc<InMemoryGrants>, &Arc<InMemoryOutbox>),
) -> RunPorts {
    let random = Arc::new(FixedRandom::default());
    let retrying = || Retrying::new(Arc::clone(model) as _, RetryPolicy::default(), Arc::clone(&random) as _);
    let agents = config.agents.values().map(|agent| (Arc::clone(agent), Fallback::new(retrying(), Vec::new()).into()));
    let actions = actions.iter().map(|(name, action)| (name.clone(), Arc::clone(action) as Arc<dyn ActionExecutor>));
    RunPorts {
        agents: agents.collect(),
        policies: Arc::new(policies(config)),
        actions: actions.collect(),
        grants: Arc::clone(grants) as _,
        counters: Arc::new(InMemoryCounters::default()),
        store: Arc::clone(store) as _,
        ledger: Arc::clone(store) as _,
        leases: Arc::clone(leases) as _,
        audit: Some(Arc::clone(audit) as _),
        run_limits: config.limits.runs,
        clock: Arc::clone(clock) as _,
        random: Arc::clone(&random) as _,
    }
}

fn agents_ports(
    config: &Config,
    clock: &Arc<ManualClock>,
    grants: &Arc<InMemoryGrants>,
    audit: &Arc<InMemoryOutbox>,
) -> AgentsPorts {
    let providers = [Provider::Anthropic, Provider::Ollama].map(|provider| {
        (provider, ScriptedModel::listing(provider, Some(vec![listed(provider)])) as Arc<dyn ListModels>)
    });
    let health = HealthPorts {
        parts: ["store", "secrets", "key set"].map(|name| (name, Arc::new(FixedPart(Ok(()))) as Arc<dyn Part>)).into(),
        providers: BTreeMap::from(providers),
        operator_group: config.operator_group.clone(),
        clock: Arc::clone(clock) as _,
    };
    let catalog = ModelCatalog::new(health.providers.clone(), Arc::clone(clock) as _);
    let grants = GrantPorts {
        store: Arc::clone(grants) as _,
        audit: Some(Arc::clone(audit) as _),
        clock: Arc::clone(clock) as _,
        random: Arc::new(FixedRandom::default()),
    };
    AgentsPorts { agents: config.agents.values().cloned().collect(), catalog, health, grants }
}
