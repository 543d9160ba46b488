use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::api::resolve;
use crate::http::{FieldFault, HealthCheck, HealthStatus, Problem, ProblemKind, ProblemMember};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_route_is_there_with_its_methods_and_no_other() {
    let document = openapi();
    let mut seen = BTreeSet::new();
    for route in routes() {
        let methods = keys(&document["paths"][route.template()]);
        let expected: BTreeSet<String> =
            route.methods().iter().map(|method| method.as_str().to_ascii_lowercase()).collect();
        let written: BTreeSet<String> =
            methods.into_iter().filter(|key| *key != "parameters").map(str::to_owned).collect();
        assert_eq!(written, expected, "{}", route.template());
        assert!(seen.insert(route.template()));
        // The template leads back to its route.
        assert_eq!(resolve(route.template()).map(|found| found.template()), Some(route.template()));
    }
    assert_eq!(keys(&document["paths"]), seen);
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(document: &Value, value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                }
                members.values().for_each(|inner| check(document, inner));
            }
            Value::Array(items) => items.iter().for_each(|inner| check(document, inner)),
            _ => {}
        }
    }
    let document = openapi();
    check(&document, &document);
}

#[test]
fn every_answer_has_the_requests_id_and_every_operation_its_own_name() {
    let document = openapi();
    let mut names = BTreeSet::new();
    for path in document["paths"].as_object().unwrap().values() {
        for (method, operation) in path.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method}");
            for response in operation["responses"].as_object().unwrap().values() {
                let target = response["$ref"].as_str().map(|text| text.trim_start_matches('#'));
                let response = target.map_or(response, |target| document.pointer(target).unwrap());
                assert!(response["headers"]["x-request-id"].is_object(), "{operation}");
            }
        }
    }
}

#[test]
fn the_problem_is_described_as_it_is_written() {
    let described = openapi()["components"]["schemas"]["Problem"]["properties"].clone();
    let fault = FieldFault { pointer: "/prompt".to_owned(), detail: "is required".to_owned() };
    let part = HealthCheck { name: "store".to_owned(), status: HealthStatus::Ok, latency_ms: 1, detail: None };
    let mut written = BTreeSet::new();
    for member in [
        ProblemMember::Errors(vec![fault]),
        ProblemMember::PolicyIds(vec!["admin-only".to_owned()]),
        ProblemMember::Parts(vec![part]),
    ] {
        let problem = Problem::new(ProblemKind::Unavailable, "").retry_after(Duration::from_secs(1)).with(member);
        let document: Value = serde_json::from_str(&problem.to_json("id")).unwrap();
        written.extend(keys(&document).into_iter().map(str::to_owned));
    }
    assert_eq!(written, keys(&described).into_iter().map(str::to_owned).collect());
}

#[test]
fn the_body_is_described_as_it_is_read() {
    let body = openapi()["components"]["schemas"]["InvokeRequest"].clone();
    assert_eq!(body["required"], json!(["prompt"]));
    assert_eq!(body["additionalProperties"], false);
    assert_eq!(
        keys(&body["properties"]),
        ["conversation_id", "max_tokens", "metadata", "prompt", "temperature"].into()
    );
}
