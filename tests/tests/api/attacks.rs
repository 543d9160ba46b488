//! Requests that an attacker would try, each against the real handlers: headers that two readers understand differently, and
//! names of things that belong to somebody else.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openclaw::domain::Clock;
use openclaw::testing::Script;
use serde_json::{Value, json};

use crate::sockets::{Sockets, names};
use crate::world::{Answer, Request, World};

/// The forms of an HTTP event that API Gateway sends.
#[derive(Debug, Clone, Copy)]
enum Form {
    V1,
    V2,
}

/// Returns an event of `GET /v1/agents` in a form that has `headers` and perhaps `multiValueHeaders`.
fn event(form: Form, headers: &Value, multi: Option<&Value>) -> Value {
    let mut event = match form {
        Form::V1 => json!({ "httpMethod": "GET", "path": "/v1/agents", "requestContext": { "stage": "prod" } }),
        Form::V2 => json!({
            "version": "2.0", "rawPath": "/v1/agents", "rawQueryString": "",
            "requestContext": { "http": { "method": "GET" }, "stage": "$default" },
        }),
    };
    event["headers"] = headers.clone();
    if let Some(multi) = multi {
        event["multiValueHeaders"] = multi.clone();
    }
    event
}

async fn ask(world: &World, event: Value) -> Answer {
    world.handle("agents", event, Duration::from_mins(1)).await
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn two_authorization_headers_are_refused_in_every_form() {
    let world = World::new();
    let (good, bad) = (bearer(&world.token("alice")), bearer("x.y.z"));
    for (first, second) in [(&good, &bad), (&bad, &good), (&good, &good)] {
        let both = json!({ "Authorization": [first, second] });
        // API Gateway keeps the last of two in `headers`.
        let v1 = event(Form::V1, &json!({ "Authorization": second }), Some(&both));
        ask(&world, v1).await.is_problem(401, "invalid-token");
        let other_case = json!({ "Authorization": [first], "authorization": [second] });
        ask(&world, event(Form::V1, &json!({}), Some(&other_case))).await.is_problem(401, "invalid-token");
        // Payload format 2.0 joins them.
        let v2 = event(Form::V2, &json!({ "authorization": format!("{first},{second}") }), None);
        ask(&world, v2).await.is_problem(401, "invalid-token");
        let single = json!({ "Authorization": first, "authorization": second });
        ask(&world, event(Form::V2, &single, None)).await.is_problem(401, "invalid-token");
    }
}

#[tokio::test]
async fn of_headers_and_multi_value_headers_one_counts_alone() {
    let world = World::new();
    let (alice, bob) = (bearer(&world.token("alice")), bearer(&world.token("bob")));
    let agents = async |event| {
        let answer = ask(&world, event).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text.contains("acme-only")
    };
    for form in [Form::V1, Form::V2] {
        let single = json!({ "Authorization": alice });
        let multi = json!({ "Authorization": [bob] });
        assert!(!agents(event(form, &single, Some(&multi))).await, "{form:?}: the list counts");
        assert!(agents(event(form, &single, Some(&json!({})))).await, "{form:?}: an empty list is none");
    }
    // A token in the map that does not count is not a token.
    let smuggled = event(Form::V1, &json!({ "Authorization": alice }), Some(&json!({ "X-Other": ["1"] })));
    ask(&world, smuggled).await.is_problem(401, "invalid-token");
}

#[tokio::test]
async fn a_health_checks_name_opens_nothing_in_any_form() {
    let world = World::new();
    let agent = json!({ "User-Agent": "ELB-HealthChecker/2.0" });
    let agents = json!({ "User-Agent": ["ELB-HealthChecker/2.0"] });
    for event in [
        event(Form::V1, &agent, None),
        event(Form::V1, &agent, Some(&agents)),
        event(Form::V2, &agent, None),
        event(Form::V2, &agent, Some(&agents)),
    ] {
        ask(&world, event).await.is_problem(401, "invalid-token");
    }
    // Through the load balancer, which adds the client's address, and with another method.
    for method in ["GET", "POST", "HEAD"] {
        let forged = Request::new(method, "/v1/agents").header("user-agent", "ELB-HealthChecker/2.0");
        let status = world.send(&forged).await.status;
        assert!(matches!(status, 401 | 405), "{method}: {status}");
    }
    let post = Request::new("POST", "/v1/agents").header("user-agent", "ELB-HealthChecker/2.0");
    let status = world.send(&post.without_header("x-forwarded-for")).await.status;
    assert!(matches!(status, 401 | 405), "{status}");
}

#[tokio::test]
async fn a_forged_cursor_shows_nothing_of_another_owner() {
    let world = World::new();
    let theirs = world.turn("carol", "default", json!({ "prompt": "a secret plan" })).await;
    let theirs = theirs.text_of("conversation_id").to_owned();
    world.clock.advance(Duration::from_secs(1));
    let mine = world.turn("alice", "default", json!({ "prompt": "mine" })).await.text_of("conversation_id").to_owned();
    // Just after their conversation, which a list of all owners would show next.
    let after = world.clock.now().millis() + 1;
    for plain in [
        format!("l:{after}:{theirs}"),
        format!("l:{}:{theirs}", u64::MAX),
        format!("l:0:{theirs}"),
        format!("l:{after}:{mine}"),
    ] {
        let path = format!("/v1/conversations?cursor={}", URL_SAFE_NO_PAD.encode(plain));
        let page = world.get("alice", &path).await;
        assert!(matches!(page.status, 200 | 400), "{}", page.text);
        assert!(!page.text.contains(&theirs) && !page.text.contains("secret"), "{}", page.text);
    }
    let transcript = format!("/v1/conversations/{theirs}?cursor={}", URL_SAFE_NO_PAD.encode("m:0"));
    world.get("alice", &transcript).await.is_problem(404, "not-found");
}

#[tokio::test]
async fn an_idempotency_key_means_nothing_on_another_route() {
    let world = World::new();
    let keyed = |path: &str| {
        Request::post(path, json!({ "prompt": "hi" })).token(world.token("alice")).header("idempotency-key", "order-17")
    };
    // The two handlers draw the same ids, so the second one has to move on.
    let too_long = Request::post("default/stream", json!({ "prompt": "x".repeat(200_000) }));
    for _ in 0..4 {
        world.send(&too_long.clone().token(world.token("alice"))).await.is_problem(413, "too-large");
    }
    for answer in ["of the plain route", "of the route that streams", "of another agent"] {
        world.model.then(Script::Say(answer.to_owned()));
    }
    let plain = world.send(&keyed("default")).await;
    assert_eq!(plain.body["output"], "of the plain route");
    let streamed = world.send(&keyed("default/stream")).await;
    assert!(streamed.text.contains("of the route that streams"), "{}", streamed.text);
    assert_eq!(streamed.events().last().unwrap().0, "end");
    let other = world.send(&keyed("acme-only")).await;
    assert_eq!(other.body["output"], "of another agent");
    assert_eq!(world.send(&keyed("default")).await.body, plain.body, "the key still means the first run there");
    assert_eq!(world.model.requests().len(), 3);
}

fn invoke(request_id: &str) -> Value {
    json!({ "action": "invoke", "agent": "default", "request_id": request_id, "prompt": "Hello" })
}

#[tokio::test]
async fn a_connection_of_another_tenant_reaches_no_run() {
    const THEIRS: &str = "THEIRS0connection=";
    let sockets = Sockets::connected().await;
    let token = json!({ "Authorization": bearer(&sockets.world.token("bob")) });
    let connected = sockets.event_of(THEIRS, "CONNECT", json!({ "headers": token })).await;
    assert_eq!(connected.status(), 200);
    sockets.send(&invoke("mine")).await;
    // Cancelling by the same request id, on the other tenant's connection.
    let cancel = json!({ "action": "cancel", "request_id": "mine" }).to_string();
    sockets.event_of(THEIRS, "MESSAGE", json!({ "body": cancel })).await;
    let (to, refusal) = sockets.mailbox.frames().pop().unwrap();
    let refusal: Value = serde_json::from_str(&refusal).unwrap();
    assert_eq!((to.as_str(), &refusal["data"]["status"]), (THEIRS, &json!(404)), "{refusal}");
    // The run continues, and its conversation is alice's.
    sockets.perform_next().await;
    let frames = sockets.mailbox.frames().into_iter().filter(|(to, _)| to.as_str() != THEIRS);
    let frames: Vec<Value> = frames.map(|(_, frame)| serde_json::from_str(&frame).unwrap()).collect();
    assert_eq!(names(&frames, "mine").last(), Some(&"end"));
    let conversation = &frames[0]["data"]["conversation_id"];
    let mut continued = invoke("theirs");
    continued["conversation_id"] = conversation.clone();
    sockets.event_of(THEIRS, "MESSAGE", json!({ "body": continued.to_string() })).await;
    sockets.perform_next().await;
    let (to, refusal) = sockets.mailbox.frames().pop().unwrap();
    let refusal: Value = serde_json::from_str(&refusal).unwrap();
    assert_eq!((to.as_str(), &refusal["data"]["status"]), (THEIRS, &json!(404)), "{refusal}");
}

#[tokio::test]
async fn a_message_cannot_pass_for_an_event_of_api_gateway() {
    for action in ["$connect", "$disconnect", "$default", "CONNECT"] {
        let sockets = Sockets::connected().await;
        sockets
            .send(&json!({ "action": action, "request_id": "mine", "headers": { "Authorization": "Bearer x" } }))
            .await;
        sockets.is_error("mine", 422);
        assert_eq!(sockets.invoke(&invoke("next")).await.last().unwrap()["event"], "end", "{action}: still connected");
    }
    // A message on a connection that was never opened.
    let sockets = Sockets::new();
    sockets.event("MESSAGE", json!({ "body": invoke("mine").to_string() })).await;
    assert!(sockets.runs.take().is_none());
}
