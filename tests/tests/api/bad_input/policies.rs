//! Policies that error while they judge: they deny, and nothing runs.

use std::time::Duration;

use openclaw::audit::EntryKind;
use openclaw::domain::{Content, ResultSource, ToolCall, ToolCallId, ToolName, ToolResult};
use openclaw::testing::{Operation, Script};
use serde_json::{Value, json};

use crate::world::{Request, World, bundle_with, environment};

const CONFIG: &str = "
  - name: helper
    tools: [order]
    policy: own
  - name: orders
    policy: own
    states:
      start: { type: input, next: buy }
      buy: { type: action, action: order, arguments: { units: 9000000000000000000, price: 2 }, next: done }
      done: { type: output, text: '{{ states.buy.output }}' }
policies: { own: { files: [own.cedar] } }
actions:
  - name: order
    description: Orders something.
    type: lambda
    function: orders
    effect: read
    parameters:
      type: object
      properties: { units: { type: integer }, price: { type: integer }, note: { type: string } }
      required: [units, price]
";

/// A number that 64 bits hold, but not twice.
const HUGE: i64 = 9_000_000_000_000_000_000;

fn world(condition: &str) -> World {
    of_policy(&format!(
        "@id(\"own\") forbid (principal, action == OpenClaw::Action::\"order\", resource) when {{ {condition} }};"
    ))
}

/// Returns a world with this policy. It was not checked, as in a bundle of another release.
fn of_policy(policy: &str) -> World {
    let mut bundle: Value = serde_json::from_str(&bundle_with(CONFIG)).unwrap();
    bundle["policies"] = json!({ "own": { "texts": [policy] } });
    World::of_bundle(&bundle.to_string(), &environment(), &[])
}

fn orders(world: &World) -> usize {
    world.actions[&ToolName::new("order")].calls().len()
}

async fn proposed(world: &World, arguments: Value) -> ToolResult {
    let call = ToolCall { id: ToolCallId::new("c"), name: ToolName::new("order"), arguments };
    world.model.then(Script::Call(call));
    world.model.then(Script::Say("I may not.".to_owned()));
    let answer = world.turn("alice", "helper", json!({ "prompt": "Order it." })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let last = world.model.requests().pop().unwrap();
    match last.prompt.messages.into_iter().flat_map(|message| message.content).last().unwrap() {
        Content::ToolResult(result) => result,
        other => panic!("{other:?}"),
    }
}

/// Conditions that error when they are evaluated. The first passes the check of policies, too.
const FAULTY: [&str; 3] = [
    "context.input.units * context.input.price > 100",
    "context.input.note == \"urgent\"",
    "principal.department == \"sales\"",
];

#[tokio::test]
async fn a_policy_that_errors_denies_what_a_model_proposes() {
    for condition in FAULTY {
        let world = world(condition);
        let result = proposed(&world, json!({ "units": HUGE, "price": 2 })).await;
        let text = "the call did not run: policy forbids it (evaluation-error)".to_owned();
        let (call, source) = (ToolCallId::new("c"), ResultSource::Gateway);
        assert_eq!(result, ToolResult { call, text, is_error: true, source }, "{condition}");
        assert_eq!(orders(&world), 0, "{condition}");
        is_denied(&world, "order", "succeeded");
    }
}

#[tokio::test]
async fn a_policy_that_errors_denies_what_a_graph_calls() {
    for condition in FAULTY {
        let world = world(condition);
        let answer = world.turn("alice", "orders", json!({ "prompt": "Order it." })).await;
        answer.is_problem(403, "forbidden");
        assert_eq!(answer.body["policy_ids"], json!(["evaluation-error"]), "{condition}");
        assert_eq!((orders(&world), world.store.calls(Operation::Commit)), (0, 0), "{condition}");
        is_denied(&world, "order", "forbidden");
    }
}

#[tokio::test]
async fn a_policy_that_errors_admits_nobody() {
    let world = of_policy(
        "@id(\"own\") forbid (principal, action == OpenClaw::Action::\"invoke_agent\", resource)
            when { principal.department == \"sales\" };",
    );
    let answer = world.turn("alice", "helper", json!({ "prompt": "Order it." })).await;
    answer.is_problem(403, "forbidden");
    assert_eq!(answer.body["policy_ids"], json!(["evaluation-error"]));
    assert_eq!((world.model.requests().len(), orders(&world)), (0, 0));
    is_denied(&world, "invoke_agent", "forbidden");
}

#[tokio::test]
async fn the_same_policy_judges_what_it_can() {
    let judged = async |price: i64| {
        let world = world(FAULTY[0]);
        let result = proposed(&world, json!({ "units": 3, "price": price })).await;
        (result.text, orders(&world))
    };
    assert_eq!(judged(2).await, ("done".to_owned(), 1));
    assert_eq!(judged(200).await, ("the call did not run: policy forbids it (own)".to_owned(), 0));
}

#[tokio::test]
async fn a_grant_that_expired_a_second_ago_permits_nothing() {
    let world = of_policy(
        "@id(\"no-release\") forbid (principal, action == OpenClaw::Action::\"order\", resource)
            unless { context.grants.contains(\"release\") };",
    );
    let grant = json!({ "principal": "agent:helper", "grant": "release", "reason": "a release", "expires_in": "PT1H" });
    let given = world.send(&Request::with_body("POST", "/v1/grants", grant).token(world.token("admin"))).await;
    assert_eq!(given.status, 201);
    let arguments = json!({ "units": 3, "price": 2 });
    assert_eq!(proposed(&world, arguments.clone()).await.text, "done");
    world.clock.advance(Duration::from_secs(3601));
    let refused = proposed(&world, arguments).await.text;
    assert_eq!((refused.as_str(), orders(&world)), ("the call did not run: policy forbids it (no-release)", 1));
    let last = world.audit.entries().pop().unwrap();
    assert_eq!((last.kind, last.action.as_deref()), (EntryKind::Decision, Some("order")));
    assert!(last.policy_ids.iter().eq(["no-release"]), "{:?}", last.policy_ids);
}

/// Checks the audit of a run whose only call was denied by an error.
#[track_caller]
fn is_denied(world: &World, action: &str, status: &str) {
    let entries = world.audit.entries();
    let kinds: Vec<EntryKind> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Invocation, EntryKind::Decision]);
    assert_eq!(entries[0].status.as_deref(), Some(status));
    assert_eq!((entries[1].action.as_deref(), entries[1].decision.as_deref()), (Some(action), Some("deny")));
    assert!(entries[1].policy_ids.iter().eq(["evaluation-error"]), "{:?}", entries[1].policy_ids);
}
