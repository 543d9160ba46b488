//! The events of a run while it is performed. Dropping or closing the receiver cancels the run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;

use crate::domain::{ConversationId, RunId, Step};

/// How long a client may go without an event or a sign that the connection is alive. The contract allows 15 s; the rest
/// is for delivery.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Events that the channel holds; once it is full the turn waits.
const CAPACITY: usize = 16;

/// An event of a turn: one `Started`, then the others as they occur. The turn's own result ends the sequence.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub enum TurnEvent {
    /// The model has begun to answer, or [`KEEPALIVE_INTERVAL`] has passed.
    Started {
        /// The run.
        run: RunId,
        /// The conversation that the turn will be stored in.
        conversation: ConversationId,
    },
    /// More of the model's text; never empty.
    Delta(#[debug("[{} bytes]", _0.len())] String),
    /// A completed step. A generation's text comes before its step; the turn's output is the text of the last one.
    Step(Step),
}

/// The sending end of a turn's events. The channel is bounded, so a slow receiver slows the model's stream down.
#[derive(Debug)]
pub struct EventSink {
    events: Sender<TurnEvent>,
    start_by: Instant,
    started: AtomicBool,
    /// What is sent right behind `Started`.
    held: Mutex<Vec<TurnEvent>>,
}

/// The receiver was closed or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReceiverClosed;

impl EventSink {
    /// Creates a sink and its receiver. `Started` is sent within [`KEEPALIVE_INTERVAL`], whatever the model does.
    #[must_use]
    pub fn new() -> (Self, Receiver<TurnEvent>) {
        Self::with_capacity(CAPACITY, KEEPALIVE_INTERVAL)
    }

    /// Creates a sink with another capacity and another time until the start, for tests.
    pub(crate) fn with_capacity(capacity: usize, start_within: Duration) -> (Self, Receiver<TurnEvent>) {
        let (events, receiver) = mpsc::channel(capacity);
        let (start_by, started) = (Instant::now() + start_within, AtomicBool::new(false));
        (Self { events, start_by, started, held: Mutex::default() }, receiver)
    }

    /// Returns whether the receiver was closed or dropped.
    pub(super) fn is_closed(&self) -> bool {
        self.events.is_closed()
    }

    /// Waits until the receiver is closed or dropped.
    pub(super) async fn closed(&self) {
        self.events.closed().await;
    }

    /// Returns whether `Started` was sent.
    pub(super) fn has_started(&self) -> bool {
        // Relaxed is enough: the flag protects no other data.
        self.started.load(Ordering::Relaxed)
    }

    /// Keeps an event until `Started` is sent. A run that fails before sends none, so that its fault can be an HTTP error.
    pub(super) fn hold(&self, event: TurnEvent) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Sends an event, waiting for room in the channel.
    pub(super) async fn send(&self, event: TurnEvent) -> Result<(), ReceiverClosed> {
        self.events.send(event).await.map_err(|_| ReceiverClosed)
    }

    /// Sends `started`, the [`TurnEvent::Started`] of the run, unless it was sent before.
    pub(super) async fn start(&self, started: TurnEvent) -> Result<(), ReceiverClosed> {
        // Marked before it is sent, so that the timer and the model's first text cannot both send it.
        if self.started.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.send(started).await?;
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        for event in held {
            self.send(event).await?;
        }
        Ok(())
    }

    /// Runs `work`, and sends `started` when that takes longer than the client may be kept waiting.
    pub(super) async fn start_in_time<T>(&self, started: TurnEvent, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            // Biased: work that is done is returned, even if the timer has fired as well.
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep_until(self.start_by) => {}
        }
        // The work itself notices a closed receiver.
        let _closed = self.start(started).await;
        work.await
    }
}
