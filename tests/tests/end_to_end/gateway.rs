//! A client of the running gateway, which checks every answer against the contract's rules for all answers.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use openclaw::aws::https_client;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const BASE_URL: &str = "OPENCLAW_TEST_BASE_URL";
const STREAM_URL: &str = "OPENCLAW_TEST_STREAM_URL";
const WS_URL: &str = "OPENCLAW_TEST_WS_URL";
const TOKEN_COMMAND: &str = "OPENCLAW_TEST_TOKEN_COMMAND";
const DEFAULT_TOKEN_COMMAND: &str = "make --silent --no-print-directory token";

/// Longer than the gateway's own deadline: behind a local front door a request may wait for its turn.
const TIMEOUT: Duration = Duration::from_mins(10);

/// Short, since the local model takes its time for each token.
const MAX_TOKENS: u32 = 6;

/// The agent of the provider that is quickest to reach.
pub(crate) const QUICK_AGENT: &str = "openai";

#[expect(clippy::disallowed_methods, reason = "the test's own setting, not the gateway's")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns the address at which WebSocket connections are opened.
pub(crate) fn websocket_url() -> String {
    setting(WS_URL).unwrap_or_else(|| panic!("set {WS_URL} to a running WebSocket API's address, or run `make test`"))
}

/// Prints a token of `who`: alice, admin, bob, mallory or client.
fn token_of(who: &str, variables: &[(&str, &str)]) -> String {
    let command = setting(TOKEN_COMMAND).unwrap_or_else(|| DEFAULT_TOKEN_COMMAND.to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &command]).current_dir(root).env("AS", who).envs(variables.iter().copied());
    // Else a make above this one is taken for the parent of that one.
    let printed = shell.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").output().unwrap();
    let why = String::from_utf8_lossy(&printed.stderr);
    assert!(printed.status.success(), "`AS={who} {command}` gave no token ({TOKEN_COMMAND} names another): {why}");
    String::from_utf8(printed.stdout).unwrap().trim().to_owned()
}

/// The gateway as one caller sees it.
pub(crate) struct Gateway {
    base_url: String,
    stream_url: String,
    client: reqwest::Client,
    token: Option<String>,
}

impl Gateway {
    /// Creates a caller without a token.
    pub(crate) fn anonymous() -> Self {
        let base_url = setting(BASE_URL)
            .unwrap_or_else(|| panic!("set {BASE_URL} to a running gateway's address, or run `make test`"));
        let client = https_client(None).unwrap();
        let stream_url = setting(STREAM_URL).unwrap_or_else(|| base_url.clone());
        let [base_url, stream_url] = [base_url, stream_url].map(|url| url.trim_end_matches('/').to_owned());
        Self { base_url, stream_url, client, token: None }
    }

    /// Creates a caller with the access token of `who`.
    pub(crate) fn of(who: &str) -> Self {
        Self::anonymous().with_token(token_of(who, &[]))
    }

    /// Creates a caller with the id token of `who`.
    pub(crate) fn with_id_token_of(who: &str) -> Self {
        Self::anonymous().with_token(token_of(who, &[("USE", "id")]))
    }

    /// Returns the caller with this token.
    pub(crate) fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Returns the caller's token.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Starts a request, to which headers and a body may be added.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_to(&self.base_url, method, path)
    }

    /// Starts a request to the address that streams answers.
    pub(crate) fn streaming(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_to(&self.stream_url, method, path)
    }

    fn request_to(&self, base_url: &str, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{base_url}{path}")).timeout(TIMEOUT);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// Sends a DELETE.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Posts JSON to an agent.
    pub(crate) async fn invoke(&self, agent: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, &format!("/v1/agent/{agent}")).json(body)).await
    }

    /// Performs one short turn, which must be answered; in a new conversation if none is named.
    pub(crate) async fn turn(&self, agent: &str, prompt: &str, conversation: Option<&str>) -> Value {
        let mut body = json!({ "prompt": prompt, "max_tokens": MAX_TOKENS });
        if let Some(id) = conversation {
            body["conversation_id"] = id.into();
        }
        self.invoke(agent, &body).await.json(200)
    }
}

/// Sends a request and checks what holds for every answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap_or_else(|error| panic!("the gateway does not answer: {error:?}"));
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let answer = Answer { status, headers, text: response.text().await.unwrap() };
    assert!(!answer.header("x-request-id").unwrap_or_default().is_empty(), "no x-request-id: {answer:?}");
    let cross_origin = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(cross_origin, None, "no origin is allowed, so no page may be allowed");
    answer
}

/// The response to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Returns the text of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body of an answer that must have this status.
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header(CONTENT_TYPE.as_str()), Some("application/json"));
        serde_json::from_str(&self.text).unwrap()
    }

    /// Returns the problem document (RFC 9457) of an answer that must have this status.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header(CONTENT_TYPE.as_str()), Some("application/problem+json"));
        let problem: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["instance"].as_str(), self.header("x-request-id"));
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} is missing: {problem}");
        }
        problem
    }

    /// Returns the pointers of a 422's faults.
    pub(crate) fn faults(&self) -> Vec<String> {
        let problem = self.problem(422);
        let faults = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors: {problem}"));
        faults.iter().map(|fault| fault["pointer"].as_str().unwrap().to_owned()).collect()
    }
}
