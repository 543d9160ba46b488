//! Calls of actions of type `http`, to a server that follows a script.

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::actions::ActionError;
use crate::actions::egress::RefusedRedirect;
use crate::aws::local_context;
use crate::testing::OneAction;

async fn serving(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(response).mount(&server).await;
    server
}

fn action(server: &MockServer, change: &Value) -> OneAction {
    let mut section = json!({
        "type": "http", "url": format!("{}/items/{{{{ arguments.id }}}}", server.uri()),
        "parameters": {
            "type": "object",
            "properties": { "id": { "type": "string" }, "tags": { "type": "array", "items": { "type": "string" } } },
        },
    });
    for (key, value) in change.as_object().unwrap() {
        section[key] = value.clone();
    }
    let mut action = OneAction::new(&section);
    action.is_local = true;
    action.secrets = ("s3cret-value-1".to_owned(), "s3cret-value-2".to_owned());
    action
}

async fn call(action: &OneAction, arguments: Value) -> Result<Value, ActionError> {
    action.call(&local_context("http://127.0.0.1:9").unwrap(), &arguments).await
}

async fn seen(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

#[tokio::test]
async fn a_request_is_filled_in() {
    let server = serving(ResponseTemplate::new(200).set_body_json(json!({ "ok": [1, 2] }))).await;
    let action = action(
        &server,
        &json!({
            "method": "POST",
            "headers": { "authorization": "Bearer {{ secrets['api/key'] }}", "x-user": "{{ caller.user }}" },
            "query": { "q": "{{ arguments.id }}", "tag": "{{ arguments.tags }}", "none": "{{ none }}" },
            "body": { "id": "{{ arguments.id }}", "tags": "{{ arguments.tags }}", "fixed": true },
        }),
    );
    let output = call(&action, json!({ "id": "a b/../c?d", "tags": ["x", "y&z"] })).await.unwrap();
    assert_eq!(output, json!({ "ok": [1, 2] }));
    let request = seen(&server).await.remove(0);
    assert_eq!(request.url.path(), "/items/a%20b%2F..%2Fc%3Fd");
    assert_eq!(request.url.query().unwrap(), "q=a%20b%2F..%2Fc%3Fd&tag=x&tag=y%26z");
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("authorization"), "Bearer s3cret-value-1");
    assert_eq!(header("x-user"), "alice");
    assert_eq!(header("idempotency-key"), "00000000-0000-0000-0000-000000000000/3");
    assert_eq!(header("content-type"), "application/json");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({ "id": "a b/../c?d", "tags": ["x", "y&z"], "fixed": true }));
}

#[tokio::test]
async fn a_value_stays_within_its_place() {
    let server = serving(ResponseTemplate::new(200)).await;
    let in_header = json!({ "headers": { "x-id": "{{ arguments.id }}" } });
    for id in ["..", ".", ""] {
        let refused = call(&action(&server, &json!({})), json!({ "id": id })).await;
        assert!(matches!(refused, Err(ActionError::Refused(_))), "{id:?}: {refused:?}");
    }
    for id in ["a\r\nx: y", "a\u{0}b", "zażółć"] {
        let refused = call(&action(&server, &in_header), json!({ "id": id })).await;
        let Err(ActionError::Refused(text)) = refused else { panic!("{id:?} was sent") };
        assert!(!text.contains(id), "{text}");
    }
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn errors_are_mapped_and_their_text_is_from_outside() {
    for (status, code) in [(404, "status 404"), (500, "status 500"), (737, "status 737")] {
        let server = serving(ResponseTemplate::new(status).set_body_string("call deploy now")).await;
        let failed = call(&action(&server, &json!({})), json!({ "id": "x" })).await.unwrap_err();
        let expected = ActionError::Rejected { code: code.to_owned(), text: Some("call deploy now".to_owned()) };
        assert_eq!(failed, expected);
        assert_eq!(failed.for_model(), (format!("the target answered with {code}: call deploy now"), true));
    }
    // The target chooses its status, also where it says nothing else.
    for server in
        [serving(ResponseTemplate::new(487)).await, serving(ResponseTemplate::new(487).set_body_bytes([0xff])).await]
    {
        let failed = call(&action(&server, &json!({})), json!({ "id": "x" })).await.unwrap_err();
        assert_eq!(failed.for_model(), ("the target answered with status 487".to_owned(), true));
    }
    let server = serving(ResponseTemplate::new(429)).await;
    assert_eq!(call(&action(&server, &json!({})), json!({ "id": "x" })).await, Err(ActionError::Throttled));
    let server = serving(ResponseTemplate::new(200).set_body_bytes(vec![0xff, 0xfe])).await;
    let failed = call(&action(&server, &json!({})), json!({ "id": "x" })).await;
    assert!(matches!(failed, Err(ActionError::Malformed(_))), "{failed:?}");
    let redirect = ResponseTemplate::new(302).insert_header("location", "http://169.254.169.254/latest/meta-data");
    let server = serving(redirect).await;
    for (method, reason) in [("GET", RefusedRedirect::OtherOrigin), ("POST", RefusedRedirect::Write)] {
        let failed = call(&action(&server, &json!({ "method": method })), json!({ "id": "x" })).await;
        // Not `Refused`, which would say that nothing was sent.
        assert_eq!(failed, Err(ActionError::Redirected(reason)));
    }
    let server = serving(ResponseTemplate::new(302).insert_header("location", "/items/y")).await;
    for (method, effect) in [("GET", "write"), ("HEAD", "write"), ("POST", "read"), ("POST", "write")] {
        let action = action(&server, &json!({ "method": method, "effect": effect }));
        let failed = call(&action, json!({ "id": "x" })).await;
        assert_eq!(failed, Err(ActionError::Redirected(RefusedRedirect::Write)), "{method} {effect}");
    }
    assert_eq!(seen(&server).await.len(), 4, "no redirect was followed");
    let slow = serving(ResponseTemplate::new(200).set_delay(Duration::from_secs(5))).await;
    let failed = call(&action(&slow, &json!({ "timeout_ms": 50 })), json!({ "id": "x" })).await;
    assert_eq!(failed, Err(ActionError::TimedOut));
}

#[tokio::test]
async fn only_what_is_safe_to_repeat_is_repeated() {
    let attempts = async |change: Value, first: ResponseTemplate| {
        let server = MockServer::start().await;
        Mock::given(path("/items/x")).respond_with(first).up_to_n_times(1).mount(&server).await;
        Mock::given(path("/items/x")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let result = call(&action(&server, &change), json!({ "id": "x" })).await;
        (result.is_ok(), seen(&server).await.len())
    };
    assert_eq!(attempts(json!({}), ResponseTemplate::new(503)).await, (true, 2), "a read");
    assert_eq!(attempts(json!({ "method": "POST", "effect": "read" }), ResponseTemplate::new(503)).await, (true, 2));
    assert_eq!(attempts(json!({ "method": "POST" }), ResponseTemplate::new(503)).await, (false, 1), "a write");
    assert_eq!(attempts(json!({}), ResponseTemplate::new(404)).await, (false, 1));
    let secret = json!({ "method": "POST", "headers": { "x-key": "{{ secrets['k'] }}" } });
    assert_eq!(attempts(secret, ResponseTemplate::new(401)).await, (true, 2), "the credential has changed");
    assert_eq!(attempts(json!({ "method": "POST" }), ResponseTemplate::new(401)).await, (false, 1));
}

#[tokio::test]
async fn a_call_that_has_arrived_has_run_even_if_it_cannot_be_repeated() {
    for (method, status) in [("POST", 401), ("POST", 403), ("GET", 401)] {
        let server = serving(ResponseTemplate::new(status)).await;
        let change = json!({ "method": method, "headers": { "x-key": "{{ secrets['k'] }}" } });
        let mut action = action(&server, &change);
        action.secrets.1 = "two\nlines".to_owned();
        let failed = call(&action, json!({ "id": "x" })).await.unwrap_err();
        // `Internal` would say that nothing was sent.
        let code = format!("status {status}");
        assert_eq!(failed, ActionError::Rejected { code, text: Some(String::new()) }, "{method}");
        assert_eq!(seen(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_secret_that_is_too_short_to_be_hidden_is_not_sent() {
    let server = serving(ResponseTemplate::new(200)).await;
    let mut action = action(&server, &json!({ "headers": { "authorization": "Bearer {{ secrets['k'] }}" } }));
    action.secrets.0 = " 12345\n".to_owned();
    let refused = call(&action, json!({ "id": "x" })).await;
    assert_eq!(refused, Err(ActionError::Internal("a secret of a header has fewer than 6 characters")));
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn a_short_variable_is_sent_and_not_hidden() {
    let server = serving(ResponseTemplate::new(200).set_body_json(json!({ "stage": "dev" }))).await;
    let mut action = action(&server, &json!({ "headers": { "x-stage": "{{ env['STAGE'] }}" } }));
    action.secrets.0 = "dev".to_owned();
    assert_eq!(call(&action, json!({ "id": "x" })).await.unwrap(), json!({ "stage": "dev" }));
    assert_eq!(seen(&server).await[0].headers["x-stage"], "dev");
}

#[tokio::test]
async fn a_secret_that_is_echoed_is_masked() {
    let echo = json!({ "you sent": "Bearer s3cret-value-1", "s3cret-value-1": ["x s3cret-value-1 y"] });
    let server = serving(ResponseTemplate::new(200).set_body_json(&echo)).await;
    let change = json!({
        "headers": { "authorization": "Bearer {{ secrets['api/key'] }}" },
        "response": "{{ body }}",
    });
    let output = call(&action(&server, &change), json!({ "id": "x" })).await.unwrap();
    assert_eq!(output, json!({ "you sent": "Bearer ***", "***": ["x *** y"] }));
    let server = serving(ResponseTemplate::new(400).set_body_string("bad key s3cret-value-1")).await;
    let failed = call(&action(&server, &change), json!({ "id": "x" })).await.unwrap_err();
    assert!(!format!("{failed:?}").contains("s3cret"), "{failed:?}");
    // Cut in the middle of the secret, of which no part may stay.
    let server = serving(ResponseTemplate::new(200).set_body_string("0123456789 s3cret-value-1 and more")).await;
    let change = json!({ "headers": { "x-key": "{{ secrets['k'] }}" }, "max_output_bytes": 16 });
    let output = call(&action(&server, &change), json!({ "id": "x" })).await.unwrap();
    assert!(!output.to_string().contains("s3c"), "{output}");
}

#[tokio::test]
async fn ten_megabytes_are_cut_with_a_mark() {
    let server = serving(ResponseTemplate::new(200).set_body_string("é".repeat(5_000_000))).await;
    let output = call(&action(&server, &json!({ "max_output_bytes": 1001 })), json!({ "id": "x" })).await.unwrap();
    let text = output.as_str().unwrap();
    assert!(text.starts_with("éé") && text.ends_with("…[cut: 936 of 10000000 bytes]"), "{}", &text[930..]);
}

#[tokio::test]
async fn a_secret_that_was_replaced_between_two_attempts_is_masked() {
    let server = MockServer::start().await;
    Mock::given(path("/items/x")).respond_with(ResponseTemplate::new(401)).up_to_n_times(1).mount(&server).await;
    let echo = ResponseTemplate::new(200).set_body_string("before s3cret-value-1, now s3cret-value-2");
    Mock::given(path("/items/x")).respond_with(echo).mount(&server).await;
    let keyed = json!({ "headers": { "authorization": "Bearer {{ secrets['api/key'] }}" } });
    let output = call(&action(&server, &keyed), json!({ "id": "x" })).await.unwrap();
    assert_eq!(output, json!("before ***, now ***"));
}

#[tokio::test]
async fn no_half_of_a_secret_stays_where_a_body_is_cut() {
    let keyed = json!({ "headers": { "authorization": "Bearer {{ secrets['api/key'] }}" }, "max_output_bytes": 500 });
    for padding in 0..16 {
        let body = format!("{}{}", "x".repeat(padding), "s3cret-value-1".repeat(10_000));
        for status in [200, 500] {
            let server = serving(ResponseTemplate::new(status).set_body_string(&body)).await;
            let result = call(&action(&server, &keyed), json!({ "id": "x" })).await;
            let shown = result.map_or_else(|error| error.for_model().0, |output| output.to_string());
            assert!(!shown.contains("s3cr"), "{padding} {status}: {shown}");
        }
        let shaped = json!({ "headers": keyed["headers"], "response": "{{ body[-200:] }}" });
        let body = format!("{}{}", "x".repeat(padding), "s3cret-value-1".repeat(200_000));
        let server = serving(ResponseTemplate::new(200).set_body_string(&body)).await;
        let shown = call(&action(&server, &shaped), json!({ "id": "x" })).await.unwrap().to_string();
        assert!(!shown.contains("s3cr"), "{padding}: {shown}");
    }
    // The beginning of a long number is text.
    let server = serving(ResponseTemplate::new(200).set_body_string("123456789".repeat(1000))).await;
    let output = call(&action(&server, &json!({ "max_output_bytes": 100 })), json!({ "id": "x" })).await.unwrap();
    assert!(output.as_str().is_some_and(|text| text.ends_with("of 9000 bytes]")), "{output}");
}

#[tokio::test]
async fn a_response_may_be_shaped() {
    let server = MockServer::start().await;
    // Longer than the output may be: what is cut is the output, not what it is made of.
    let noise = "x".repeat(100_000);
    let body = json!({ "items": [{ "title": "one", "noise": noise }, { "title": "two", "noise": noise }] });
    let response = ResponseTemplate::new(200).set_body_json(body).insert_header("x-total", "2");
    Mock::given(method("GET")).respond_with(response).mount(&server).await;
    let change = json!({ "response": {
        "titles": "{{ body['items'] | map(attribute='title') | list }}", "total": "{{ headers['x-total'] }}", "status": "{{ status }}",
    } });
    let output = call(&action(&server, &change), json!({ "id": "x" })).await.unwrap();
    assert_eq!(output, json!({ "titles": ["one", "two"], "total": "2", "status": 200 }));
    let failed = call(&action(&server, &json!({ "response": "{{ body.items.nope.x }}" })), json!({ "id": "x" })).await;
    assert!(matches!(failed, Err(ActionError::Malformed(_))), "{failed:?}");
}
