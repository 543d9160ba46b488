//! A response whose body is sent while it is produced.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};

/// A response and its body. Dropping `body` means that the client has left.
#[derive(Debug)]
pub struct StreamedResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The pieces of the body, until the sender is dropped.
    pub body: mpsc::Receiver<Bytes>,
}

/// An event of a function whose responses are streamed.
#[derive(derive_more::Debug)]
pub struct StreamedInvocation {
    /// The event as it arrived, in JSON.
    #[debug("[{} bytes]", event.len())]
    pub event: Bytes,
    /// Takes the response as soon as its status and headers are known; dropped where the event has no response.
    pub respond: oneshot::Sender<StreamedResponse>,
}
