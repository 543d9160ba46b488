//! Requirements for a body: every fault is reported at once, each with its pointer.

use serde_json::{Value, json};

use crate::world::{Request, World};

#[tokio::test]
async fn a_good_body_is_answered_whole() {
    let world = World::new();
    let body =
        json!({"prompt": " Hi ", "conversation_id": null, "temperature": 0, "max_tokens": 7, "metadata": {"a": "b"}});
    let answer = world.turn("alice", "default", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let mut names: Vec<&str> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "agent",
        "conversation_id",
        "id",
        "latency_ms",
        "model",
        "output",
        "provider",
        "steps",
        "stop_reason",
        "usage",
    ];
    assert_eq!(names, expected);
    assert_eq!(answer.text_of("stop_reason"), "end_turn");
    assert_eq!(answer.body["usage"], json!({"input_tokens": 10, "output_tokens": 3}));
    let step = json!({"kind": "generate", "name": "generate", "provider": "anthropic", "model": "scripted",
        "latency_ms": 0, "usage": {"input_tokens": 10, "output_tokens": 3}, "outcome": "end_turn"});
    assert_eq!(answer.body["steps"], json!([step]));
    let asked = &world.model.requests()[0];
    assert_eq!((asked.temperature.map(openclaw::domain::Temperature::get), asked.max_tokens.get()), (Some(0.0), 7));
}

/// Returns bodies with one fault each, with the pointer of that fault.
fn faults() -> Vec<(Value, &'static str)> {
    vec![
        (json!({}), "/prompt"),
        (json!({"prompt": null}), "/prompt"),
        (json!({"prompt": 1}), "/prompt"),
        (json!({"prompt": " \n\t\u{3000}"}), "/prompt"),
        (json!({"prompt": "x", "conversation_id": "nonsense"}), "/conversation_id"),
        (json!({"prompt": "x", "conversation_id": 5}), "/conversation_id"),
        (json!({"prompt": "x", "conversation_id": "8F5C1B9E-0000-4000-8000-00000000D00F"}), "/conversation_id"),
        (json!({"prompt": "x", "conversation_id": "00000000-0000-1000-8000-000000000000"}), "/conversation_id"),
        (json!({"prompt": "x", "temperature": 2.01}), "/temperature"),
        (json!({"prompt": "x", "temperature": -0.1}), "/temperature"),
        (json!({"prompt": "x", "temperature": "1"}), "/temperature"),
        (json!({"prompt": "x", "max_tokens": 0}), "/max_tokens"),
        (json!({"prompt": "x", "max_tokens": -1}), "/max_tokens"),
        (json!({"prompt": "x", "max_tokens": 1.5}), "/max_tokens"),
        (json!({"prompt": "x", "max_tokens": 4_294_967_296_u64}), "/max_tokens"),
        (json!({"prompt": "x", "metadata": "a"}), "/metadata"),
        (json!({"prompt": "x", "metadata": {"good": "a", "b/c": 1}}), "/metadata/b~1c"),
        (json!({"prompt": "x", "Prompt": "y"}), "/Prompt"),
        (json!({"prompt": "x", "a~b": 1}), "/a~0b"),
    ]
}

#[tokio::test]
async fn each_fault_is_named() {
    let world = World::new();
    for (body, pointer) in faults() {
        let answer = world.turn("alice", "default", body.clone()).await;
        let detail = answer.is_problem(422, "invalid-request");
        assert_eq!(answer.body["errors"].as_array().unwrap().len(), 1, "{body}");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{body}");
        assert!(detail.starts_with(pointer) && !detail.contains("nonsense"), "{detail}");
    }
    assert!(world.model.requests().is_empty());
}

#[tokio::test]
async fn all_faults_are_reported_at_once() {
    let world = World::new();
    let body = json!({"conversation_id": 1, "temperature": 3, "max_tokens": 0, "metadata": [], "top_p": 1});
    let answer = world.turn("alice", "default", body).await;
    answer.is_problem(422, "invalid-request");
    let pointers: Vec<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/prompt", "/conversation_id", "/temperature", "/max_tokens", "/metadata", "/top_p"]);
    assert!(answer.body["errors"][5]["detail"].as_str().unwrap().contains("known are prompt,"));
}

#[tokio::test]
async fn an_answer_to_faults_stays_small() {
    let world = World::new();
    let many: serde_json::Map<String, Value> =
        (0..5000).map(|n| (format!("{n}{}", "x".repeat(150)), json!(1))).collect();
    let answer = world.turn("alice", "default", Value::Object(many)).await;
    assert!(answer.is_problem(422, "invalid-request").ends_with("and 4981 more"), "{}", answer.text);
    assert!(answer.text.len() < 16_000, "{} bytes", answer.text.len());
}

#[tokio::test]
async fn a_body_that_is_not_an_object_is_refused() {
    let world = World::new();
    for text in ["[]", "null", "1", "\"prompt\""] {
        let answer = world.send(&Request::raw("default", text).token(world.token("alice"))).await;
        answer.is_problem(422, "invalid-request");
        assert_eq!(answer.body["errors"][0]["pointer"], "", "{text}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_cannot_be_read() {
    let world = World::new();
    for text in ["", "{", "{\"prompt\": \"half", "prompt=hi", "{\"prompt\":\"\\ud800\"}"] {
        let answer = world.send(&Request::raw("default", text).token(world.token("alice"))).await;
        let detail = answer.is_problem(400, "invalid-body");
        assert!(detail.contains("line 1, column") && !detail.contains("half"), "{detail}");
    }
    for (text, expected) in [
        ("{\"prompt\":\"hi\",\"prompt\":\"ho\"}", "a member twice"),
        ("{\"prompt\":\"hi\",\"metadata\":{\"a\":\"1\",\"a\":\"2\"}}", "a member twice"),
        (&"[".repeat(100_000), "allowed are 127 levels"),
    ] {
        let answer = world.send(&Request::raw("default", text).token(world.token("alice"))).await;
        let detail = answer.is_problem(400, "invalid-body");
        assert!(detail.contains(expected), "{detail}");
    }
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let world = World::new();
    for (number, status) in [("5.0", 200), ("5e0", 200), ("5.5", 422), ("0.0", 422), ("-1.0", 422), ("1e40", 422)] {
        let text = format!("{{\"prompt\":\"hi\",\"max_tokens\":{number},\"metadata\":null}}");
        let answer = world.send(&Request::raw("default", text).token(world.token("alice"))).await;
        assert_eq!(answer.status, status, "{number}: {}", answer.text);
    }
}

#[tokio::test]
async fn base64_is_undone_and_bad_base64_is_said() {
    let world = World::new();
    let token = world.token("alice");
    let good = world.send(&Request::raw("default", "eyJwcm9tcHQiOiJoaSJ9").base64().token(&token)).await;
    assert_eq!((good.status, good.text_of("output")), (200, "hi"));
    let bad = world.send(&Request::raw("default", "{\"prompt\":\"hi\"}").base64().token(&token)).await;
    assert!(bad.is_problem(400, "invalid-body").contains("base64"));
    let no_text = world.send(&Request::raw("default", "/////w==").base64().token(&token)).await;
    no_text.is_problem(400, "invalid-body");
}

#[tokio::test]
async fn a_form_body_is_json_if_it_is_an_object() {
    let world = World::new();
    let form = |text: &str| {
        Request::raw("default", text)
            .header("content-type", "application/x-www-form-urlencoded")
            .token(world.token("alice"))
    };
    assert_eq!(world.send(&form("{\"prompt\":\"hi\"}")).await.status, 200);
    world.send(&form("{\"prompt\":1}")).await.is_problem(422, "invalid-request");
    for text in ["prompt=hi&temperature=1", "", "[]", "\"prompt\""] {
        world.send(&form(text)).await.is_problem(415, "unsupported-media-type");
    }
}

#[tokio::test]
async fn only_json_is_accepted_and_returned() {
    let world = World::new();
    let post = || Request::post("default", json!({"prompt": "hi"})).token(world.token("alice"));
    for media in
        ["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data; boundary=x"]
    {
        world.send(&post().header("content-type", media)).await.is_problem(415, "unsupported-media-type");
    }
    world.send(&post().header("content-encoding", "gzip")).await.is_problem(415, "unsupported-media-type");
    for accept in ["text/html", "application/xml, text/*", "*/*, application/json;q=0"] {
        let refused = world.send(&post().header("accept", accept)).await;
        assert!(refused.is_problem(406, "not-acceptable").contains("application/json"));
    }
    assert_eq!(world.send(&post().header("accept", "text/html, */*;q=0.1")).await.status, 200);
}

#[tokio::test]
async fn sizes_have_limits() {
    let world = World::new();
    let token = world.token("alice");
    let over = format!("{{\"prompt\":\"hi\"}}{}", " ".repeat(1_000_000));
    let answer = world.send(&Request::raw("default", over).token(&token)).await;
    assert!(answer.is_problem(413, "too-large").contains("1 MB"));

    assert_eq!(world.turn("alice", "small", json!({"prompt": "x".repeat(10)})).await.status, 200);
    // Bytes count, not characters.
    for prompt in ["x".repeat(11), "é".repeat(6)] {
        let answer = world.turn("alice", "small", json!({"prompt": prompt})).await;
        assert!(answer.is_problem(413, "too-large").contains("10 bytes"));
    }
    let long = world.turn("alice", "default", json!({"prompt": "x".repeat(128 * 1024 + 1)})).await;
    assert!(long.is_problem(413, "too-large").contains("131072 bytes"));
    let full = world.turn("alice", "default", json!({"prompt": "x".repeat(100_000)})).await;
    assert!(full.is_problem(413, "too-large").contains("context"));
}

#[tokio::test]
async fn a_temperature_that_the_model_refuses_is_the_callers_fault() {
    let world = World::new();
    let answer = world.turn("alice", "default", json!({"prompt": "hi", "temperature": 1.5})).await;
    answer.is_problem(422, "unsupported-by-model");
    assert_eq!(answer.body["errors"][0]["pointer"], "/temperature");
    assert!(world.model.requests().is_empty());
}
