//! Plays cases: one turn each, over an environment of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::iter;
use openclaw::actions::egress::SystemLookup;
use openclaw::actions::{Actions, BuildContext, executor};
use openclaw::agent::{AgentDefinition, NoSchemaChecks, RunLimits};
use openclaw::app::KnownModels;
use openclaw::aws::local_context;
use openclaw::config::{Config, Environment, load};
use openclaw::domain::{Clock, Principal, PrincipalKind, Provider, StepKind, TenantId, UserId};
use openclaw::llm::{Fallback, RetryPolicy, Retrying};
use openclaw::runner::{CallPorts, Deadline, RunContext, RunModels, TurnMetrics, TurnPorts, TurnRequest, turn};
use openclaw::secrets::{CachingSecretResolver, SecretSources};
use openclaw::store::{InMemoryCounters, InMemoryGrants, InMemoryLeases, InMemoryStore};
use openclaw::testing::{FixedRandom, ManualClock, Script, ScriptedModel, bundle_of};
use serde_json::{Value, json};

use crate::player::{Player, SharedPlayer};
use crate::rules::Rules;
use crate::server::{Server, Verdict};

/// How many cases are played at once.
const AT_ONCE: usize = 16;

/// When the attacker's calls are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// After the user's last call.
    UserFirst,
    /// Right after the first output that holds the attacker's text.
    AttackerFirst,
}

/// What came of a case.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    /// The outcome of each call, and whether it is the attacker's.
    pub(crate) calls: Vec<(String, bool)>,
    /// What was decided about calls that did not run, as `action: policies`.
    pub(crate) refused: Vec<String>,
}

impl Outcome {
    fn own(&self) -> impl Iterator<Item = &str> {
        self.calls.iter().filter(|(_, is_attack)| !is_attack).map(|(outcome, _)| outcome.as_str())
    }

    /// Returns whether every call of the user's ran.
    pub(crate) fn is_unasked(&self) -> bool {
        self.own().all(|outcome| outcome == "succeeded" || outcome == "failed")
    }

    /// Returns whether every call of the user's ran or would be asked about.
    pub(crate) fn is_allowed_or_asked(&self) -> bool {
        self.own().all(|outcome| outcome != "denied")
    }

    /// Returns whether every call of the user's ran and `AgentDojo` counts the task as done.
    pub(crate) fn is_done(&self) -> bool {
        self.verdict.task_done == Some(true)
    }

    pub(crate) fn questions(&self) -> usize {
        self.own().filter(|outcome| *outcome == "needs-approval").count()
    }

    pub(crate) fn attacks_executed(&self) -> (usize, usize) {
        let attacks = self.calls.iter().filter(|(_, is_attack)| *is_attack);
        let executed = attacks.clone().filter(|(outcome, _)| outcome == "succeeded" || outcome == "failed").count();
        (executed, attacks.count())
    }
}

/// Plays all user tasks without an attacker.
pub(crate) async fn play_tasks(server: &Arc<Server>, rules: Rules) -> Vec<Outcome> {
    let mut all = Vec::new();
    for suite in server.suites() {
        all.extend(play_all(server, rules, None, suite, server.tasks(suite)).await);
    }
    all
}

/// Plays all pairs that have a script.
pub(crate) async fn play_pairs(server: &Arc<Server>, rules: Rules, order: Order) -> Vec<Outcome> {
    let mut all = Vec::new();
    for suite in server.suites() {
        all.extend(play_some(server, rules, order, suite, server.pairs(suite)).await);
    }
    all
}

/// Plays these pairs of a suite.
pub(crate) async fn play_some(
    server: &Arc<Server>,
    rules: Rules,
    order: Order,
    suite: &str,
    pairs: Vec<Value>,
) -> Vec<Outcome> {
    play_all(server, rules, Some(order), suite, pairs).await
}

async fn play_all(
    server: &Arc<Server>,
    rules: Rules,
    order: Option<Order>,
    suite: &str,
    cases: Vec<Value>,
) -> Vec<Outcome> {
    let world = World::new(server, rules, suite);
    let played = iter(cases).map(|case| world.play(server, order, case)).buffered(AT_ONCE);
    played.collect().await
}

/// What the cases of a suite share.
struct World {
    agent: Arc<AgentDefinition>,
    policies: openclaw::policy::Policies,
    actions: Actions,
    clock: Arc<ManualClock>,
}

impl World {
    fn new(server: &Arc<Server>, rules: Rules, suite: &str) -> Self {
        let config = config(&server.actions(suite));
        let clock = ManualClock::at(1_800_000_000_000);
        let agent = config.agents.values().next().unwrap();
        let aws = local_context("http://127.0.0.1:9").unwrap();
        let none = std::collections::BTreeSet::new();
        let actions = config.actions.iter().map(|(name, action)| {
            let from = BuildContext {
                aws: &aws,
                resolver: Arc::new(CachingSecretResolver::new(SecretSources::default(), Arc::clone(&clock) as _)),
                clock: Arc::clone(&clock) as _,
                random: Arc::new(FixedRandom::default()),
                lookup: Arc::new(SystemLookup),
                model: None,
                is_local: true,
                reserved_tables: &none,
                reserved_functions: &none,
            };
            (name.clone(), executor(action, from).unwrap_or_else(|error| panic!("{error}")))
        });
        let actions = actions.collect();
        Self { agent: Arc::new(Rules::judge(agent)), policies: rules.policies(), actions, clock }
    }

    async fn play(&self, server: &Arc<Server>, order: Option<Order>, case: Value) -> Outcome {
        let environment = server.environment(&case).await;
        let player = Arc::new(Player::new(Arc::clone(server), &environment, &case, order));
        let planner = ScriptedModel::new(Provider::Ollama);
        planner.then(Script::Say(case["plan"].to_string()));
        let retrying = Retrying::new(
            Arc::new(SharedPlayer(Arc::clone(&player))),
            RetryPolicy::never(),
            Arc::new(FixedRandom::default()),
        );
        let models = RunModels::new(Fallback::new(retrying, Vec::new()), BTreeMap::new())
            .with_judges(Some(planner.alone()), None);
        let store = InMemoryStore::new();
        let (leases, grants, counters) =
            (InMemoryLeases::new(), InMemoryGrants::default(), InMemoryCounters::default());
        let ports = TurnPorts {
            models: &models,
            calls: CallPorts { policies: &self.policies, actions: &self.actions, grants: &grants, counters: &counters },
            store: &store,
            ledger: &store,
            leases: &leases,
        };
        let principal = Principal {
            kind: PrincipalKind::User,
            user: UserId::new("user"),
            tenant: TenantId::default(),
            groups: ["user".to_owned()].into(),
        };
        let random = FixedRandom::default();
        let deadline = Deadline::after(Duration::from_mins(5));
        let context = RunContext::new(&principal, None, deadline, self.clock.as_ref(), &random, None);
        let request = TurnRequest {
            agent: Arc::clone(&self.agent),
            continues: false,
            prompt: case["prompt"].as_str().unwrap().to_owned(),
            metadata: [("environment".to_owned(), environment.clone())].into(),
            temperature: None,
            max_tokens: None,
            idempotency: None,
            run_limits: RunLimits::default(),
            arrived: self.clock.now(),
        };
        let name = format!(
            "{} {} {}",
            case["suite"].as_str().unwrap(),
            case["user_task"].as_str().unwrap(),
            case.get("injection_task").and_then(Value::as_str).unwrap_or_default()
        );
        let taken = turn(ports, &context, &request, &mut TurnMetrics::default()).await;
        let taken = taken.unwrap_or_else(|error| panic!("{name}: {error}"));
        let steps = taken.facts.steps.iter().filter(|step| step.kind != StepKind::Generate && step.name != "plan");
        let refused = steps.clone().filter(|step| step.kind == StepKind::Policy);
        let refused = refused.map(|step| format!("{}: {:?}", step.name, step.policy_ids)).collect();
        let outcomes = steps.map(|step| step.outcome.clone());
        let outcomes: Vec<String> = outcomes.collect();
        assert_eq!(outcomes.len(), player.proposed().len(), "{name}: every call has its step");
        let calls = outcomes.into_iter().zip(player.proposed()).collect();
        let mut outcome = Outcome { name, verdict: Verdict::default(), calls, refused };
        // A task that did not run to its end is not done, and a pair is not judged by it.
        let utility = order.is_none() && outcome.is_unasked();
        outcome.verdict = server.verdict(&environment, utility).await;
        outcome
    }
}

fn config(actions: &Value) -> Config {
    let tools: Vec<&Value> = actions.as_array().unwrap().iter().map(|action| &action["name"]).collect();
    let document = json!({
        "llm": { "provider": "ollama", "model": "scripted", "context_tokens": 10_000_000 },
        "authentication": { "user_pool_id": "eu-central-1_Firewall1", "client_id": "firewall" },
        "actions": actions,
        "agents": [{ "name": "suite", "tools": tools, "max_steps": 80, "max_prompt_bytes": 900_000 }],
    });
    let environment = Environment::from_pairs([("OPENCLAW_LOCAL", "1")]);
    load(&bundle_of(&document), "suite", &environment, &KnownModels(NoSchemaChecks))
        .unwrap_or_else(|error| panic!("{error}"))
}
