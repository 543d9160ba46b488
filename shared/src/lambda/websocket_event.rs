//! The events of a WebSocket API, and the responses to them (Amazon API Gateway Developer Guide, "Working with WebSocket
//! APIs").

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http_event::{Multi, Single, header_map, or_default};
use crate::domain::ConnectionId;

/// An event of a connection from API Gateway, or Lambda's record of a failed invocation. Without `Debug`, since it may
/// contain a token.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebSocketEvent {
    #[serde(deserialize_with = "or_default")]
    request_context: EventContext,
    headers: Option<Single>,
    multi_value_headers: Option<Multi>,
    query_string_parameters: Option<Single>,
    body: Option<String>,
    #[serde(deserialize_with = "or_default")]
    is_base64_encoded: bool,
    request_payload: Option<Value>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventContext {
    event_type: Option<String>,
    connection_id: Option<String>,
    condition: Option<String>,
    identity: Identity,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    source_ip: Option<String>,
}

/// What an event is about.
pub enum EventKind {
    /// A client asks to open a connection.
    Connect(Handshake),
    /// A client has sent a message.
    Message {
        /// What it has sent.
        text: Vec<u8>,
        /// The client's address.
        source_ip: Option<String>,
    },
    /// A connection was closed.
    Disconnect,
}

/// A client's opening request.
pub struct Handshake {
    /// The headers.
    pub headers: HeaderMap,
    /// The query's `access_token`.
    pub access_token: Option<String>,
    /// The client's address.
    pub source_ip: Option<String>,
}

/// Lambda's record of an asynchronous invocation that failed or was never started ("Capturing records of Lambda
/// asynchronous invocations").
pub struct FailedInvocation {
    /// The event that the function was to be invoked with.
    pub event: Value,
    /// Whether the invocation was never started because it had to wait for too long.
    pub never_started: bool,
}

/// The event does not come from a WebSocket API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event does not come from a WebSocket API")]
pub struct NotAWebSocketEvent;

impl WebSocketEvent {
    /// Takes the record of a failed invocation out of the event, if it is one.
    pub fn take_failed_invocation(&mut self) -> Option<FailedInvocation> {
        // Only a record of a failed invocation has this member.
        let event = self.request_payload.take()?;
        let never_started = self.request_context.condition.as_deref() == Some("EventAgeExceeded");
        Some(FailedInvocation { event, never_started })
    }

    /// Returns the connection and what happened to it.
    ///
    /// # Errors
    /// [`NotAWebSocketEvent`].
    pub fn into_kind(self) -> Result<(ConnectionId, EventKind), NotAWebSocketEvent> {
        let id = self.request_context.connection_id.filter(|id| !id.is_empty()).ok_or(NotAWebSocketEvent)?;
        let kind = match self.request_context.event_type.as_deref() {
            Some("CONNECT") => EventKind::Connect(Handshake {
                headers: header_map(self.headers.as_ref(), self.multi_value_headers.as_ref()),
                access_token: self.query_string_parameters.and_then(|mut query| query.remove("access_token").flatten()),
                source_ip: self.request_context.identity.source_ip,
            }),
            Some("MESSAGE") => {
                let body = self.body.unwrap_or_default();
                // Bad base64 becomes an empty message, which is refused as one that is not JSON.
                let decoded = self.is_base64_encoded.then(|| STANDARD.decode(&body).unwrap_or_default());
                let text = decoded.unwrap_or_else(|| body.into_bytes());
                EventKind::Message { text, source_ip: self.request_context.identity.source_ip }
            }
            Some("DISCONNECT") => EventKind::Disconnect,
            _ => return Err(NotAWebSocketEvent),
        };
        Ok((ConnectionId::new(id), kind))
    }
}

/// The response to an event. API Gateway passes only the response to a handshake on to the client.
#[derive(Clone, Serialize, derive_more::Debug)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketResponse {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[debug("{:?} bytes", body.as_ref().map(String::len))]
    body: Option<String>,
}

impl WebSocketResponse {
    /// Builds the response.
    #[must_use]
    pub fn new(status: StatusCode, headers: &HeaderMap, body: Option<String>) -> Self {
        let headers =
            headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        Self { status_code: status.as_u16(), headers: headers.collect(), body }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status_code
    }

    /// Returns a header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
}
