//! The events of a WebSocket API, and the responses to them (Amazon API Gateway Developer Guide, "Working with WebSocket
//! APIs").

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::order::{GivenUpOrder, RunOrder};
use crate::domain::ConnectionId;
use crate::http::event::{Multi, Single, header_map, or_default};

/// What API Gateway tells of a connection; or Lambda, of a run that it could not finish. Without `Debug`: it may hold a
/// token.
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
    request_payload: Option<FailedInvocation>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventContext {
    event_type: Option<String>,
    connection_id: Option<String>,
    condition: Option<String>,
    identity: Identity,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    source_ip: Option<String>,
}

/// The asynchronous invocation of the function that runs agents.
#[derive(Serialize, Deserialize)]
pub(super) struct Ordered {
    pub(super) websocket_run: RunOrder,
}

/// The same, as it comes back.
#[derive(Clone, Deserialize)]
struct FailedInvocation {
    websocket_run: GivenUpOrder,
}

/// What an event is about.
pub(super) enum What {
    /// Somebody wants to connect.
    Connect(Handshake),
    /// A client has sent this.
    Message(Vec<u8>),
    /// A client has left.
    Disconnect,
}

/// A client's opening request.
pub(super) struct Handshake {
    pub(super) headers: HeaderMap,
    pub(super) access_token: Option<String>,
    pub(super) source_ip: Option<String>,
}

/// Why Lambda gave a run up ("Capturing records of Lambda asynchronous invocations").
pub(super) struct GivenUp {
    pub(super) order: GivenUpOrder,
    /// Whether it never began, since it had to wait for too long.
    pub(super) is_unbegun: bool,
}

/// An event that is none of a WebSocket API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event is none of a WebSocket API")]
pub(super) struct NoWebSocketEvent;

impl WebSocketEvent {
    /// The run that Lambda gave up, where it is about one.
    pub(super) fn given_up(&mut self) -> Option<GivenUp> {
        let order = self.request_payload.take()?.websocket_run;
        let is_unbegun = self.request_context.condition.as_deref() == Some("EventAgeExceeded");
        Some(GivenUp { order, is_unbegun })
    }

    /// The connection, and what happens on it.
    ///
    /// # Errors
    /// [`NoWebSocketEvent`].
    pub(super) fn read(self) -> Result<(ConnectionId, What), NoWebSocketEvent> {
        let id = self.request_context.connection_id.filter(|id| !id.is_empty()).ok_or(NoWebSocketEvent)?;
        let what = match self.request_context.event_type.as_deref() {
            Some("CONNECT") => What::Connect(Handshake {
                headers: header_map(self.headers.as_ref(), self.multi_value_headers.as_ref()),
                access_token: self.query_string_parameters.and_then(|mut query| query.remove("access_token").flatten()),
                source_ip: self.request_context.identity.source_ip,
            }),
            Some("MESSAGE") => {
                let body = self.body.unwrap_or_default();
                // What is no base64 is no message of ours either, and is told so.
                let decoded = self.is_base64_encoded.then(|| STANDARD.decode(&body).unwrap_or_default());
                What::Message(decoded.unwrap_or_else(|| body.into_bytes()))
            }
            Some("DISCONNECT") => What::Disconnect,
            _ => return Err(NoWebSocketEvent),
        };
        Ok((ConnectionId::new(id), what))
    }
}

/// The response to an event. Only that to a handshake is passed on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketResponse {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl WebSocketResponse {
    pub(super) fn new(status: StatusCode, headers: &HeaderMap, body: Option<String>) -> Self {
        let headers =
            headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        Self { status_code: status.as_u16(), headers: headers.collect(), body }
    }

    /// The status, for tests.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status_code
    }

    /// A header, for tests.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body, for tests.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
}
