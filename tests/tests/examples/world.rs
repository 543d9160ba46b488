//! An example's agents over a store in this process, and models and actions that follow a script.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openclaw::actions::ActionExecutor;
use openclaw::agent::{AgentDefinition, FullSchemaChecks, ModelChoice, NoSchemaChecks};
use openclaw::api::v1::conversations::ConversationPorts;
use openclaw::api::{HttpHandler, RunPorts, ServerContext};
use openclaw::app::{KnownModels, agent_handler, conversations_handler, policies};
use openclaw::audit::{EntryKind, InMemoryOutbox};
use openclaw::auth::{CognitoVerifier, KeySet, KeySetError, KeySetSource, TokenVerifier};
use openclaw::config::{Config, Environment, Stage, load};
use openclaw::domain::{Clock, Message, Provider, SecretTemplate, Timestamp, ToolCall, ToolCallId, ToolName};
use openclaw::lambda::{GatewayEvent, Handler, Invocation};
use openclaw::runner::RunModels;
use openclaw::secrets::{CachingSecretResolver, DigestKeys, EnvironmentSource, SecretSources};
use openclaw::store::{InMemoryCounters, InMemoryGrants, InMemoryLeases, InMemoryStore};
use openclaw::testing::tokens::{ISSUED_AT, TestPool};
use openclaw::testing::{FixedRandom, ManualClock, Reaction, Script, ScriptedAction, ScriptedModel};
use openclaw_cli::Directory;
use secrecy::SecretString;
use serde_json::Value;

pub(crate) use crate::request::{Answer, Request};

/// The id of every invocation.
pub(crate) const REQUEST_ID: &str = "8f5c1b9e-0000-4000-8000-00000000d00f";

/// Returns the folder of an example.
pub(crate) fn folder(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/agents").join(example)
}

/// An example.
pub(crate) struct World {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    models: BTreeMap<Provider, Arc<ScriptedModel>>,
    actions: BTreeMap<ToolName, Arc<ScriptedAction>>,
    audit: Arc<InMemoryOutbox>,
    agent: HttpHandler<RunPorts>,
    conversations: HttpHandler<ConversationPorts>,
}

impl World {
    /// Loads an example as a deployment does.
    pub(crate) fn of(example: &str) -> Self {
        let folder = folder(example);
        let config = config(&folder);
        let clock = ManualClock::at(ISSUED_AT * 1000);
        let store = InMemoryStore::new();
        let audit = store.audit();
        let store = Arc::new(store);
        let models = [Provider::Anthropic, Provider::Bedrock, Provider::OpenAi]
            .map(|provider| (provider, ScriptedModel::new(provider)));
        let models = BTreeMap::from(models);
        let actions: BTreeMap<ToolName, Arc<ScriptedAction>> =
            config.actions.keys().map(|name| (name.clone(), ScriptedAction::new())).collect();
        let executors =
            actions.iter().map(|(name, action)| (name.clone(), Arc::clone(action) as Arc<dyn ActionExecutor>));
        let ports = RunPorts {
            agents: config.agents.values().map(|agent| (Arc::clone(agent), run_models(agent, &models))).collect(),
            policies: Arc::new(policies(&config)),
            actions: executors.collect(),
            grants: Arc::new(InMemoryGrants::default()),
            counters: Arc::new(InMemoryCounters::default()),
            store: Arc::clone(&store) as _,
            ledger: Arc::clone(&store) as _,
            leases: Arc::new(InMemoryLeases::new()),
            audit: Some(Arc::clone(&audit) as _),
            run_limits: config.limits.runs,
            clock: Arc::clone(&clock) as _,
            random: Arc::new(FixedRandom::default()),
        };
        let conversations = ConversationPorts {
            store,
            audit: None,
            clock: Arc::clone(&clock) as _,
            random: Arc::new(FixedRandom::default()),
        };
        Self {
            agent: agent_handler(server(&clock), ports),
            conversations: conversations_handler(server(&clock), conversations),
            folder,
            clock,
            models,
            actions,
            audit,
        }
    }

    /// Lets the model of a provider say these texts, one for each request.
    pub(crate) fn says(&self, provider: Provider, texts: &[&str]) {
        for text in texts {
            self.models[&provider].then(Script::Say((*text).to_owned()));
        }
    }

    /// Lets the model of a provider propose a call.
    pub(crate) fn proposes(&self, provider: Provider, action: &str, arguments: Value) {
        let call = ToolCall { id: ToolCallId::new("call"), name: ToolName::new(action), arguments };
        self.models[&provider].then(Script::Call(call));
    }

    /// Lets an action react.
    pub(crate) fn reacts(&self, action: &str, reaction: Reaction) {
        self.actions[&ToolName::new(action)].then(reaction);
    }

    /// Returns a file of the example's `local/`, which holds what its actions find on the local cloud.
    pub(crate) fn local(&self, file: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.folder.join("local").join(file)).unwrap()).unwrap()
    }

    /// Sends a request of alice, who is a user of the tenant acme.
    pub(crate) async fn ask(&self, agent: &str, body: Value) -> Answer {
        let token = pool().access_token("alice").groups(&["tenant:acme", "user"]).signed();
        self.handle(&self.agent, &Request::post(agent, body).token(token)).await
    }

    /// Returns the arguments of the calls of an action that ran.
    pub(crate) fn calls(&self, action: &str) -> Vec<Value> {
        self.actions[&ToolName::new(action)].calls().into_iter().map(|(_, arguments)| arguments).collect()
    }

    /// Returns the last message of each request to the model of a provider.
    pub(crate) fn asked(&self, provider: Provider) -> Vec<String> {
        let requests = self.models[&provider].requests();
        let last = requests.iter().map(|request| request.prompt.messages.last());
        last.map(|message| message.map(Message::plain_text).unwrap_or_default()).collect()
    }

    /// Returns the role and the text of each message that is stored of the answer's conversation.
    pub(crate) async fn stored(&self, answer: &Answer) -> Vec<(String, String)> {
        let token = pool().access_token("alice").groups(&["tenant:acme", "user"]).signed();
        let path = format!("/v1/conversations/{}", answer.text_of("conversation_id"));
        let found = self.handle(&self.conversations, &Request::new("GET", &path).token(token)).await;
        let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
        let messages = found.body["messages"].as_array().unwrap().iter();
        messages.map(|message| (text(message, "role"), text(message, "text"))).collect()
    }

    /// Checks how the calls of a run were judged: each action with `succeeded`, `denied` and so on, and the policies that
    /// decided, in the answer and in the audit.
    #[track_caller]
    pub(crate) fn judged(&self, answer: &Answer, expected: &[(&str, &str, &[&str])]) {
        self.audited(expected);
        let named = |ids: &Value| -> Vec<String> {
            let ids = ids.as_array().map(Vec::as_slice).unwrap_or_default().iter();
            ids.map(|id| id.as_str().unwrap().to_owned()).collect()
        };
        let Some(steps) = answer.body["steps"].as_array() else {
            // A run that failed for it shows only why.
            assert_eq!(answer.text_of("type"), "urn:openclaw:problem:forbidden", "{}", answer.text);
            let last = expected.last().map(|(_, _, ids)| ids.iter().map(|id| (*id).to_owned()).collect());
            return assert_eq!(Some(named(&answer.body["policy_ids"])), last, "{}", answer.text);
        };
        let is_call = |step: &&Value| self.actions.keys().any(|name| step["name"] == name.as_str());
        let found: Vec<(&str, &str, Vec<String>)> = steps
            .iter()
            .filter(is_call)
            .map(|step| (step["name"].as_str().unwrap(), step["outcome"].as_str().unwrap(), named(&step["policy_ids"])))
            .collect();
        let expected: Vec<(&str, &str, Vec<String>)> = expected
            .iter()
            .map(|(action, outcome, ids)| (*action, *outcome, ids.iter().map(|id| (*id).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected, "{}", answer.text);
    }

    /// Checks the audit of the last run: an intent before each call that ran and its outcome, a decision with its policies for
    /// each that did not, and one entry about the request.
    #[track_caller]
    fn audited(&self, expected: &[(&str, &str, &[&str])]) {
        let entries = self.audit.entries();
        let last = entries.iter().rfind(|entry| entry.kind == EntryKind::Invocation).unwrap();
        let of_run = || entries.iter().filter(|entry| entry.run == last.run);
        let of = |kind: EntryKind| of_run().filter(move |entry| entry.kind == kind);
        assert_eq!(of(EntryKind::Invocation).count(), 1);
        let names = |kind| -> Vec<String> { of(kind).filter_map(|entry| entry.action.clone()).collect() };
        let ran = |outcome: &str| matches!(outcome, "succeeded" | "failed");
        let expected_to_run: Vec<&str> =
            expected.iter().filter(|(_, outcome, _)| ran(outcome)).map(|(action, _, _)| *action).collect();
        assert_eq!(names(EntryKind::Intent), expected_to_run);
        let mut outcomes = names(EntryKind::Outcome);
        outcomes.sort();
        let mut sorted = expected_to_run;
        sorted.sort_unstable();
        assert_eq!(outcomes, sorted);
        let refused: Vec<(String, Vec<String>)> = of(EntryKind::Decision)
            .map(|entry| (entry.action.clone().unwrap(), entry.policy_ids.iter().cloned().collect()))
            .collect();
        let expected_refused: Vec<(String, Vec<String>)> = expected
            .iter()
            .filter(|(_, outcome, _)| !ran(outcome))
            .map(|(action, _, ids)| ((*action).to_owned(), ids.iter().map(|id| (*id).to_owned()).collect()))
            .collect();
        assert_eq!(refused, expected_refused);
    }

    async fn handle<P: Send + Sync>(&self, handler: &HttpHandler<P>, request: &Request) -> Answer {
        let invocation = Invocation {
            request_id: REQUEST_ID.to_owned(),
            trace_id: None,
            function_ends: self.clock.now().plus(request.time_left),
            cold_start: false,
        };
        let event: GatewayEvent = serde_json::from_value(request.event()).unwrap();
        let Ok(response) = handler.handle(event, &invocation).await;
        Answer::new(&serde_json::to_value(response).unwrap())
    }
}

/// Returns the steps of a run: kind, name, provider and outcome, with a space between them.
pub(crate) fn path(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let steps = answer.body["steps"].as_array().unwrap().iter();
    let members = |step: &Value| {
        let members = ["kind", "name", "provider", "outcome"].map(|name| step[name].as_str().map(str::to_owned));
        members.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    steps.map(members).collect()
}

/// Returns the messages of a turn as [`World::stored`] does.
pub(crate) fn turn(prompt: &str, output: &str) -> Vec<(String, String)> {
    [("user", prompt), ("assistant", output)].map(|(role, text)| (role.to_owned(), text.to_owned())).into()
}

fn config(folder: &Path) -> Config {
    let directory = Directory::read(folder).unwrap();
    let bundled =
        directory.bundle(Stage::Deployment, &KnownModels(FullSchemaChecks), Timestamp::from_millis(ISSUED_AT * 1000));
    let (bundle, warnings) = bundled.unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(warnings, []);
    // As Terraform does.
    let environment = Environment::from_pairs([
        ("OPENCLAW__AUTHENTICATION__USER_POOL_ID", "eu-central-1_TestPool1"),
        ("OPENCLAW__AUTHENTICATION__CLIENT_ID", "testclient"),
    ]);
    load(&bundle.to_string(), "test", &environment, &KnownModels(NoSchemaChecks))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Gives the agent and each of its states the model of the provider that the configuration names.
fn run_models(agent: &AgentDefinition, models: &BTreeMap<Provider, Arc<ScriptedModel>>) -> RunModels {
    let of = |choice: &ModelChoice| models[&choice.model.provider].alone();
    let states = agent.graph.models().map(|(state, choice)| (state.clone(), of(choice)));
    RunModels::new(of(&agent.model_choice()), states.collect())
        .with_judges(agent.safeguards.planner.as_ref().map(of), agent.safeguards.opinion.as_ref().map(of))
}

/// Returns the pool that all worlds of a process share, since its key takes long to generate.
fn pool() -> &'static TestPool {
    static POOL: OnceLock<TestPool> = OnceLock::new();
    POOL.get_or_init(TestPool::new)
}

/// The pool's keys.
struct Keys;

#[async_trait]
impl KeySetSource for Keys {
    async fn fetch(&self) -> Result<KeySet, KeySetError> {
        KeySet::parse(pool().jwks_json().as_bytes())
    }
}

fn server(clock: &Arc<ManualClock>) -> ServerContext {
    let verifier: Arc<dyn TokenVerifier> =
        Arc::new(CognitoVerifier::new(pool().settings(), Arc::new(Keys), Arc::clone(clock) as _));
    let variables = BTreeMap::from([("KEY".to_owned(), SecretString::from(STANDARD.encode([7; 32])))]);
    let sources =
        SecretSources { environment: Some(Arc::new(EnvironmentSource::new(variables))), ..SecretSources::default() };
    let resolver = Arc::new(CachingSecretResolver::new(sources, Arc::clone(clock) as _));
    let template = SecretTemplate::parse("{{ env['KEY'] }}").unwrap();
    ServerContext {
        verifier: Some(verifier),
        allowed_origins: std::collections::BTreeSet::new(),
        limit: Duration::from_mins(1),
        digest_keys: Arc::new(DigestKeys::new(resolver, template, Arc::clone(clock) as _)),
        clock: Arc::clone(clock) as _,
        line_limit: Arc::default(),
        metrics: Arc::new(|_| ()),
    }
}
