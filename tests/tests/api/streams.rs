//! Streamed responses, read as they come.

use std::pin::Pin;
use std::time::Duration;

use openclaw::lambda::{Handler, Invocation, StreamedInvocation, StreamedResponse};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::world::{Answer, Request, World};

/// Reads the events of a stream; comments have the name `:`.
pub(crate) fn events(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split_terminator("\n\n").map(|block| {
        if block.starts_with(':') {
            return (":".to_owned(), Value::Null);
        }
        let (name, data) = block.split_once('\n').unwrap_or_else(|| panic!("no event: {block:?}"));
        let data = data.strip_prefix("data: ").unwrap_or_else(|| panic!("no data: {block:?}"));
        (name.strip_prefix("event: ").unwrap().to_owned(), serde_json::from_str(data).unwrap())
    });
    assert!(text.is_empty() || text.ends_with("\n\n"), "the last event is not ended: {text:?}");
    blocks.collect()
}

impl Answer {
    /// Returns the events of the body.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        events(&self.text)
    }
}

/// A request that is being answered: the handler at work, and the response so far.
pub(crate) struct Open<'a> {
    serving: Pin<Box<dyn Future<Output = ()> + 'a>>,
    responding: Option<oneshot::Receiver<StreamedResponse>>,
    response: Option<StreamedResponse>,
    is_served: bool,
}

impl World {
    /// Begins to answer.
    pub(crate) fn open(&self, request: &Request, time_left: Duration) -> Open<'_> {
        let event = request.event().to_string().into();
        let (respond, responding) = oneshot::channel();
        let serving = async move {
            let event = StreamedInvocation { event, respond };
            self.stream.handle(event, &self.invocation(time_left)).await.unwrap();
        };
        Open { serving: Box::pin(serving), responding: Some(responding), response: None, is_served: false }
    }

    /// Reads a streamed response to its end and returns it as a buffered answer.
    pub(crate) async fn streamed(&self, event: &Value, invocation: &Invocation) -> Answer {
        let (respond, responding) = oneshot::channel();
        let reading = async {
            let mut response: StreamedResponse = responding.await.unwrap();
            let mut bytes = Vec::new();
            while let Some(piece) = response.body.recv().await {
                bytes.extend_from_slice(&piece);
            }
            (response, String::from_utf8(bytes).unwrap())
        };
        let event = StreamedInvocation { event: event.to_string().into(), respond };
        let (handled, (response, text)) = tokio::join!(self.stream.handle(event, invocation), reading);
        handled.unwrap();
        Answer::new(&as_json(&response, &text))
    }
}

fn as_json(response: &StreamedResponse, body: &str) -> Value {
    let headers = response.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()));
    let headers: serde_json::Map<String, Value> = headers.collect();
    json!({ "statusCode": response.status.as_u16(), "headers": headers, "body": body })
}

impl Open<'_> {
    /// Waits for status and headers.
    pub(crate) async fn head(&mut self) -> &StreamedResponse {
        if let Some(mut responding) = self.responding.take() {
            let response = tokio::select! {
                biased;
                response = &mut responding => response,
                () = &mut self.serving, if !self.is_served => {
                    self.is_served = true;
                    responding.await
                }
            };
            self.response = Some(response.unwrap());
        }
        self.response.as_ref().unwrap()
    }

    /// Returns the next piece, or `None` at the end.
    pub(crate) async fn piece(&mut self) -> Option<String> {
        self.head().await;
        let body = &mut self.response.as_mut().unwrap().body;
        let piece = tokio::select! {
            biased;
            piece = body.recv() => piece,
            () = &mut self.serving, if !self.is_served => {
                self.is_served = true;
                body.recv().await
            }
        };
        piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap())
    }

    /// Disconnects, and lets the function finish.
    pub(crate) async fn leave(mut self) {
        drop(self.response.take());
        drop(self.responding.take());
        if !self.is_served {
            self.serving.await;
        }
    }

    /// Lets the function continue while the client does not read.
    pub(crate) async fn not_reading(&mut self, during: Duration) {
        tokio::select! {
            biased;
            () = &mut self.serving, if !self.is_served => self.is_served = true,
            () = tokio::time::sleep(during) => {}
        }
    }

    /// Returns the rest of the body.
    pub(crate) async fn rest(&mut self) -> String {
        let mut text = String::new();
        while let Some(piece) = self.piece().await {
            text.push_str(&piece);
        }
        text
    }
}
