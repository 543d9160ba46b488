//! Model calls of a run whose events a client receives.

use futures_util::StreamExt;

use super::RunContext;
use super::event_sink::{EventSink, TurnEvent};
use crate::domain::{Generation, GenerationRequest};
use crate::llm::{CallMeter, Fallback, ModelError, PartialGeneration, StreamEvent, StreamedGeneration};

/// Streams the model's answer: sends its text to `events` as it arrives and returns the whole generation.
///
/// Returns `None` when the receiver of the events is closed; the model's stream is dropped then. `meter` counts what the
/// call takes; its last attempt is still in flight then.
///
/// # Errors
/// As [`Fallback::stream`], and the stream's own errors.
pub(super) async fn stream_model(
    model: &Fallback,
    request: &GenerationRequest,
    context: &RunContext<'_>,
    events: &EventSink,
    meter: &CallMeter,
) -> Result<Option<Generation>, ModelError> {
    let streaming = async {
        let StreamedGeneration { events: mut stream, served_by } = model.stream(request, meter).await?;
        // `stream` returns with the first output, after which there are no retries and no fallbacks.
        if events.start(context.started()).await.is_err() {
            return Ok(None);
        }
        let failed = |source| ModelError { model: served_by.clone(), source };
        let mut partial = PartialGeneration::default();
        while let Some(event) = stream.next().await {
            let event = event.map_err(failed)?;
            partial.push(&event);
            // Sending waits while the channel is full, which slows the model's stream down to the client's pace.
            if let StreamEvent::TextDelta(text) = event
                && !text.is_empty()
                && events.send(TurnEvent::Delta(text)).await.is_err()
            {
                return Ok(None);
            }
        }
        partial.into_generation(served_by.clone()).map(Some).map_err(failed)
    };
    // Side by side, so that a client that leaves is noticed even while the model is silent.
    tokio::select! {
        biased;
        () = events.closed() => Ok(None),
        streamed = streaming => streamed,
    }
}

/// Returns the whole answer of a model whose text the client does not read as it arrives. Returns `None` when the receiver of
/// the events is closed.
///
/// # Errors
/// As [`Fallback::complete`].
pub(super) async fn complete_model(
    model: &Fallback,
    request: &GenerationRequest,
    context: &RunContext<'_>,
    events: &EventSink,
    meter: &CallMeter,
) -> Result<Option<Generation>, ModelError> {
    let generation = tokio::select! {
        biased;
        () = events.closed() => return Ok(None),
        completed = model.complete(request, meter) => completed?,
    };
    // From now on the client learns of each step.
    Ok(events.start(context.started()).await.is_ok().then_some(generation))
}
