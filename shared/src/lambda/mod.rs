//! AWS Lambda: the events of every trigger as typed requests, their responses, and the Runtime API loop of functions
//! whose responses are streamed.
//!
//! Must not know the product's routes.

mod authorizer_event;
mod handler;
mod http_event;
mod invocation;
mod request;
mod runtime_api;
mod streamed_response;
mod streaming;
mod table_event;
mod websocket_event;

pub use authorizer_event::{AuthorizerEvent, AuthorizerPolicy};
pub use handler::Handler;
pub use http_event::{BadBase64, GatewayEvent, GatewayResponse, Source};
pub use invocation::Invocation;
pub use request::HttpRequest;
pub use runtime_api::RuntimeApiError;
pub use streamed_response::{StreamedInvocation, StreamedResponse};
pub use streaming::{report_failed_start, serve_streams};
pub use table_event::{ItemImage, TableEvent};
pub use websocket_event::{
    EventKind, FailedInvocation, Handshake, NotAWebSocketEvent, WebSocketEvent, WebSocketResponse,
};
