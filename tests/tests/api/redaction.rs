//! `Debug` of what carries prompts, answers and tokens: it has none of their text, since a `{:?}` may end in a log or in a
//! panic's text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use openclaw::agent::{CallerInput, RunInput, RunOutput, StateRecord, Template};
use openclaw::api::RunBody;
use openclaw::domain::{
    ActionOutput, Content, GenerationRequest, MaxTokens, Message, Principal, PrincipalKind, Prompt, ResultSource, Role,
    SecretTemplate, Settled, SettledOutcome, TenantId, Timestamp, ToolCall, ToolCallId, ToolName, ToolResult, Trust,
    UserId,
};
use openclaw::http::Reply;
use openclaw::lambda::{GatewayEvent, GatewayResponse, HttpRequest, Invocation, Source, WebSocketResponse};
use openclaw::llm::StreamEvent;
use openclaw::runner::TurnEvent;
use openclaw::secrets::StoredDocument;
use openclaw::testing::Script;
use serde_json::json;

use crate::world::World;

const CANARY: &str = "canary-in-a-text";

#[track_caller]
fn assert_silent(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.is_empty());
    }
}

fn text() -> String {
    CANARY.to_owned()
}

fn call() -> ToolCall {
    ToolCall { id: ToolCallId::new("c"), name: ToolName::new("look"), arguments: json!({ "q": CANARY, CANARY: 1 }) }
}

fn messages() -> Vec<Message> {
    let result =
        ToolResult { call: ToolCallId::new("c"), text: text(), is_error: false, source: ResultSource::default() };
    let parts = vec![Content::Text(text()), Content::ToolCall(call()), Content::ToolResult(result)];
    vec![Message::new(Role::Assistant, parts)]
}

#[test]
fn messages_requests_and_results_are_silent() {
    let prompt = Prompt { system: Some(text()), messages: messages(), tools: Vec::new() };
    let max_tokens = MaxTokens::try_from(9).unwrap();
    assert_silent(&GenerationRequest { prompt, temperature: None, max_tokens });
    assert_silent(&StreamEvent::TextDelta(text()));
    assert_silent(&StreamEvent::ToolCall(call()));
    let output = ActionOutput { value: json!(text()), trust: Trust::Untrusted, data: BTreeSet::new(), usage: None };
    let failed = SettledOutcome::Failed { text: text(), is_from_outside: true, has_run: true };
    let denied = SettledOutcome::Denied { text: text(), policy_ids: BTreeSet::new(), needs_approval: false };
    for outcome in [SettledOutcome::Succeeded(output), failed, denied] {
        assert_silent(&Settled { call: call(), outcome });
    }
}

#[test]
fn turns_are_silent() {
    let caller = Principal {
        kind: PrincipalKind::User,
        user: UserId::new("alice"),
        tenant: TenantId::default(),
        groups: [].into(),
    };
    let input = CallerInput { prompt: text(), metadata: BTreeMap::from([(text(), text())]), caller };
    assert_silent(&RunInput { history: messages(), input, temperature: None, max_tokens: None });
    let output = Some(json!({ CANARY: CANARY }));
    assert_silent(&StateRecord { status: None, output, visits: 1, is_untrusted: false });
    assert_silent(&Template::text(CANARY).unwrap());
    assert_silent(&RunOutput { output: text(), stop_reason: openclaw::domain::StopReason::EndTurn });
    assert_silent(&TurnEvent::Delta(text()));
    let metadata = BTreeMap::from([(text(), text())]);
    assert_silent(&RunBody { prompt: text(), conversation_id: None, temperature: None, max_tokens: None, metadata });
}

#[test]
fn requests_and_responses_are_silent() {
    let event: GatewayEvent = serde_json::from_value(json!({
        "httpMethod": "POST", "path": "/v1/agent/default", "body": CANARY,
        "headers": { "authorization": format!("Bearer {CANARY}"), "x-other": CANARY },
        "queryStringParameters": { "access_token": CANARY },
    }))
    .unwrap();
    let arrived = Timestamp::from_millis(0);
    let invocation =
        Invocation { request_id: "r".to_owned(), trace_id: None, function_ends: arrived, cold_start: false };
    assert_silent(&HttpRequest::new(event, &invocation, arrived, Duration::from_secs(1)));
    assert_silent(&Reply::json(&CANARY).unwrap());
    assert_silent(&Reply::events(text()));
    let headers = HeaderMap::new();
    assert_silent(&GatewayResponse::new(Source::LoadBalancer, StatusCode::OK, &headers, text()));
    assert_silent(&WebSocketResponse::new(StatusCode::OK, &headers, Some(text())));
    let (respond, _response) = tokio::sync::oneshot::channel();
    assert_silent(&openclaw::lambda::StreamedInvocation { event: Bytes::from(CANARY), respond });
}

#[test]
fn keys_and_documents_are_silent() {
    assert_silent(&StoredDocument { text: text(), sha256: "0".to_owned() });
    assert_silent(&SecretTemplate::parse(CANARY).unwrap());
}

#[tokio::test]
async fn what_is_stored_is_silent() {
    let world = World::new();
    world.model.then(Script::Say(text()));
    let answer = world.turn("alice", "default", json!({ "prompt": CANARY })).await;
    assert_eq!(answer.body["output"], CANARY);
    assert_silent(&world.model.requests());
    assert_silent(world.store.inner());
}
