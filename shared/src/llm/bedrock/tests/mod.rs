//! The client against a scripted Bedrock: the requests that it sends and how it converts responses.

mod failures;
mod generate;
mod stream;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::aws::local_context;
use crate::domain::{
    Content, MaxTokens, Message, Prompt, Role, SecretTemplate, ToolCall, ToolCallId, ToolName, ToolResult, ToolSpec,
};
use crate::secrets::{SecretError, SecretResolver};

const MODEL: &str = "anthropic.claude-3-sonnet-20240229-v1:0";

/// A resolver that returns the first key and drops it with each renewal while another one is left.
struct RotatingKeys(Mutex<VecDeque<&'static str>>);

#[async_trait]
impl SecretResolver for RotatingKeys {
    async fn resolve(&self, _: &SecretTemplate) -> Result<SecretString, SecretError> {
        Ok(self.0.lock().unwrap()[0].into())
    }

    async fn renew(&self, _: &SecretTemplate) -> Result<bool, SecretError> {
        let mut keys = self.0.lock().unwrap();
        let more = keys.len() > 1;
        if more {
            keys.pop_front();
        }
        Ok(more)
    }
}

fn client_with(uri: &str, model: &str, keys: &[&'static str]) -> BedrockClient {
    let settings = BedrockSettings {
        api_key: (!keys.is_empty()).then(|| SecretTemplate::parse("{{ secrets['k'] }}").unwrap()),
        request_timeout: Duration::from_millis(500),
        idle_timeout: Duration::from_millis(300),
    };
    let resolver = Arc::new(RotatingKeys(Mutex::new(keys.iter().copied().collect())));
    let access = BedrockAccess::new(local_context(uri).unwrap(), resolver, settings);
    BedrockClient::new(Arc::new(access), ModelId::new(model)).unwrap()
}

fn client(uri: &str) -> BedrockClient {
    client_with(uri, MODEL, &[])
}

async fn serve(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(Anything).respond_with(response).mount(&server).await;
    server
}

/// Starts a server that responds to one request with these bytes and closes the connection, or keeps it open.
async fn raw_server(response: Vec<u8>, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a server of the test, which ends with the test's runtime")]
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 8192];
        let _ = socket.read(&mut buffer).await.unwrap();
        socket.write_all(&response).await.unwrap();
        if !closes {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
    });
    format!("http://{address}")
}

struct Anything;

impl Match for Anything {
    fn matches(&self, _: &Request) -> bool {
        true
    }
}

fn hello() -> Prompt {
    Prompt { messages: vec![Message::text(Role::User, "Hello")], ..Prompt::default() }
}

fn hello_request() -> GenerationRequest {
    GenerationRequest { prompt: hello(), temperature: None, max_tokens: max(10) }
}

fn weather_call() -> ToolCall {
    ToolCall {
        id: ToolCallId::new("tooluse_1"),
        name: ToolName::new("weather"),
        arguments: json!({ "city": "Oslo", "days": 2 }),
    }
}

/// Returns a conversation with every kind of content.
fn full_prompt() -> Prompt {
    let result = |call: &str, text: &str, is_error| {
        Content::ToolResult(ToolResult {
            call: ToolCallId::new(call),
            text: text.to_owned(),
            is_error,
            source: crate::domain::ResultSource::default(),
        })
    };
    let second = ToolCall { id: ToolCallId::new("tooluse_2"), arguments: json!("{\"city\": "), ..weather_call() };
    Prompt {
        system: Some("Be brief.".to_owned()),
        messages: vec![
            Message::text(Role::User, "Weather?"),
            Message::new(
                Role::Assistant,
                vec![Content::Text("  ".to_owned()), Content::ToolCall(weather_call()), Content::ToolCall(second)],
            ),
            Message::new(Role::User, vec![result("tooluse_1", "rain", false), result("tooluse_2", "no city", true)]),
            Message::text(Role::User, "And?"),
        ],
        tools: vec![ToolSpec {
            name: ToolName::new("weather"),
            description: "Reports the weather.".to_owned(),
            input_schema: json!({ "type": "object", "properties": { "city": { "type": "string" } } }),
        }],
    }
}

fn max(tokens: u32) -> MaxTokens {
    tokens.try_into().unwrap()
}

/// Returns a response as the API reference's "Converse" shows it.
fn response(content: &Value, stop_reason: &str) -> Value {
    json!({
        "output": { "message": { "role": "assistant", "content": content } },
        "stopReason": stop_reason,
        "usage": { "inputTokens": 30, "outputTokens": 628, "totalTokens": 658 },
        "metrics": { "latencyMs": 1275 },
    })
}
