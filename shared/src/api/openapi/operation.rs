//! Builds the description of an operation.
#![expect(clippy::indexing_slicing, reason = "the indexed objects are built a few lines above")]

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use crate::http::ProblemKind;

/// Describes one operation: a method of a path.
pub(in crate::api) struct Operation {
    value: Value,
}

/// Returns the header that every response has.
pub(super) fn request_id() -> Value {
    json!({"x-request-id": {"$ref": "#/components/headers/x-request-id"}})
}

impl Operation {
    /// Starts an operation with its one successful response.
    pub(in crate::api) fn new(id: &str, summary: &str, status: &str, success: &Value) -> Self {
        Self { value: json!({"operationId": id, "summary": summary, "responses": {status: success}}) }
    }

    /// Starts an operation whose one successful response has these contents by media type.
    pub(in crate::api) fn with_content(id: &str, summary: &str, content: &Value) -> Self {
        Self::new(id, summary, "200", &json!({"description": "OK", "headers": request_id(), "content": content}))
    }

    /// Starts an operation that responds with JSON.
    pub(in crate::api) fn get(id: &str, summary: &str, body: &Value) -> Self {
        Self::with_content(id, summary, &json!({"application/json": {"schema": body}}))
    }

    /// Starts an operation that creates something and responds with it.
    pub(in crate::api) fn created(id: &str, summary: &str, body: &Value) -> Self {
        let mut headers = request_id();
        headers["location"] = json!({"description": "The path of what was created.", "schema": {"type": "string"}});
        let content = json!({"application/json": {"schema": body}});
        Self::new(id, summary, "201", &json!({"description": "Created", "headers": headers, "content": content}))
    }

    /// Starts an operation that responds with 204.
    pub(in crate::api) fn no_content(id: &str, summary: &str) -> Self {
        Self::new(id, summary, "204", &json!({"description": "Done", "headers": request_id()}))
    }

    /// Adds the parameters of a paged list.
    pub(in crate::api) fn paged(mut self, default: u32, most: u32) -> Self {
        self.value["parameters"] = json!([
            {"name": "limit", "in": "query", "required": false, "description": "Entries at most.",
             "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default}},
            {"name": "cursor", "in": "query", "required": false, "description": "The next_cursor of the page before.",
             "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}},
        ]);
        self
    }

    /// Adds a parameter of the query.
    pub(in crate::api) fn query(mut self, name: &str, description: &str, schema: &Value) -> Self {
        let parameter =
            json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema});
        match &mut self.value["parameters"] {
            Value::Array(parameters) => parameters.push(parameter),
            none => *none = json!([parameter]),
        }
        self
    }

    /// Removes the need for a token.
    pub(in crate::api) fn public(mut self) -> Self {
        // An empty list overrides the requirement of the document as a whole.
        self.value["security"] = json!([]);
        self
    }

    /// Adds a JSON body.
    pub(in crate::api) fn body(mut self, schema: &Value) -> Self {
        self.value["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        self
    }

    /// Adds a header that the client may send.
    pub(in crate::api) fn header(mut self, name: &str, description: &str, schema: &Value) -> Self {
        let header =
            json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema});
        // No operation has both pages and a header, so nothing is overwritten.
        self.value["parameters"] = json!([header]);
        self
    }

    /// Adds the problems of every route with a token, and the route's own.
    pub(in crate::api) fn secured_problems(self, own: &[ProblemKind]) -> Value {
        use ProblemKind as K;
        let all = [K::InvalidToken, K::NotAcceptable, K::Internal, K::Unavailable, K::DeadlineExceeded];
        self.problems(&[&all, own].concat())
    }

    /// Adds problems and returns the operation's description.
    pub(in crate::api) fn problems(mut self, kinds: &[ProblemKind]) -> Value {
        for kind in kinds {
            let status = kind.status().as_u16().to_string();
            let reference = format!("#/components/responses/{status}");
            self.value["responses"][status] = json!({"$ref": reference});
        }
        self.value
    }
}

/// The schemas of requests, as they are read, and of responses, as they are written.
pub(in crate::api) struct Schemas {
    reading: SchemaGenerator,
    writing: SchemaGenerator,
}

impl Schemas {
    /// Creates an empty set of schemas.
    pub(super) fn new() -> Self {
        // Two generators: a member with a default may be missing when it is read, but never when it is written.
        let mut settings = SchemaSettings::draft2020_12();
        // OpenAPI keeps shared schemas in a place of its own.
        settings.definitions_path = "/components/schemas".into();
        let writing = settings.clone().for_serialize().into_generator();
        Self { reading: settings.for_deserialize().into_generator(), writing }
    }

    /// Returns a reference to the schema of a response's type.
    pub(in crate::api) fn of<T: JsonSchema>(&mut self) -> Value {
        self.writing.subschema_for::<T>().to_value()
    }

    /// Returns a reference to the schema of a request's type.
    pub(in crate::api) fn of_request<T: JsonSchema>(&mut self) -> Value {
        self.reading.subschema_for::<T>().to_value()
    }

    /// Returns the schemas that were referred to.
    pub(super) fn into_definitions(mut self) -> Value {
        let mut all = self.writing.take_definitions(true);
        all.extend(self.reading.take_definitions(true));
        // Sorted, so that the committed file changes only where a type does.
        all.sort_keys();
        all.into()
    }
}
