//! Answers are as the `OpenAPI` document describes them.

use std::sync::Arc;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::world::{Answer, FixedPart, Request, World};

/// Checks bodies against the document's answer to a method, a path and a status.
struct Described(Value);

impl Described {
    fn validator(&self, schema: &Value) -> Validator {
        let whole = json!({"allOf": [schema], "components": self.0["components"]});
        jsonschema::validator_for(&whole).unwrap()
    }

    #[track_caller]
    fn check(&self, method: &str, path: &str, answer: &Answer) {
        let response = &self.0["paths"][path][method]["responses"][answer.status.to_string()];
        assert!(response.is_object(), "{method} {path} does not describe {}: {}", answer.status, answer.text);
        let target = response["$ref"].as_str().map(|text| text.trim_start_matches('#'));
        let response = target.map_or(response, |target| self.0.pointer(target).unwrap());
        let Some(content) = response["content"].as_object() else {
            assert_eq!(answer.text, "");
            return;
        };
        let (media, described) = content.iter().next().unwrap();
        assert_eq!(answer.header("content-type"), Some(media.as_str()));
        let faults: Vec<String> = self
            .validator(&closed(&described["schema"], &self.0))
            .iter_errors(&answer.body)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{method} {path}: {faults:?} in {}", answer.text);
        if answer.status >= 400 {
            for name in ["retry-after", "allow", "www-authenticate"] {
                let headers = response["headers"].as_object().unwrap();
                let is_described = headers.keys().any(|key| key.eq_ignore_ascii_case(name));
                assert!(is_described || answer.header(name).is_none(), "{name} is not described: {}", answer.text);
            }
        }
    }
}

/// Returns the same schema, closed to members that it does not describe.
fn closed(schema: &Value, document: &Value) -> Value {
    let target = schema["$ref"].as_str().unwrap().trim_start_matches('#');
    let mut schema = document.pointer(target).unwrap().clone();
    schema["additionalProperties"] = json!(false);
    schema
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let mut world = World::new();
    let described = Described(openclaw::api::openapi());
    described.check("get", "/v1/health", &world.send(&Request::new("GET", "/v1/health")).await);
    let html = Request::new("GET", "/v1/health").header("accept", "text/html");
    described.check("get", "/v1/health", &world.send(&html).await);
    for path in ["/v1/agents", "/v1/models", "/v1/health/deep"] {
        described.check("get", path, &world.get("admin", path).await);
        described.check("get", path, &world.get("alice", path).await);
        described.check("get", path, &world.send(&Request::new("GET", path)).await);
    }
    world.rebuild_agents(|ports| {
        ports.health.parts = vec![("store", Arc::new(FixedPart(Err("gone".to_owned()))))];
    });
    described.check("get", "/v1/health/deep", &world.get("admin", "/v1/health/deep").await);
    for agent in ["default", "small", "unknown"] {
        described.check("get", "/v1/agents/{agent_name}", &world.get("alice", &format!("/v1/agents/{agent}")).await);
    }

    let invoke = "/v1/agent/{agent_name}";
    let answer = world.turn("alice", "default", json!({"prompt": "hi"})).await;
    described.check("post", invoke, &answer);
    for body in [json!({}), json!([]), json!({"prompt": "x".repeat(200_000)})] {
        described.check("post", invoke, &world.turn("alice", "default", body).await);
    }
    world.model_fails(|| openclaw::llm::LlmError::Malformed("test"));
    described.check("post", invoke, &world.turn("alice", "default", json!({"prompt": "hi"})).await);

    let one = "/v1/conversations/{id}";
    let path = format!("/v1/conversations/{}", answer.text_of("conversation_id"));
    for query in ["", "?limit=1", "?limit=0"] {
        described.check("get", "/v1/conversations", &world.get("alice", &format!("/v1/conversations{query}")).await);
        described.check("get", one, &world.get("alice", &format!("{path}{query}")).await);
    }
    let erase = Request::new("DELETE", &path).token(world.token("alice"));
    for _ in 0..2 {
        described.check("delete", one, &world.send(&erase).await);
        world.clock.advance(std::time::Duration::from_secs(1));
    }
}

#[tokio::test]
async fn the_accepted_bodies_are_those_described() {
    let world = World::new();
    let described = Described(openclaw::api::openapi());
    let validator = described.validator(&json!({"$ref": "#/components/schemas/InvokeRequest"}));
    for body in [
        json!({"prompt": "hi"}),
        json!({"prompt": "hi", "temperature": 0.5, "max_tokens": 5, "metadata": {"a": "b"}}),
        json!({"prompt": "hi", "temperature": null, "conversation_id": null, "max_tokens": null}),
        json!({"prompt": " "}),
        json!({"prompt": 5}),
        json!({}),
        json!([]),
        json!({"prompt": "hi", "temperature": 2.5}),
        json!({"prompt": "hi", "max_tokens": 0}),
        json!({"prompt": "hi", "max_tokens": 4_294_967_296_u64}),
        json!({"prompt": "hi", "metadata": {"a": 1}}),
        json!({"prompt": "hi", "metadata": []}),
        json!({"prompt": "hi", "more": 1}),
    ] {
        let is_taken = world.turn("alice", "default", body.clone()).await.status == 200;
        assert_eq!(validator.is_valid(&body), is_taken, "{body}");
    }
}
