//! The API as an `OpenAPI` 3.1 document, from the route table and the types of requests and responses. Only the committed
//! file and its test need it; no function links it.
#![expect(clippy::indexing_slicing, reason = "the indexed objects are built a few lines above")]

use http::Method;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::v1::{agents, conversations, deep_health, health, models};
use super::{InvokeResponse, Route, RunBody};
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
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OpenClaw on Lambda",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
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
    })
}

/// Returns every route once. A new one must be given its place here.
fn routes() -> impl Iterator<Item = Route> {
    let name = || "name".to_owned();
    std::iter::successors(Some(Route::Health), move |route| match route {
        Route::Health => Some(Route::DeepHealth),
        Route::DeepHealth => Some(Route::Agents),
        Route::Agents => Some(Route::Agent(name())),
        Route::Agent(_) => Some(Route::Models),
        Route::Models => Some(Route::Invoke(name())),
        Route::Invoke(_) => Some(Route::Stream(name())),
        Route::Stream(_) => Some(Route::Conversations),
        Route::Conversations => Some(Route::Conversation(name())),
        Route::Conversation(_) => None,
    })
}

fn operation(route: &Route, method: &Method, schemas: &mut Schemas) -> Value {
    use ProblemKind as K;
    match route {
        Route::Health => {
            let mut operation = Operation::get("health", "Whether the function runs", &schemas.of::<health::Health>());
            operation.value["security"] = json!([]);
            operation.problems(&[K::NotAcceptable])
        }
        Route::DeepHealth => {
            let body = schemas.of::<deep_health::DeepHealth>();
            Operation::get("deepHealth", "Whether every part can be reached; for administrators", &body)
                .secured_problems(&[K::Forbidden])
        }
        Route::Agents => {
            let body = schemas.of::<agents::AgentList<'_>>();
            Operation::get("listAgents", "The agents that the caller may invoke", &body).secured_problems(&[])
        }
        Route::Agent(_) => {
            let body = schemas.of::<agents::AgentBody<'_>>();
            Operation::get("getAgent", "One agent", &body).secured_problems(&[K::NotFound])
        }
        Route::Models => {
            let body = schemas.of::<models::ModelList>();
            Operation::get("listModels", "The models of the caller's providers", &body).secured_problems(&[])
        }
        Route::Invoke(_) => invoke_operation(schemas),
        Route::Stream(_) => stream_operation(schemas),
        Route::Conversations => {
            let body = schemas.of::<conversations::List>();
            Operation::get("listConversations", "The caller's conversations, newest first", &body)
                .paged(50, 100)
                .secured_problems(&[K::InvalidParameter])
        }
        Route::Conversation(_) if method == Method::DELETE => {
            Operation::no_content("eraseConversation", "Makes a conversation unreadable at once")
                .secured_problems(&[K::InvalidParameter, K::NotFound])
        }
        Route::Conversation(_) => {
            let body = schemas.of::<conversations::TranscriptBody>();
            Operation::get("getConversation", "A conversation's messages, oldest first", &body)
                .paged(100, 1000)
                .secured_problems(&[K::InvalidParameter, K::NotFound])
        }
    }
}

fn invoke_operation(schemas: &mut Schemas) -> Value {
    let answer = schemas.of::<InvokeResponse<'_>>();
    let mut operation = Operation::get("invokeAgent", "One turn of a conversation with an agent", &answer);
    operation.value["responses"]["200"]["content"]["text/event-stream"] = events();
    turn(operation, schemas)
}

fn stream_operation(schemas: &mut Schemas) -> Value {
    let content = json!({"text/event-stream": events()});
    let success = json!({"description": "OK", "headers": request_id(), "content": content});
    turn(
        Operation::new(
            "streamAgent",
            "One turn of a conversation with an agent, as Server-Sent Events",
            "200",
            &success,
        ),
        schemas,
    )
}

/// Describes Server-Sent Events in words, since `OpenAPI` 3.1 has no schema for them.
fn events() -> Value {
    json!({"schema": {"type": "string", "description":
        "Server-Sent Events, the data of each one JSON document: one `start` (`id`, `agent`, `conversation_id`); any \
         number of `delta` (`text`) and `step` (as in the answer's `steps`); then one `end` (the answer without \
         `output`) or one `error` (a problem)."}})
}

fn turn(mut operation: Operation, schemas: &mut Schemas) -> Value {
    use ProblemKind as K;
    let body = schemas.of_request::<RunBody>();
    operation.value["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": body}}});
    operation.value["parameters"] = json!([{
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "The same key, caller, agent and body within 24 hours give the same run's answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }]);
    operation.secured_problems(&[
        K::InvalidBody,
        K::InvalidParameter,
        K::NotFound,
        K::Contention,
        K::IdempotencyConflict,
        K::RequestInProgress,
        K::TooLarge,
        K::UnsupportedMediaType,
        K::InvalidRequest,
        K::UnsupportedByModel,
        K::ProviderFailed,
    ])
}

fn path_parameter(route: &Route) -> Option<Value> {
    let (name, schema) = match route {
        Route::Agent(_) | Route::Invoke(_) | Route::Stream(_) => {
            ("agent_name", json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}))
        }
        Route::Conversation(_) => ("id", json!({"type": "string", "format": "uuid"})),
        Route::Health | Route::DeepHealth | Route::Agents | Route::Models | Route::Conversations => return None,
    };
    Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
}

struct Operation {
    value: Value,
}

fn request_id() -> Value {
    json!({"x-request-id": {"$ref": "#/components/headers/x-request-id"}})
}

impl Operation {
    fn new(id: &str, summary: &str, status: &str, success: &Value) -> Self {
        Self { value: json!({"operationId": id, "summary": summary, "responses": {status: success}}) }
    }

    fn get(id: &str, summary: &str, body: &Value) -> Self {
        let content = json!({"application/json": {"schema": body}});
        Self::new(id, summary, "200", &json!({"description": "OK", "headers": request_id(), "content": content}))
    }

    fn no_content(id: &str, summary: &str) -> Self {
        Self::new(id, summary, "204", &json!({"description": "Done", "headers": request_id()}))
    }

    fn paged(mut self, default: u32, most: u32) -> Self {
        self.value["parameters"] = json!([
            {"name": "limit", "in": "query", "required": false, "description": "Entries at most.",
             "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default}},
            {"name": "cursor", "in": "query", "required": false, "description": "The next_cursor of the page before.",
             "schema": {"type": "string"}},
        ]);
        self
    }

    /// Adds the problems of every route with a token, and the route's own.
    fn secured_problems(self, own: &[ProblemKind]) -> Value {
        use ProblemKind as K;
        let all = [K::InvalidToken, K::NotAcceptable, K::Internal, K::Unavailable, K::DeadlineExceeded];
        self.problems(&[&all, own].concat())
    }

    fn problems(mut self, kinds: &[ProblemKind]) -> Value {
        for kind in kinds {
            let status = kind.status().as_u16().to_string();
            let reference = format!("#/components/responses/{status}");
            self.value["responses"][status] = json!({"$ref": reference});
        }
        self.value
    }
}

/// Returns one response for each status, which names the kinds of problem with that status.
fn problem_responses(schemas: &mut Schemas) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    for kind in ProblemKind::ALL {
        let status = kind.status().as_u16().to_string();
        let words = format!("{} (`{}`)", kind.title(), kind.urn());
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
        405 => headers["Allow"] = text("The methods that the path supports."),
        409 | 502 | 503 => {
            headers["Retry-After"] = json!({"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}});
        }
        _ => {}
    }
    headers
}

/// The schemas of requests, as they are read, and of responses, as they are written.
struct Schemas {
    reading: SchemaGenerator,
    writing: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = "/components/schemas".into();
        let writing = settings.clone().for_serialize().into_generator();
        Self { reading: settings.for_deserialize().into_generator(), writing }
    }

    fn of<T: JsonSchema>(&mut self) -> Value {
        self.writing.subschema_for::<T>().to_value()
    }

    fn of_request<T: JsonSchema>(&mut self) -> Value {
        self.reading.subschema_for::<T>().to_value()
    }

    fn into_definitions(mut self) -> Value {
        let mut all = self.writing.take_definitions(true);
        all.extend(self.reading.take_definitions(true));
        all.sort_keys();
        all.into()
    }
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;
