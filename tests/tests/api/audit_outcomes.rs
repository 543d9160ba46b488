//! The audit of allowed calls whose end was not seen: each intent has its outcome, whatever ends the run.

use std::time::Duration;

use openclaw::audit::{AuditEntry, EntryKind};
use openclaw::domain::{FinishReason, ToolCall, ToolCallId, ToolName, Usage};
use openclaw::llm::StreamEvent;
use openclaw::testing::{Reaction, Script, StreamEnd};
use serde_json::{Value, json};

use crate::audit::{ACTING, kinds, propose};
use crate::streams::Open;
use crate::world::{Request, World};

const LONG: Duration = Duration::from_mins(15);

fn lookup() -> ToolName {
    ToolName::new("lookup")
}

/// Returns a world whose model proposes one call, which reacts as given.
fn acting(reaction: Reaction) -> World {
    let world = World::with_agents(ACTING);
    propose(&world, "lookup", json!({ "id": "7" }));
    world.actions[&lookup()].then(reaction);
    world
}

/// Opens a stream, and reads until the call has arrived at its action.
async fn calling(world: &World) -> Open<'_> {
    let request = Request::post("clerk/stream", json!({ "prompt": "look up 7" })).token(world.token("alice"));
    let mut open = world.open(&request, LONG);
    open.piece().await.unwrap();
    while world.actions[&lookup()].calls().is_empty() {
        open.not_reading(Duration::from_millis(1)).await;
    }
    open
}

/// Returns the outcomes with their statuses.
fn outcomes(world: &World) -> Vec<(AuditEntry, String)> {
    let entries = world.audit.entries().into_iter().filter(|entry| entry.kind == EntryKind::Outcome);
    entries.map(|entry| (entry.clone(), entry.status.unwrap())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_call_during_which_the_client_leaves_has_an_unknown_outcome() {
    let world = acting(Reaction::Hang);
    calling(&world).await.leave().await;
    assert_eq!(kinds(&world), [EntryKind::Intent, EntryKind::Invocation, EntryKind::Outcome]);
    let (outcome, status) = outcomes(&world).remove(0);
    assert_eq!((outcome.action.as_deref(), status.as_str()), (Some("lookup"), "unknown"));
    // So that it differs from those of other calls of this action.
    assert_eq!(outcome.input_digest, world.audit.entries()[0].input_digest);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_is_being_written_when_the_client_leaves_is_kept() {
    let world = acting(Reaction::Answer(json!("found")));
    // The intent is stored, and the client leaves while the outcome is being stored.
    world.audit.hang_after(1);
    calling(&world).await.leave().await;
    assert_eq!(kinds(&world), [EntryKind::Intent, EntryKind::Invocation, EntryKind::Outcome]);
    assert_eq!(outcomes(&world)[0].1, "succeeded");
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_is_being_written_when_the_deadline_passes_is_kept() {
    let world = acting(Reaction::Answer(json!("found")));
    world.audit.hang_after(1);
    assert_eq!(world.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await.status, 504);
    assert_eq!(kinds(&world), [EntryKind::Intent, EntryKind::Invocation, EntryKind::Outcome]);
    assert_eq!(outcomes(&world)[0].1, "succeeded");
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_is_being_written_when_the_deadline_passes_has_its_outcome() {
    let world = acting(Reaction::Hang);
    world.audit.hang_after(0);
    assert_eq!(world.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await.status, 504);
    assert!(world.actions[&lookup()].calls().is_empty());
    assert_eq!(
        (kinds(&world), outcomes(&world)[0].1.as_str()),
        (vec![EntryKind::Invocation, EntryKind::Outcome], "not-run")
    );
}

#[tokio::test(start_paused = true)]
async fn calls_that_did_not_run_since_one_intent_failed_say_so() {
    let world = World::with_agents(ACTING);
    let call = |id: &str| ToolCall { id: ToolCallId::new(id), name: lookup(), arguments: json!({ "id": id }) };
    let end = [StreamEvent::Usage(Usage::default()), StreamEvent::Finished(FinishReason::ToolCalls)];
    let calls = [call("1"), call("2")].map(StreamEvent::ToolCall);
    world.model.then(Script::Stream(calls.into_iter().chain(end).collect(), StreamEnd::Close));
    // The first intent is stored, and the second is not.
    world.audit.fail_after(1, 3);
    assert_eq!(world.turn("alice", "clerk", json!({ "prompt": "look up 1 and 2" })).await.status, 503);
    assert!(world.actions[&lookup()].calls().is_empty());
    // Whether an intent was stored is unknown after a failure, so the second has its outcome too.
    let expected = [EntryKind::Intent, EntryKind::Invocation, EntryKind::Outcome, EntryKind::Outcome];
    assert_eq!(kinds(&world), expected);
    assert_eq!(outcomes(&world).into_iter().map(|(_, status)| status).collect::<Vec<_>>(), ["not-run", "not-run"]);
}

#[tokio::test(start_paused = true)]
async fn what_closes_a_run_without_a_turn_holds_no_texts() {
    let full = ACTING.replace("tools: [lookup]", "tools: [lookup]\n    audit: full");
    let world = World::with_agents(&full);
    propose(&world, "nonsense", json!({ "id": "7" }));
    assert_eq!(world.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await.status, 200);
    let failing = World::with_agents(&full);
    let call = ToolCall { id: ToolCallId::new("c1"), name: ToolName::new("nonsense"), arguments: json!({ "id": "7" }) };
    failing.model.then(Script::Call(call));
    failing.model.then(Script::Hang);
    assert_eq!(failing.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await.status, 504);
    let of = |world: &World| -> Vec<(bool, Value)> {
        let entries = world.audit.entries().into_iter();
        entries.map(|entry| (entry.texts.is_some(), json!([entry.kind, entry.input_digest]))).collect()
    };
    let (kept, left) = (of(&world), of(&failing));
    assert!(kept.iter().all(|(has_texts, _)| *has_texts) && left.iter().all(|(has_texts, _)| !has_texts));
    let digests = |of: Vec<(bool, Value)>| of.into_iter().map(|(_, digest)| digest).collect::<Vec<_>>();
    assert_eq!(digests(kept), digests(left), "the digests stay");
}
