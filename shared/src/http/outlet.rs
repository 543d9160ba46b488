//! A response whose body goes out while it is made.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};

use crate::runner::{Deadline, FLUSH_GRACE};

/// Pieces of the body that wait for the client at most; then the turn waits.
const PIECES: usize = 16;

/// A response and the pieces of its body. To drop `body` is to say that the client has left.
#[derive(Debug)]
pub struct StreamedResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, until its sender is gone.
    pub body: mpsc::Receiver<Bytes>,
}

/// Where a response goes. It is begun once: whatever is wrong before that can still be an ordinary response.
pub struct Outlet {
    unbegun: Option<(oneshot::Sender<StreamedResponse>, HeaderMap)>,
    body: Option<mpsc::Sender<Bytes>>,
    deadline: Deadline,
}

impl Outlet {
    pub(super) const fn new(
        respond: oneshot::Sender<StreamedResponse>,
        headers_of_stream: HeaderMap,
        deadline: Deadline,
    ) -> Self {
        Self { unbegun: Some((respond, headers_of_stream)), body: None, deadline }
    }

    /// Sends status and headers of a stream, unless that is done.
    pub(super) fn begin(&mut self) {
        if let Some((respond, headers)) = self.unbegun.take() {
            self.respond(respond, StatusCode::OK, headers);
        }
    }

    /// Whether status and headers are sent.
    pub(super) const fn has_begun(&self) -> bool {
        self.body.is_some()
    }

    fn respond(&mut self, respond: oneshot::Sender<StreamedResponse>, status: StatusCode, headers: HeaderMap) {
        let (sender, body) = mpsc::channel(PIECES);
        // Whoever has left also drops the body's receiver, and is found by that.
        let _gone = respond.send(StreamedResponse { status, headers, body });
        self.body = Some(sender);
    }

    /// Sends the piece as soon as there is room, and leaves it empty; whether the client is still there. Never before the
    /// beginning. May be given up and called again: nothing is lost.
    pub(super) async fn send(&self, piece: &mut String) -> bool {
        let Some(body) = &self.body else { return std::future::pending().await };
        let Ok(room) = body.reserve().await else { return false };
        room.send(Bytes::from(std::mem::take(piece)));
        true
    }

    /// Waits until the client has left.
    pub(super) async fn left(&self) {
        match &self.body {
            Some(body) => body.closed().await,
            None => std::future::pending().await,
        }
    }

    /// Sends the last piece; whether the client could take it.
    pub(super) async fn finish(&self, mut last: String) -> bool {
        let sending = self.send(&mut last);
        tokio::time::timeout_at(self.deadline.instant() + FLUSH_GRACE, sending).await.unwrap_or(false)
    }

    /// Sends a whole response, unless a stream has begun.
    pub(super) fn whole(mut self, status: StatusCode, headers: HeaderMap, body: String) {
        let Some((respond, _)) = self.unbegun.take() else { return };
        self.respond(respond, status, headers);
        if let Some(sender) = &self.body {
            // The channel is new, so there is room unless the client has left.
            let _gone = sender.try_send(Bytes::from(body));
        }
    }
}
