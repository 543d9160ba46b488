//! What judging a call costs within the process: provenance, policy, and a graph's step.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use openclaw::agent::{ActionEffect, AgentRun, CallerInput, NoSchemaChecks, Origin, Proposer, RunInput, Sources};
use openclaw::app::KnownModels;
use openclaw::config::{Environment, load};
use openclaw::domain::{AgentName, Principal, PrincipalKind, RunId, TenantId, Timestamp, ToolName, UserId};
use openclaw::policy::{CallRequest, Count, Extends, Opinion, Policies, Verdict};
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::figure::median;

/// How often each is measured, and how many times in a row each time.
const SAMPLES: usize = 50;
const REPEATS: usize = 20;

/// The decisions of the graph whose steps are measured.
const DECISIONS: usize = 40;

/// Milliseconds.
pub(crate) struct Judging {
    /// Judging a call with 100 policies.
    pub(crate) authorize: f64,
    /// Finding where 20 arguments come from, in 100 KB that are normalised already.
    pub(crate) provenance: f64,
    /// One step of a graph.
    pub(crate) graph_step: f64,
}

pub(crate) fn measure() -> Result<Judging, Failure> {
    Ok(Judging { authorize: authorize()?, provenance: provenance()?, graph_step: graph_step()? })
}

/// Returns the median of one repetition in milliseconds, after a first round that is not counted.
fn milliseconds(mut work: impl FnMut()) -> f64 {
    let mut once = || {
        let began = Instant::now();
        for _ in 0..REPEATS {
            work();
        }
        began.elapsed().as_secs_f64() * 1000.0 / f64::from(u32::try_from(REPEATS).unwrap_or(1))
    };
    once();
    median((0..SAMPLES).map(|_| once()).collect())
}

fn principal() -> Principal {
    let groups = ["user".to_owned(), "support".to_owned()].into();
    Principal { kind: PrincipalKind::User, user: UserId::new("u"), tenant: TenantId::new("acme"), groups }
}

fn arguments() -> Map<String, Value> {
    (0..20)
        .map(|number| (format!("argument{number}"), Value::String(format!("value {number} of the window"))))
        .collect()
}

fn authorize() -> Result<f64, Failure> {
    let policy = |number: usize| {
        format!(
            "@id(\"own-{number}\") forbid (principal in OpenClaw::Group::\"group{number}\", action in \
             OpenClaw::Action::\"write\", resource) when {{ context.tainted && context.step > {number} }};"
        )
    };
    let text = (0..100).map(policy).collect::<Vec<_>>().join("\n");
    let policies = Policies::new([("own".to_owned(), vec![text], Extends::Strict)]);
    let (principal, agent, action) = (principal(), AgentName::fallback(), ToolName::new("refund"));
    let arguments = arguments();
    let properties: Map<String, Value> =
        arguments.keys().map(|name| (name.clone(), json!({ "type": "string" }))).collect();
    let schema = json!({ "type": "object", "properties": properties });
    let origins: BTreeMap<String, Origin> = arguments.keys().map(|name| (name.clone(), Origin::Caller)).collect();
    let call = || CallRequest {
        principal: &principal,
        agent: &agent,
        action: &action,
        effect: ActionEffect::Write,
        arguments: &arguments,
        schema: &schema,
        origins: origins.clone(),
        proposed_by: Proposer::Model,
        tainted: true,
        planned: true,
        data: BTreeSet::new(),
        accepts: BTreeSet::new(),
        called: BTreeSet::new(),
        step: 3,
        now: Timestamp::from_millis(1_777_636_800_000),
        grants: BTreeSet::new(),
        opinion: Opinion::None,
        count: Count::default(),
    };
    if policies.judge("own", &call()).verdict() != Verdict::Allow {
        return Err("the measured call is not allowed".into());
    }
    Ok(milliseconds(|| drop(black_box(policies.judge("own", &call())))))
}

fn provenance() -> Result<f64, Failure> {
    let mut sources = Sources::default();
    let sentence =
        |number: usize| format!("This is sentence {number} of what a stranger wrote about nothing in particular. ");
    sources.add(Origin::Untrusted, &(0..1_400).map(sentence).collect::<String>());
    let mut arguments = arguments();
    let words: Vec<&str> = arguments.values().filter_map(Value::as_str).collect();
    sources.add(Origin::Caller, &words.join("; "));
    // Half of them are the caller's; the others are looked for in everything that was read, and stand at its end or nowhere.
    for (number, value) in arguments.values_mut().take(10).enumerate() {
        *value = json!(if number < 5 { format!("sentence {}", 1_390 + number) } else { format!("nobody's {number}") });
    }
    let properties: Map<String, Value> = arguments.keys().map(|name| (name.clone(), json!({}))).collect();
    let schema = json!({ "properties": properties });
    let origins = sources.origins(&arguments, &schema);
    let number = |wanted: Origin| origins.values().filter(|origin| **origin == wanted).count();
    if (number(Origin::Caller), number(Origin::Untrusted), number(Origin::Model)) != (10, 5, 5) {
        return Err(format!("the arguments have other origins: {origins:?}").into());
    }
    Ok(milliseconds(|| drop(black_box(sources.origins(&arguments, &schema)))))
}

fn graph_step() -> Result<f64, Failure> {
    let mut states = Map::new();
    states.insert("start".to_owned(), json!({ "type": "input", "next": "s0" }));
    for number in 0..DECISIONS {
        let next = if number + 1 == DECISIONS { "done".to_owned() } else { format!("s{}", number + 1) };
        let branches = json!([{ "when": "'policy' in input.prompt", "next": "done" }]);
        states.insert(format!("s{number}"), json!({ "type": "decision", "branches": branches, "otherwise": next }));
    }
    states.insert("done".to_owned(), json!({ "type": "output", "text": "{{ input.prompt }}" }));
    let document = json!({
        "llm": { "provider": "ollama", "model": "m" },
        "authentication": { "user_pool_id": "us-east-1_bench", "client_id": "bench" },
        "agents": [{ "name": "graph", "states": states, "max_steps": 64 }],
    });
    let bundle = json!({ "revision": 1, "sha256": "", "document": document }).to_string();
    let config = load(&bundle, "bench", &Environment::from_pairs([("UNUSED", "")]), &KnownModels(NoSchemaChecks))?;
    let agent = config.agents.values().next().ok_or("no agent")?;
    let start = || {
        let input = CallerInput { prompt: "hello".to_owned(), metadata: BTreeMap::new(), caller: principal() };
        let input = RunInput { history: Vec::new(), input, temperature: None, max_tokens: None };
        let run = RunId::new(uuid::Uuid::nil());
        AgentRun::start(Arc::clone(agent), run, input, Timestamp::from_millis(0))
    };
    if start().outcome().is_none() {
        return Err("the measured graph has no outcome".into());
    }
    let whole = milliseconds(|| drop(black_box(start())));
    Ok(whole / f64::from(u32::try_from(DECISIONS).unwrap_or(1)))
}
