//! The problem documents of the API, as its description has them.

#![expect(clippy::indexing_slicing, reason = "the indexed object is built a few lines above")]

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::operation::{Schemas, request_id};
use crate::http::{FieldFault, HealthCheck, ProblemKind};

/// A problem document (RFC 9457), whatever its kind.
#[derive(JsonSchema)]
#[schemars(rename = "Problem")]
struct ProblemDocument {
    /// A URN, stable for each kind.
    #[schemars(rename = "type")]
    _type: String,
    /// What the kind is about.
    #[schemars(rename = "title")]
    _title: String,
    /// The HTTP status.
    #[schemars(rename = "status")]
    _status: u16,
    /// What was wrong and what to do.
    #[schemars(rename = "detail")]
    _detail: String,
    /// The request's id, as in `x-request-id`.
    #[schemars(rename = "instance")]
    _instance: String,
    /// When to try again, as in `Retry-After`.
    #[schemars(rename = "retry_after_seconds", skip_serializing_if = "Option::is_none")]
    _retry_after_seconds: Option<u64>,
    /// The members of the body at fault.
    #[schemars(rename = "errors", skip_serializing_if = "Option::is_none")]
    _errors: Option<Vec<FieldFault>>,
    /// The policies that forbid.
    #[schemars(rename = "policy_ids", skip_serializing_if = "Option::is_none")]
    _policy_ids: Option<Vec<String>>,
    /// Every part that deep health looked at.
    #[schemars(rename = "parts", skip_serializing_if = "Option::is_none")]
    _parts: Option<Vec<HealthCheck>>,
}

/// Returns one response for each status, which names the kinds of problem with that status.
pub(super) fn problem_responses(schemas: &mut Schemas) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    // No described operation answers 405: its method is the described one.
    for kind in ProblemKind::ALL.into_iter().filter(|kind| *kind != ProblemKind::MethodNotAllowed) {
        let status = kind.status().as_u16().to_string();
        let words = format!("{} (`{}`)", kind.title(), kind.urn());
        // Several kinds share a status, and OpenAPI has one response for each status.
        let response = responses.entry(status).or_insert_with(|| {
            let content = json!({"application/problem+json": {"schema": schemas.of::<ProblemDocument>()}});
            json!({"description": "", "headers": problem_headers(kind), "content": content})
        });
        let before = response["description"].as_str().filter(|text| !text.is_empty());
        response["description"] = before.map_or_else(|| words.clone(), |text| format!("{text}; {words}")).into();
    }
    responses.into()
}

fn problem_headers(kind: ProblemKind) -> Value {
    let mut headers = request_id();
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    match kind.status().as_u16() {
        401 => headers["WWW-Authenticate"] = text("Which token is required and what was wrong with this one."),
        429 => {
            headers["Retry-After"] = json!({"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}});
            headers["RateLimit-Policy"] = text("The name of the exhausted quota, and the quota.");
            headers["RateLimit"] = text("What is left of the quota, and the seconds after which to try again.");
        }
        409 | 502 | 503 => {
            headers["Retry-After"] = json!({"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}});
        }
        _ => {}
    }
    headers
}
