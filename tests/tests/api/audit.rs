//! The audit of requests: what is written, before what, and what happens when it cannot be written.

use openclaw::audit::{AuditEntry, EntryKind};
use openclaw::domain::{ToolCall, ToolCallId, ToolName};
use openclaw::testing::{Reaction, Script};
use serde_json::{Value, json};

use crate::sockets::Sockets;
use crate::world::{Request, World};

pub(crate) const ACTING: &str = "
  - name: clerk
    tools: [lookup]
actions:
  - name: lookup
    description: Looks something up.
    type: lambda
    function: lookups
    effect: read
    parameters: { type: object, properties: { id: { type: string, maxLength: 8 } }, required: [id] }
";

/// Makes the model propose a call, and then answer.
pub(crate) fn propose(world: &World, action: &str, arguments: Value) {
    let call = ToolCall { id: ToolCallId::new("c1"), name: ToolName::new(action), arguments };
    world.model.then(Script::Call(call));
    world.model.then(Script::Say("Done.".to_owned()));
}

pub(crate) fn kinds(world: &World) -> Vec<EntryKind> {
    world.audit.entries().iter().map(|entry| entry.kind).collect()
}

fn only(world: &World) -> AuditEntry {
    let mut entries = world.audit.entries();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0)
}

#[tokio::test]
async fn a_turn_has_one_entry_without_anything_in_the_clear() {
    let world = World::new();
    let answer = world.turn("alice", "default", json!({ "prompt": "the secret plan" })).await;
    assert_eq!(answer.status, 200);
    let entry = only(&world);
    assert_eq!((entry.kind, entry.status.as_deref()), (EntryKind::Invocation, Some("succeeded")));
    assert_eq!((entry.agent.as_deref(), entry.run.as_deref()), (Some("default"), Some(answer.text_of("id"))));
    assert!(entry.usage.is_some() && entry.token.is_some() && entry.texts.is_none());
    let text = serde_json::to_string(&entry).unwrap();
    for clear in ["secret plan", "alice", answer.text_of("conversation_id"), answer.text_of("output")] {
        assert!(!text.contains(clear), "{clear} in {text}");
    }
    // The same caller and conversation have the same digests, another caller others.
    let body = json!({ "prompt": "again", "conversation_id": answer.body["conversation_id"] });
    world.turn("alice", "default", body).await;
    world.turn("bob", "default", json!({ "prompt": "the secret plan" })).await;
    let entries = world.audit.entries();
    assert_eq!((&entries[0].subject, &entries[0].conversation), (&entries[1].subject, &entries[1].conversation));
    assert!(entries[0].subject != entries[2].subject && entries[0].input_digest == entries[2].input_digest);
}

#[tokio::test]
async fn a_request_that_fails_has_its_entry_too() {
    let world = World::new();
    let late = json!({ "prompt": "x", "conversation_id": "00000000-0000-4000-8000-00000000ffff" });
    assert_eq!(world.turn("alice", "default", late).await.status, 404);
    assert_eq!(only(&world).status.as_deref(), Some("not-found"));
    // What does not pass the body's check or `access` is not a run request.
    assert_eq!(world.turn("alice", "default", json!({ "prompt": 1 })).await.status, 422);
    assert_eq!(world.turn("alice", "nobody", json!({ "prompt": "x" })).await.status, 404);
    assert_eq!(world.audit.entries().len(), 1);
}

#[tokio::test]
async fn a_replayed_request_has_an_entry_of_its_own() {
    let world = World::new();
    for _ in 0..2 {
        let request = Request::with_body("POST", "/v1/agent/default", json!({ "prompt": "x" }));
        let request = request.token(world.token("alice")).header("idempotency-key", "k");
        assert_eq!(world.send(&request).await.status, 200);
    }
    let entries = world.audit.entries();
    let statuses: Vec<Option<&str>> = entries.iter().map(|entry| entry.status.as_deref()).collect();
    assert_eq!(statuses, [Some("succeeded"), Some("replayed")]);
    let about = |entry: &AuditEntry| (entry.run.clone(), entry.conversation.clone());
    assert_eq!(about(&entries[0]), about(&entries[1]), "the run that has produced the answer");
}

#[tokio::test]
async fn a_call_has_its_intent_before_it_runs_and_its_outcome_after() {
    let world = World::with_agents(ACTING);
    propose(&world, "lookup", json!({ "id": "7" }));
    let answer = world.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(kinds(&world), [EntryKind::Intent, EntryKind::Outcome, EntryKind::Invocation]);
    let entries = world.audit.entries();
    assert_eq!((entries[0].action.as_deref(), entries[0].decision.as_deref()), (Some("lookup"), Some("allow")));
    assert_eq!((entries[1].status.as_deref(), entries[1].input_digest.as_ref()), (Some("succeeded"), None));
    assert!(entries[0].policy_ids.iter().any(|id| id.starts_with("strict")));
}

#[tokio::test]
async fn a_denied_call_rides_with_the_turn() {
    let world = World::with_agents(ACTING);
    propose(&world, "nonsense", json!({}));
    world.turn("alice", "clerk", json!({ "prompt": "x" })).await;
    let items = world.audit.items();
    assert_eq!(items.len(), 1);
    let entries = world.audit.entries();
    let decision = entries.iter().find(|entry| entry.kind == EntryKind::Decision).unwrap();
    assert_eq!((decision.action.as_deref(), decision.decision.as_deref()), (Some("unknown"), Some("deny")));
    assert!(decision.policy_ids.contains("unknown-action"));
}

#[tokio::test]
async fn without_an_intent_nothing_runs_and_the_client_may_try_again() {
    let world = World::with_agents(ACTING);
    propose(&world, "lookup", json!({ "id": "7" }));
    world.audit.fail(3);
    let answer = world.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(world.actions[&ToolName::new("lookup")].calls().len(), 0);
    // Whether the intent was stored is unknown, so that it has an outcome.
    assert_eq!(kinds(&world), [EntryKind::Invocation, EntryKind::Outcome]);
    assert_eq!(world.audit.entries()[1].status.as_deref(), Some("not-run"));
}

#[tokio::test]
async fn a_failed_run_whose_end_cannot_be_written_is_503() {
    let world = World::new();
    world.audit.fail(u32::MAX);
    let late = json!({ "prompt": "x", "conversation_id": "00000000-0000-4000-8000-00000000ffff" });
    assert_eq!(world.turn("alice", "default", late).await.status, 503);
}

#[tokio::test]
async fn without_the_key_of_the_digests_nothing_runs() {
    let mut world = World::new();
    let server =
        openclaw::api::ServerContext { digest_keys: std::sync::Arc::new(world.broken_digest_keys()), ..world.server() };
    world.rebuild_agent(server);
    assert_eq!(world.turn("alice", "default", json!({ "prompt": "x" })).await.status, 503);
    assert!(world.audit.entries().is_empty());
}

#[tokio::test]
async fn grants_and_erasures_are_written_before_they_are_made() {
    let world = World::new();
    let grant = json!({ "principal": "agent:default", "grant": "deploy", "reason": "a release", "expires_in": "PT4H" });
    let post = || Request::with_body("POST", "/v1/grants", grant.clone()).token(world.token("admin"));
    world.audit.fail(1);
    assert_eq!(world.send(&post()).await.status, 503);
    assert_eq!(world.get("admin", "/v1/grants").await.body["grants"], json!([]));
    assert_eq!(world.send(&post()).await.status, 201);
    let conversation = world.turn("alice", "default", json!({ "prompt": "x" })).await.body["conversation_id"].clone();
    let path = format!("/v1/conversations/{}", conversation.as_str().unwrap());
    let delete = || Request::new("DELETE", &path).token(world.token("alice"));
    world.audit.fail(1);
    assert_eq!(world.send(&delete()).await.status, 503);
    assert_eq!(world.get("alice", &path).await.status, 200);
    assert_eq!(world.send(&delete()).await.status, 204);
    // What is erased already, or is not the caller's, is not erased once more.
    assert_eq!(world.send(&delete()).await.status, 204);
    assert_eq!(world.send(&Request::new("DELETE", &path).token(world.token("bob"))).await.status, 404);
    let entries = world.audit.entries();
    assert_eq!(kinds(&world), [EntryKind::Grant, EntryKind::Invocation, EntryKind::Erasure]);
    assert_eq!(entries[1].conversation, entries[2].conversation);
    let text: Value = serde_json::to_value(&entries[0]).unwrap();
    assert_eq!((text["status"].as_str(), text["tenant"].as_str()), (Some("give"), Some("acme")));
}

#[tokio::test]
async fn the_entries_of_a_grant_name_it_and_can_be_matched() {
    let world = World::new();
    let grant = json!({ "principal": "agent:default", "grant": "deploy", "reason": "a release", "expires_in": "PT4H" });
    let post = Request::with_body("POST", "/v1/grants", grant).token(world.token("admin"));
    let given = world.send(&post).await;
    let path = format!("/v1/grants/{}", given.text_of("id"));
    assert_eq!(world.send(&Request::new("DELETE", &path).token(world.token("admin"))).await.status, 204);
    let entries = world.audit.entries();
    let statuses: Vec<_> = entries.iter().map(|entry| entry.status.as_deref().unwrap()).collect();
    assert_eq!(statuses, ["give", "end"]);
    assert_eq!(entries[0].action.as_deref(), Some("deploy"));
    assert!(entries[0].input_digest.is_some());
    assert_eq!(entries[0].input_digest, entries[1].input_digest);
}

#[tokio::test]
async fn an_outcome_that_cannot_be_written_rides_with_the_turn() {
    let world = World::with_agents(ACTING);
    propose(&world, "lookup", json!({ "id": "7" }));
    // The intent is written before the action runs, and the action's answer waits until the outbox fails.
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    world.actions[&ToolName::new("lookup")].then(Reaction::Meet(std::sync::Arc::clone(&barrier)));
    let failing = async {
        while world.actions[&ToolName::new("lookup")].calls().is_empty() {
            tokio::task::yield_now().await;
        }
        world.audit.fail(3);
        barrier.wait().await;
    };
    let (answer, ()) = tokio::join!(world.turn("alice", "clerk", json!({ "prompt": "look up 7" })), failing);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(kinds(&world), [EntryKind::Intent, EntryKind::Invocation, EntryKind::Outcome]);
    assert_eq!(world.audit.items().len(), 2);
}

#[tokio::test]
async fn an_agent_with_full_audit_hands_over_its_texts() {
    let world = World::with_agents(&ACTING.replace("tools: [lookup]", "tools: [lookup]\n    audit: full"));
    propose(&world, "lookup", json!({ "id": "7" }));
    world.turn("alice", "clerk", json!({ "prompt": "look up 7" })).await;
    let entries = world.audit.entries();
    let text = |index: usize| serde_json::to_value(entries[index].texts.as_ref().unwrap()).unwrap();
    assert_eq!(text(0), json!({ "input": "{\"id\":\"7\"}" }));
    assert_eq!(text(1), json!({ "output": "done" }));
    assert_eq!(text(2), json!({ "input": "look up 7", "output": "Done." }));
}

#[tokio::test]
async fn a_message_over_a_websocket_is_audited_whether_or_not_its_run_begins() {
    let invoke = json!({ "action": "invoke", "agent": "default", "request_id": "r1", "prompt": "the secret plan" });
    let sockets = Sockets::connected().await;
    sockets.send(&invoke).await;
    // The first run of this name has not ended.
    sockets.send(&invoke).await;
    assert_eq!(sockets.frames().last().unwrap()["data"]["status"], 409);
    sockets.perform_next().await;
    let entries = sockets.world.audit.entries();
    let statuses: Vec<_> = entries.iter().map(|entry| entry.status.as_deref().unwrap_or_default()).collect();
    assert_eq!(statuses, ["request-in-progress", "succeeded"]);
    for entry in &entries {
        assert_eq!((entry.kind, entry.agent.as_deref()), (EntryKind::Invocation, Some("default")));
        assert!(entry.token.is_some() && entry.source.is_some() && entry.input_digest.is_some(), "{entry:?}");
    }
    assert_eq!((&entries[0].token, &entries[0].subject), (&entries[1].token, &entries[1].subject));
    // Nothing that is refused goes unnoticed.
    sockets.send(&invoke).await;
    sockets.world.audit.fail(1);
    sockets.send(&invoke).await;
    assert_eq!(sockets.frames().last().unwrap()["data"]["status"], 503);
    // A name that leads to no agent starts nothing.
    sockets.send(&json!({ "action": "invoke", "agent": "nobody", "prompt": "x" })).await;
    assert_eq!(sockets.world.audit.entries().len(), 2);
    // A run that is cancelled before it begins.
    sockets.send(&json!({ "action": "invoke", "agent": "default", "request_id": "r2", "prompt": "x" })).await;
    sockets.send(&json!({ "action": "cancel", "request_id": "r2" })).await;
    sockets.runs.take().unwrap();
    sockets.perform_next().await;
    let last = sockets.world.audit.entries().pop().unwrap();
    assert_eq!((last.kind, last.status.as_deref()), (EntryKind::Invocation, Some("cancelled")));
    // And one whose client has left before.
    sockets.send(&json!({ "action": "invoke", "agent": "default", "request_id": "r3", "prompt": "x" })).await;
    sockets.event("DISCONNECT", json!({})).await;
    sockets.perform_next().await;
    let last = sockets.world.audit.entries().pop().unwrap();
    assert_eq!((last.kind, last.status.as_deref()), (EntryKind::Invocation, Some("client-gone")));
}
