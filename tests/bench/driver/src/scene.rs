//! The surroundings of the functions: the token issuer, the model, and the settings of each function.

use crate::{Failure, arguments::Arguments};
use openclaw_tests::{
    events::{HttpAnswer, HttpEvent},
    issuer::Issuer,
    model_stub::ModelStub,
    process::FunctionSpec,
    runtime_api::{Invocation, LambdaFunction},
    server::{Server, json},
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};

pub(crate) const TABLE: &str = "openclaw-bench";
pub(crate) const AUDIT_TABLE: &str = "openclaw-bench-audit";
pub(crate) const TICKETS_TABLE: &str = "openclaw-bench-tickets";
pub(crate) const PROMPT: &str = "What does one turn of a conversation cost when everything around it costs nothing?";
const POOL: &str = "us-east-1_bench";
const CLIENT: &str = "bench";
const OWNER: &str = "0b5c2f5e-6f0a-4d5c-9b7e-0f4f6f1d2a3b";
const KEY: &str = "bench-key";
const FLOOR_CONVERSATION: &str = "6a1f3f2e-8d0b-4c55-9a51-3b1a4c2d5e6f";
/// The secret that the digests' key is made of: 32 bytes in base64.
const DIGEST_SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The shortest deadline of the front doors.
const DEADLINE: Duration = Duration::from_secs(29);

/// A function and the request that it is measured with.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) spec: FunctionSpec,
    event: HttpEvent,
    body: Option<Value>,
    front_door: FrontDoor,
}

/// The front door that a subject's requests come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrontDoor {
    LoadBalancer,
    /// An API that forwards an answer while it is generated.
    Streaming,
    WebSocket,
    /// An API that asks whether a token is good.
    Authorizer,
}

impl Subject {
    /// Returns the same function with its table at another address.
    pub(crate) fn against(mut self, dynamodb: &str) -> Self {
        self.spec = self.spec.with("AWS_ENDPOINT_URL", dynamodb);
        self
    }

    /// Starts the function.
    pub(crate) async fn start(&self) -> Result<LambdaFunction, Failure> {
        LambdaFunction::start(&self.spec).await.map_err(|error| format!("{}: {error}", self.name).into())
    }

    /// Sends one request; any status but 200 is a failure.
    pub(crate) async fn ask(&self, function: &mut LambdaFunction) -> Result<Invocation, Failure> {
        if self.front_door == FrontDoor::Streaming {
            self.stream(function).await
        } else {
            self.send(function, &self.event).await
        }
    }

    /// Sends one request whose answer is streamed; a stream without its end is a failure.
    pub(crate) async fn stream(&self, function: &mut LambdaFunction) -> Result<Invocation, Failure> {
        let answered = function.invoke(self.event.to_api_gateway_v2(), DEADLINE).await;
        let invocation = answered.map_err(|error| format!("{}: {error}; {}", self.name, function.stderr()))?;
        let answer = HttpAnswer::read_streamed(&invocation.response()).ok_or("a response that is not streamed")?;
        match answer.events().last() {
            Some((name, _)) if name == "end" => Ok(invocation),
            last => Err(format!("{} ended with {last:?}", self.name).into()),
        }
    }

    /// Sends one request with an idempotency key.
    pub(crate) async fn ask_once(&self, function: &mut LambdaFunction, key: &str) -> Result<Invocation, Failure> {
        let event = self.event.clone().header("idempotency-key", key);
        self.send(function, &event).await
    }

    /// Sends one request and makes later ones continue its conversation.
    pub(crate) async fn begin(&mut self, function: &mut LambdaFunction) -> Result<(), Failure> {
        let first = self.ask(function).await?;
        let answer = HttpAnswer::read(&first.response())?.json();
        let id = answer.get("conversation_id").and_then(Value::as_str).ok_or("an answer without conversation_id")?;
        if let Some(body) = self.body.as_mut().and_then(Value::as_object_mut) {
            body.insert("conversation_id".to_owned(), id.into());
        }
        if let Some(body) = &self.body {
            self.event = self.event.clone().json(body);
        }
        Ok(())
    }

    async fn send(&self, function: &mut LambdaFunction, event: &HttpEvent) -> Result<Invocation, Failure> {
        let event = match self.front_door {
            FrontDoor::WebSocket => event.to_handshake(),
            FrontDoor::Authorizer => event.to_authorizer(),
            FrontDoor::LoadBalancer | FrontDoor::Streaming => event.to_load_balancer(),
        };
        let answered = function.invoke(event, DEADLINE).await;
        let invocation = answered.map_err(|error| format!("{}: {error}; {}", self.name, function.stderr()))?;
        if self.front_door == FrontDoor::Authorizer {
            let response: Value = serde_json::from_slice(&invocation.response())?;
            let is_allowed =
                response.pointer("/policyDocument/Statement/0/Effect").is_some_and(|effect| effect == "Allow");
            return if is_allowed { Ok(invocation) } else { Err(format!("{} answered {response}", self.name).into()) };
        }
        let answer = HttpAnswer::read(&invocation.response())?;
        if answer.status_code != 200 {
            let body = answer.body.unwrap_or_default();
            return Err(format!("{} answered {}: {body}", self.name, answer.status_code).into());
        }
        Ok(invocation)
    }
}

/// The surroundings; they stop when dropped.
pub(crate) struct Scene {
    issuer: Issuer,
    model: ModelStub,
    /// Answers every request with the secret that the digests' key is made of.
    secrets: Server,
    token: String,
    configuration: PathBuf,
    arguments: Arguments,
}

impl Scene {
    pub(crate) async fn start(arguments: &Arguments) -> Result<Self, Failure> {
        let issuer = Issuer::start(POOL, CLIENT).await?;
        let model = ModelStub::start().await?;
        let secret = json!({ "Name": "digest", "VersionId": "1", "SecretString": DIGEST_SECRET }).to_string();
        let secrets = Server::start(move |_| std::future::ready(Ok(json(secret.clone())))).await?;
        let token = issuer.access_token(OWNER, &["user"])?;
        fs::create_dir_all(&arguments.work)?;
        let configuration = fs::canonicalize(&arguments.work)?.join("bundle.json");
        fs::write(&configuration, bundle_for(&model.base_url()))?;
        Ok(Self { issuer, model, secrets, token, configuration, arguments: arguments.clone() })
    }

    /// Returns the function that does nothing.
    pub(crate) fn hello(&self) -> Subject {
        let spec = FunctionSpec::new("hello", self.arguments.floors.join("bench-hello"));
        Subject {
            name: "hello",
            spec,
            event: HttpEvent::new("GET", "/v1/health"),
            body: None,
            front_door: FrontDoor::LoadBalancer,
        }
    }

    /// Returns the floor: one turn in the simplest code that performs it.
    pub(crate) fn chat_floor(&self, dynamodb: &str) -> Subject {
        let spec = FunctionSpec::new("chat-floor", self.arguments.floors.join("bench-chat-floor"))
            .with("ISSUER", self.issuer.issuer())
            .with("JWKS_URL", self.issuer.jwks_url())
            .with("CLIENT_ID", CLIENT)
            .with("TABLE", TABLE)
            .with("MODEL_BASE_URL", self.model.base_url())
            .with("MODEL_KEY", KEY)
            .with("AWS_ENDPOINT_URL", dynamodb);
        let body = json!({ "prompt": PROMPT, "conversation_id": FLOOR_CONVERSATION });
        self.subject("chat floor", spec, "POST", "/v1/agent/default", Some(body))
    }

    /// Returns the gateway's turn.
    pub(crate) fn agent(&self, dynamodb: &str) -> Subject {
        let body = json!({ "prompt": PROMPT });
        self.subject("agent", self.gateway("agent", dynamodb), "POST", "/v1/agent/default", Some(body))
    }

    /// Returns a turn without a model, whose graph calls an action once; its policies read grants and counts if it `is_counted`.
    pub(crate) fn calling(&self, dynamodb: &str, is_counted: bool) -> Result<Subject, Failure> {
        let configuration = self.configuration.with_file_name(format!("calling-{is_counted}.json"));
        fs::write(&configuration, calling_bundle(is_counted))?;
        let spec = self.gateway("agent", dynamodb).with("OPENCLAW_CONFIG", configuration.to_string_lossy());
        Ok(self.subject("agent", spec, "POST", "/v1/agent/look", Some(json!({ "prompt": PROMPT }))))
    }

    /// Returns the gateway's streamed turn, in new conversations.
    pub(crate) fn stream(&self, dynamodb: &str) -> Subject {
        let body = json!({ "prompt": PROMPT });
        let subject =
            self.subject("stream", self.gateway("stream", dynamodb), "POST", "/v1/agent/default/stream", Some(body));
        Subject {
            event: subject.event.header("accept", "text/event-stream"),
            front_door: FrontDoor::Streaming,
            ..subject
        }
    }

    /// Returns the function that opens WebSocket connections.
    pub(crate) fn websocket(&self, dynamodb: &str) -> Subject {
        let spec = self.gateway("websocket", dynamodb);
        let spec = spec.with("OPENCLAW_CONNECTIONS_URL", dynamodb).with("OPENCLAW_STREAM_FUNCTION", "stream");
        Subject { front_door: FrontDoor::WebSocket, ..self.subject("websocket", spec, "GET", "/", None) }
    }

    /// Returns the function that says whether a token is good.
    pub(crate) fn authorizer(&self, dynamodb: &str) -> Subject {
        let subject = self.subject("authorizer", self.gateway("authorizer", dynamodb), "POST", "/", None);
        Subject { front_door: FrontDoor::Authorizer, ..subject }
    }

    /// Returns the model.
    pub(crate) const fn model(&self) -> &ModelStub {
        &self.model
    }

    /// Returns the gateway's other HTTP functions.
    pub(crate) fn others(&self, dynamodb: &str) -> [Subject; 3] {
        [("agents", "/v1/agents"), ("conversations", "/v1/conversations"), ("health", "/v1/health")]
            .map(|(name, path)| self.subject(name, self.gateway(name, dynamodb), "GET", path, None))
    }

    /// Returns the size of the text that a turn has to store, in bytes: the prompt and the model's answer.
    pub(crate) fn new_text_bytes(&self) -> usize {
        PROMPT.len() + self.model.standard_text().len()
    }

    fn subject(
        &self,
        name: &'static str,
        spec: FunctionSpec,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Subject {
        let event = HttpEvent::new(method, path).bearer(&self.token);
        let event = body.as_ref().map_or_else(|| event.clone(), |body| event.clone().json(body));
        Subject { name, spec, event, body, front_door: FrontDoor::LoadBalancer }
    }

    fn gateway(&self, name: &str, dynamodb: &str) -> FunctionSpec {
        FunctionSpec::new(name, self.arguments.functions.join(name))
            .with("OPENCLAW_LOCAL", "1")
            .with("OPENCLAW_CONFIG", self.configuration.to_string_lossy())
            .with("OPENCLAW_TABLE", TABLE)
            .with("OPENCLAW_AUDIT_TABLE", AUDIT_TABLE)
            .with("OPENCLAW_DIGEST_SECRET", "digest")
            .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.secrets.url())
            .with("OPENCLAW__AUTHENTICATION__JWKS_URL", self.issuer.jwks_url())
            .with("BENCH_KEY", KEY)
            .with("AWS_ENDPOINT_URL", dynamodb)
    }
}

/// Returns the configuration's bundle, without rights, which functions do not read.
fn bundle_for(model_url: &str) -> String {
    let document = json!({
        "llm": { "provider": "openai", "model": "bench", "api_key": "{{ env['BENCH_KEY'] }}" },
        "providers": { "openai": { "base_url": model_url } },
        "authentication": { "enabled": true, "provider": "cognito", "user_pool_id": POOL, "client_id": CLIENT },
        "agents": [{ "name": "default", "memory_size": 20 }],
    });
    json!({ "revision": 1, "sha256": "", "document": document }).to_string()
}

/// Returns the bundle of an agent that reads an item.
fn calling_bundle(is_counted: bool) -> String {
    let parameters = json!({ "type": "object", "properties": { "id": { "type": "string" } }, "required": ["id"] });
    let mut document = json!({
        "llm": { "provider": "ollama", "model": "bench" },
        "authentication": { "enabled": true, "provider": "cognito", "user_pool_id": POOL, "client_id": CLIENT },
        "actions": [{
            "name": "ticket", "description": "Reads a ticket.", "type": "dynamodb", "table": TICKETS_TABLE,
            "key": { "id": "{{ arguments.id }}" }, "parameters": parameters,
        }],
        "agents": [{ "name": "look", "states": {
            "start": { "type": "input", "next": "find" },
            "find": { "type": "action", "action": "ticket", "arguments": { "id": "1" }, "next": "done" },
            "done": { "type": "output", "text": "{{ states.find.status }}" },
        } }],
    });
    let policy = "@id(\"own\") forbid (principal, action, resource)
                  when { context.count.day > 1000000 && !context.grants.contains(\"more\") };";
    let mut policies = json!({});
    if is_counted {
        if let Some(agent) = document.pointer_mut("/agents/0").and_then(Value::as_object_mut) {
            agent.insert("policy".to_owned(), "own".into());
        }
        if let Some(document) = document.as_object_mut() {
            document.insert("policies".to_owned(), json!({ "own": { "files": ["own.cedar"] } }));
        }
        policies = json!({ "own": { "texts": [policy] } });
    }
    json!({ "revision": 1, "sha256": "", "document": document, "policies": policies }).to_string()
}
