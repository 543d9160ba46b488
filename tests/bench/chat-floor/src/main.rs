//! The floor of a conversation turn: the work of the gateway's `agent` function for one prompt, in the simplest code.
//!
//! No configuration file, no policy, no state graph: settings come from the environment and everything is built once,
//! before the first poll. The gateway is measured against this, so it is as fast as possible.

mod client;
mod store;
mod token;

use lambda_http::{Body, Error, Request, Response, run, service_fn};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Instant};
use store::{Message, Store};
use token::Verifier;

#[derive(Deserialize)]
struct TurnRequest {
    prompt: String,
    conversation_id: String,
}

#[derive(Serialize)]
struct TurnOutcome<'a> {
    conversation_id: &'a str,
    output: &'a str,
    model: &'a str,
    usage: &'a Usage,
    latency_ms: u128,
}

#[derive(Serialize)]
struct ModelRequest<'a> {
    model: &'a str,
    messages: &'a [Message],
    max_tokens: u32,
}

#[derive(Deserialize)]
struct ModelAnswer {
    choices: Vec<Choice>,
    usage: Usage,
}

#[derive(Deserialize)]
struct Choice {
    message: ModelMessage,
}

#[derive(Deserialize)]
struct ModelMessage {
    content: String,
}

#[derive(Deserialize, Serialize)]
struct Usage {
    #[serde(rename(deserialize = "prompt_tokens"))]
    input_tokens: u32,
    #[serde(rename(deserialize = "completion_tokens"))]
    output_tokens: u32,
}

struct Floor {
    http: reqwest::Client,
    verifier: Verifier,
    store: Store,
    model_url: String,
    model_key: String,
}

impl Floor {
    fn from_environment() -> Result<Self, Error> {
        let http = client::shared()?;
        Ok(Self {
            verifier: Verifier::from_environment(http.clone())?,
            store: Store::from_environment(http.clone())?,
            model_url: format!("{}/chat/completions", setting("MODEL_BASE_URL")?),
            model_key: setting("MODEL_KEY")?,
            http,
        })
    }

    async fn turn(&self, request: Request) -> Result<Response<Body>, Error> {
        let started = Instant::now();
        let owner = self.verifier.verify(request.headers()).await?;
        let turn: TurnRequest = serde_json::from_slice(request.body())?;
        let loaded = self.store.load(&turn.conversation_id, &owner).await?;
        let mut messages = loaded.messages;
        messages.push(Message { role: "user".into(), content: turn.prompt });
        let reply = self.ask(&messages).await?;
        let Some(choice) = reply.choices.into_iter().next() else {
            return Err("the model's answer has no choices".into());
        };
        messages.push(Message { role: "assistant".into(), content: choice.message.content });
        let new = messages.split_off(messages.len() - 2);
        self.store.commit(&turn.conversation_id, &owner, loaded.head, &new).await?;
        let answer = TurnOutcome {
            conversation_id: &turn.conversation_id,
            output: new.last().map_or("", |message| &message.content),
            model: "bench",
            usage: &reply.usage,
            latency_ms: started.elapsed().as_millis(),
        };
        let body = serde_json::to_string(&answer)?;
        Ok(Response::builder().header("content-type", "application/json").body(Body::from(body))?)
    }

    async fn ask(&self, messages: &[Message]) -> Result<ModelAnswer, Error> {
        let body = ModelRequest { model: "bench", messages, max_tokens: 1024 };
        let response = self.http.post(&self.model_url).bearer_auth(&self.model_key).json(&body).send().await?;
        Ok(serde_json::from_slice(&response.error_for_status()?.bytes().await?)?)
    }
}

#[expect(clippy::disallowed_methods, reason = "the floor has no configuration but its environment")]
fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn setting(name: &str) -> Result<String, Error> {
    optional(name).ok_or_else(|| format!("{name} is not set").into())
}

// One invocation at a time and no blocking work: a second thread would only cost start-up and wake-ups.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let floor = Arc::new(Floor::from_environment()?);
    run(service_fn(move |request| {
        let floor = Arc::clone(&floor);
        async move { floor.turn(request).await }
    }))
    .await
}
