//! Writes a response whose body is sent while it is produced.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};

use super::BufferedResponse;
use crate::lambda::StreamedResponse;
use crate::runner::Deadline;

/// Pieces of the body that the channel holds; once it is full the turn waits.
const CAPACITY: usize = 16;

/// Writes one response. Until it is begun, an error can still be an ordinary response.
pub struct ResponseWriter {
    unbegun: Option<(oneshot::Sender<StreamedResponse>, HeaderMap)>,
    body: Option<mpsc::Sender<Bytes>>,
    deadline: Deadline,
}

impl ResponseWriter {
    /// Creates a writer. `stream_headers` are sent when a stream is begun.
    #[must_use]
    pub const fn new(
        respond: oneshot::Sender<StreamedResponse>,
        stream_headers: HeaderMap,
        deadline: Deadline,
    ) -> Self {
        Self { unbegun: Some((respond, stream_headers)), body: None, deadline }
    }

    /// Sends status and headers of a stream unless they were sent before.
    pub fn begin(&mut self) {
        if let Some((respond, headers)) = self.unbegun.take() {
            self.respond(respond, StatusCode::OK, headers);
        }
    }

    /// Returns whether status and headers were sent.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.body.is_some()
    }

    fn respond(&mut self, respond: oneshot::Sender<StreamedResponse>, status: StatusCode, headers: HeaderMap) {
        let (sender, body) = mpsc::channel(CAPACITY);
        // A client that has left also drops the body's receiver, which is noticed later.
        let _gone = respond.send(StreamedResponse { status, headers, body });
        self.body = Some(sender);
    }

    /// Sends the piece as soon as there is room, leaves it empty, and returns whether the client is still connected.
    ///
    /// Waits forever before [`Self::begin`]. Cancellation safe: a piece that was not sent is left as it was.
    pub async fn send(&self, piece: &mut String) -> bool {
        let Some(body) = &self.body else { return std::future::pending().await };
        // Room is reserved before the piece is taken, so that a cancelled call loses nothing.
        let Ok(room) = body.reserve().await else { return false };
        room.send(Bytes::from(std::mem::take(piece)));
        true
    }

    /// Waits until the client has left.
    pub async fn closed(&self) {
        match &self.body {
            Some(body) => body.closed().await,
            None => std::future::pending().await,
        }
    }

    /// Sends the last piece and returns whether the client accepted it before the deadline and its grace.
    pub async fn finish(&self, mut last: String) -> bool {
        self.deadline.with_flush_grace().bound(self.send(&mut last)).await.unwrap_or(false)
    }

    /// Sends a buffered response unless a stream was begun.
    pub fn send_buffered(mut self, response: BufferedResponse) {
        // A stream that was begun is the response.
        let Some((respond, _)) = self.unbegun.take() else { return };
        let BufferedResponse { status, headers, body } = response;
        self.respond(respond, status, headers);
        if let Some(sender) = &self.body {
            // The channel is new, so there is room unless the client has left.
            let _gone = sender.try_send(Bytes::from(body));
        }
    }
}
