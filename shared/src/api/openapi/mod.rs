//! The API as an `OpenAPI` 3.1 document, from the route table and the types of requests and responses. Only the committed
//! file and its test need it; no function links it.

use http::Method;
use serde_json::{Map, Value, json};

use super::Route;
use super::v1::agents::description as agents;
use super::v1::conversations::description as conversations;
use super::v1::deep_health::description as deep_health;
use super::v1::erasure::description as erasure;
use super::v1::grants::description as grants;
use super::v1::health::description as health;
use super::v1::invoke::description as invoke;
use super::v1::models::description as models;
use super::v1::stream::description as stream;
use crate::domain::ConversationId;

mod operation;
mod problems;

pub(super) use operation::{Operation, Schemas};
use problems::problem_responses;

/// Returns the document.
#[must_use]
pub fn openapi() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let mut path = Map::new();
        for method in route.methods() {
            path.insert(method.as_str().to_ascii_lowercase(), operation(&route, method, &mut schemas));
        }
        if let Some(parameter) = path_parameter(&route) {
            path.insert("parameters".to_owned(), json!([parameter]));
        }
        paths.insert(route.template().to_owned(), path.into());
    }
    let responses = problem_responses(&mut schemas);
    let mut description = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OpenClaw on Lambda",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "{base_url}", "description": "A deployment of the gateway, or a developer's machine.",
            "variables": {"base_url": {"default": "http://127.0.0.1:9000",
                "description": "The output `base_url` of Terraform, or `BASE_URL` as `make up` prints it."}}}],
        "security": [{"cognito": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.into_definitions(),
            "responses": responses,
            "headers": {"x-request-id": {"description": "The request's id, also in every log line.", "required": true,
                "schema": {"type": "string"}}},
            "securitySchemes": {"cognito": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "An access or id token of the Cognito user pool."}},
        },
    });
    // So that a change of the file shows what has changed and nothing else.
    description.sort_all_objects();
    description
}

/// Returns every route once. A new one must be given its place here.
fn routes() -> impl Iterator<Item = Route> {
    let name = || "name".to_owned();
    // An exhaustive match, so that a new route does not compile until it has its place.
    std::iter::successors(Some(Route::Health), move |route| match route {
        Route::Health => Some(Route::DeepHealth),
        Route::DeepHealth => Some(Route::Agents),
        Route::Agents => Some(Route::Agent(name())),
        Route::Agent(_) => Some(Route::Models),
        Route::Models => Some(Route::Invoke(name())),
        Route::Invoke(_) => Some(Route::Stream(name())),
        Route::Stream(_) => Some(Route::Conversations),
        Route::Conversations => Some(Route::Conversation(name())),
        Route::Conversation(_) => Some(Route::UserConversations(name())),
        Route::UserConversations(_) => Some(Route::Grants),
        Route::Grants => Some(Route::Grant(name())),
        Route::Grant(_) => None,
    })
}

/// Returns the description of a method, which stands beside its endpoint.
fn operation(route: &Route, method: &Method, schemas: &mut Schemas) -> Value {
    match route {
        Route::Health => health::operation(schemas),
        Route::DeepHealth => deep_health::operation(schemas),
        Route::Agents => agents::list_operation(schemas),
        Route::Agent(_) => agents::one_operation(schemas),
        Route::Models => models::operation(schemas),
        Route::Invoke(_) => invoke::operation(schemas),
        Route::Stream(_) => stream::operation(schemas),
        Route::Conversations if method == Method::DELETE => erasure::own_operation(),
        Route::Conversations => conversations::list_operation(schemas),
        Route::Conversation(_) if method == Method::DELETE => erasure::one_operation(),
        Route::UserConversations(_) => erasure::of_user_operation(),
        Route::Grants if method == Method::POST => grants::create_operation(schemas),
        Route::Grants => grants::list_operation(schemas),
        Route::Grant(_) => grants::delete_operation(),
        Route::Conversation(_) => conversations::one_operation(schemas),
    }
}

fn path_parameter(route: &Route) -> Option<Value> {
    let (name, schema) = match route {
        Route::Agent(_) | Route::Invoke(_) | Route::Stream(_) => {
            ("agent_name", json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}))
        }
        Route::Conversation(_) | Route::Grant(_) => ("id", conversation_id()),
        // The pool's `sub`, or `client:<id>`.
        Route::UserConversations(_) => ("user", json!({"type": "string", "minLength": 1})),
        Route::Health | Route::DeepHealth | Route::Agents | Route::Models | Route::Conversations | Route::Grants => {
            return None;
        }
    };
    Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
}

/// Returns the schema of a conversation's id in a path: an id of another form is 404, not a fault of the request.
fn conversation_id() -> Value {
    json!({"type": "string", "format": "uuid", "pattern": ConversationId::PATTERN})
}

#[cfg(test)]
mod tests;
