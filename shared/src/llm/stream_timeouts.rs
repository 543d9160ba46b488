//! The time-outs of a streamed response.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, timeout, timeout_at};

use super::{GenerationStream, LlmError, StreamEvent};

/// The time-outs of one streamed response. A model may think in silence, so the limit on silence holds from its first text or
/// tool call on; until then the limit of a whole response does.
#[derive(Debug, Clone)]
pub(super) struct StreamTimeouts {
    first_by: Instant,
    idle: Duration,
    has_begun: Arc<AtomicBool>,
}

impl StreamTimeouts {
    /// Starts the time of a request that is being sent now.
    pub(super) fn start(request: Duration, idle: Duration) -> Self {
        Self { first_by: Instant::now() + request, idle, has_begun: Arc::default() }
    }

    /// Waits for more of the response.
    ///
    /// # Errors
    /// [`LlmError::TimedOut`].
    pub(super) async fn bound<T>(&self, work: impl Future<Output = T>) -> Result<T, LlmError> {
        // Relaxed is enough: the flag protects no other data.
        let waited = if self.has_begun.load(Ordering::Relaxed) {
            timeout(self.idle, work).await
        } else {
            timeout_at(self.first_by, work).await
        };
        waited.map_err(|_elapsed| LlmError::TimedOut)
    }

    /// Notes that an event of the generation has arrived.
    pub(super) fn observe(&self, event: &StreamEvent) {
        // Usage arrives before the model has written anything.
        if matches!(event, StreamEvent::TextDelta(_) | StreamEvent::ToolCall(_)) {
            self.has_begun.store(true, Ordering::Relaxed);
        }
    }

    /// Returns the stream, observing its events.
    pub(super) fn observing(self, stream: GenerationStream) -> GenerationStream {
        stream.inspect(move |event| event.iter().for_each(|event| self.observe(event))).boxed()
    }
}
