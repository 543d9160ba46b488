//! The doors over one store, one model and one user pool.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use openclaw::app::KnownModels;
use openclaw::auth::{CognitoVerifier, KeySet, KeySetError, KeySetSource, TokenVerifier};
use openclaw::config::{Config, Environment};
use openclaw::domain::{Clock, ModelId, Provider};
use openclaw::http::endpoints::agents::{AgentsPorts, Part};
use openclaw::http::endpoints::conversations::ConversationPorts;
use openclaw::http::endpoints::invoke::InvokePorts;
use openclaw::http::{Front, GatewayEvent, Invocation};
use openclaw::llm::{Fallback, LLMClient, LlmError, ModelInfo, RetryPolicy, Retrying};
use openclaw::store::InMemoryStore;
use openclaw::testing::tokens::{ISSUED_AT, TestPool};
use openclaw::testing::{FaultyStore, FixedRandom, ManualClock, Script, ScriptedModel, bundle_of};
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

/// Everything that a request can meet.
pub(crate) struct World {
    pub(crate) pool: &'static TestPool,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) store: Arc<FaultyStore<InMemoryStore>>,
    pub(crate) model: Arc<ScriptedModel>,
    pub(crate) metrics: Arc<Mutex<Vec<String>>>,
    pub(crate) agent: agent::FunctionDoor,
    pub(crate) agents: agents::FunctionDoor,
    pub(crate) conversations: conversations::FunctionDoor,
    pub(crate) health: health::FunctionDoor,
    pub(crate) stream: stream::FunctionDoor,
}

/// One pool for all worlds of a process: its key takes long to make.
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

/// A part that is well, or fails for the reason given.
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
        let environment = Environment::from_pairs([("UNUSED", "")]);
        let bundle = bundle_of(&openclaw_cli::read_yaml(CONFIG).unwrap());
        let config = openclaw::config::load(&bundle, "test", &environment, &KnownModels).unwrap();
        let pool = pool();
        let clock = ManualClock::at(ISSUED_AT * 1000);
        let keys = Arc::new(Keys { document: pool.jwks_json(), down: AtomicBool::new(false) });
        let verifier: Arc<dyn TokenVerifier> =
            Arc::new(CognitoVerifier::new(pool.settings(), Arc::clone(&keys) as _, Arc::clone(&clock) as _));
        let metrics = Arc::new(Mutex::new(Vec::new()));
        let front = |verifier: Option<Arc<dyn TokenVerifier>>| {
            let lines = Arc::clone(&metrics);
            Front {
                verifier,
                allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect::<BTreeSet<_>>(),
                limit: Duration::from_mins(1),
                clock: Arc::clone(&clock) as _,
                metrics: Arc::new(move |line: &str| lines.lock().unwrap().push(line.to_owned())),
            }
        };
        let store = Arc::new(FaultyStore::new(InMemoryStore::new()));
        let model = ScriptedModel::new(Provider::Anthropic);
        let all = Some(verifier);
        Self {
            agent: agent::FunctionDoor {
                front: front(all.clone()),
                ports: invoke_ports(&config, &store, &model, &clock),
            },
            stream: stream::FunctionDoor {
                front: front(all.clone()),
                ports: invoke_ports(&config, &store, &model, &clock),
                road: None,
            },
            agents: agents::FunctionDoor { front: front(all.clone()), ports: agents_ports(&config, &clock) },
            conversations: conversations::FunctionDoor {
                front: front(all),
                ports: ConversationPorts { store: Arc::clone(&store) as _, clock: Arc::clone(&clock) as _ },
            },
            health: health::FunctionDoor { front: front(None) },
            pool,
            clock,
            keys,
            store,
            model,
            metrics,
        }
    }

    /// A token of one of the people of the contract.
    pub(crate) fn token(&self, who: &str) -> String {
        let groups: &[&str] = match who {
            "alice" | "carol" => &["tenant:acme", "user"],
            "admin" => &["tenant:acme", "admin"],
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
            Some("agents" | "models") => "agents",
            Some("conversations") => "conversations",
            Some("health") if path == "/v1/health/deep" => "agents",
            _ => "health",
        };
        self.send_to(function, request).await
    }

    pub(crate) async fn send_to(&self, function: &str, request: &Request) -> Answer {
        self.handle(function, serde_json::from_value(request.event()).unwrap(), request.time_left).await
    }

    pub(crate) async fn handle(&self, function: &str, event: GatewayEvent, time_left: Duration) -> Answer {
        let invocation = self.invocation(time_left);
        let response = match function {
            "agent" => agent::handle(&self.agent, event, &invocation).await,
            "agents" => agents::handle(&self.agents, event, &invocation).await,
            "conversations" => conversations::handle(&self.conversations, event, &invocation).await,
            "health" => health::handle(&self.health, event, &invocation).await,
            "stream" => return self.streamed(event, &invocation).await,
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

    /// One turn of a user.
    pub(crate) async fn turn(&self, who: &str, agent: &str, body: Value) -> Answer {
        self.send(&Request::post(agent, body).token(self.token(who))).await
    }

    /// A user's GET.
    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        self.send(&Request::new("GET", path).token(self.token(who))).await
    }
}

fn invoke_ports(
    config: &Config,
    store: &Arc<FaultyStore<InMemoryStore>>,
    model: &Arc<ScriptedModel>,
    clock: &Arc<ManualClock>,
) -> InvokePorts {
    let random = Arc::new(FixedRandom::default());
    let retrying = || Retrying::new(Arc::clone(model) as _, RetryPolicy::default(), Arc::clone(&random) as _);
    let agents = config
        .agents
        .iter()
        .map(|(name, agent)| (name.clone(), (Arc::clone(agent), Fallback::new(retrying(), Vec::new()))));
    InvokePorts {
        agents: agents.collect(),
        store: Arc::clone(store) as _,
        ledger: Arc::clone(store) as _,
        clock: Arc::clone(clock) as _,
        random: Arc::clone(&random) as _,
    }
}

fn agents_ports(config: &Config, clock: &Arc<ManualClock>) -> AgentsPorts {
    let providers = [Provider::Anthropic, Provider::Ollama].map(|provider| {
        (provider, ScriptedModel::listing(provider, Some(vec![listed(provider)])) as Arc<dyn LLMClient>)
    });
    AgentsPorts {
        agents: config.agents.clone(),
        providers: BTreeMap::from(providers),
        parts: ["store", "secrets", "key set"].map(|name| (name, Arc::new(FixedPart(Ok(()))) as Arc<dyn Part>)).into(),
        clock: Arc::clone(clock) as _,
    }
}
