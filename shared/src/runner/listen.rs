//! Listening to a turn while it runs. Whoever listens holds the receiver of the events: to drop it, or to close it, is
//! to call the run off.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use crate::agent::ModelCall;
use crate::domain::{ConversationId, Generation, RunId, Step, Usage};
use crate::llm::{Fallback, ModelError, PartialGeneration, StreamEvent, StreamedAnswer};

/// What a listener hears of a turn, in this order: one `Started`, then the others as they come. The end is the turn's
/// own result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnEvent {
    /// The model has begun to answer, or the listener's patience is over.
    Started {
        /// The run.
        run: RunId,
        /// The conversation that the turn will be stored in.
        conversation: ConversationId,
    },
    /// More of the model's text; never empty.
    Delta(String),
    /// A step is done. The text of a model's step has come before it; the turn's output is that of the last one.
    Step(Step),
}

/// Whoever listens, as the turn sees it. A full channel makes the turn wait, so a slow listener slows the model's
/// stream down and nothing piles up.
#[derive(Debug)]
pub struct Listener {
    events: Sender<TurnEvent>,
    patience_ends: Instant,
    started: AtomicBool,
}

/// Nobody listens any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

impl Listener {
    /// A listener that is told by this time at the latest that the turn has started, whatever the model does.
    #[must_use]
    pub const fn new(events: Sender<TurnEvent>, patience_ends: Instant) -> Self {
        Self { events, patience_ends, started: AtomicBool::new(false) }
    }

    /// Whether nobody listens any more.
    pub(super) fn is_gone(&self) -> bool {
        self.events.is_closed()
    }

    /// Whether it has been told that the run has started.
    pub(super) fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    pub(super) async fn tell(&self, event: TurnEvent) -> Result<(), Gone> {
        self.events.send(event).await.map_err(|_| Gone)
    }

    /// Says once that the run has started.
    pub(super) async fn start(&self, run: RunId, conversation: ConversationId) -> Result<(), Gone> {
        if self.started.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.tell(TurnEvent::Started { run, conversation }).await
    }

    /// Works, and says that the run has started when the listener's patience ends before the work does.
    pub(super) async fn not_kept_waiting<T>(
        &self,
        run: RunId,
        conversation: ConversationId,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep_until(self.patience_ends) => {}
        }
        // A listener that is gone is found by the work itself.
        let _gone = self.start(run, conversation).await;
        work.await
    }

    /// Asks the model, passes its text on as it comes, and puts the very same stream together. None when nobody listens
    /// any more: the model's stream is dropped then. `used` has what the provider reported until whatever happened.
    pub(super) async fn hear(
        &self,
        model: &Fallback,
        call: &ModelCall,
        (run, conversation): (RunId, ConversationId),
        used: &mut Usage,
    ) -> Result<Option<Generation>, ModelError> {
        let answering = async {
            let answer = model.stream(&call.prompt, call.temperature, call.max_tokens).await?;
            let StreamedAnswer { mut events, served_by, retry_stats } = answer;
            if self.start(run, conversation).await.is_err() {
                return Ok(None);
            }
            let failed = |source| ModelError { model: served_by.clone(), retry_stats, source };
            let mut partial = PartialGeneration::default();
            while let Some(event) = events.next().await {
                let event = event.map_err(failed)?;
                partial.take(&event);
                *used = partial.usage();
                if let StreamEvent::TextDelta(text) = event
                    && !text.is_empty()
                    && self.tell(TurnEvent::Delta(text)).await.is_err()
                {
                    return Ok(None);
                }
            }
            partial.into_generation(served_by.clone(), retry_stats).map(Some).map_err(failed)
        };
        tokio::select! {
            biased;
            () = self.events.closed() => Ok(None),
            answered = answering => answered,
        }
    }
}
