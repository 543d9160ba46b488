//! Reads response bodies, whole or in chunks, up to a limit.

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use reqwest::Response;

use crate::llm::LlmError;
use crate::llm::stream_timeouts::StreamTimeouts;

/// The largest whole response.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
/// The largest streamed response; its frames are many times as long as its text.
const MAX_STREAM_BYTES: usize = 64 * 1024 * 1024;
/// The most that is read of an error response to find its code.
const MAX_EXCERPT_BYTES: usize = 64 * 1024;

const INCOMPLETE: &str = "the connection closed before the response was complete";

/// The chunks of a streamed response.
pub(in crate::llm) type ByteStream = BoxStream<'static, Result<Bytes, LlmError>>;

/// Reads a whole response.
pub(super) async fn whole(mut response: Response) -> Result<Vec<u8>, LlmError> {
    const TOO_LONG: LlmError = LlmError::Malformed("the response is longer than 16 MB");
    // A response that announces a larger size is refused before it is read.
    let announced = response.content_length().unwrap_or(0);
    if announced > MAX_RESPONSE_BYTES as u64 {
        return Err(TOO_LONG);
    }
    // The check above bounds what a header can make this allocate.
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| connection_error(&error, INCOMPLETE))? {
        // The announcement may be missing or wrong.
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(TOO_LONG);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads the beginning of an error response. If its connection closes early, the part that has arrived is returned.
pub(super) async fn excerpt(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        // A provider's own error is far shorter, so a longer body has no code to find.
        if body.len() + chunk.len() > MAX_EXCERPT_BYTES {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    body
}

/// Returns the chunks of a response. Silence beyond its time-outs is an error.
pub(super) fn stream(response: Response, timeouts: StreamTimeouts) -> ByteStream {
    try_unfold((response, timeouts, 0_usize), |(mut response, timeouts, read)| async move {
        let chunk = timeouts.bound(response.chunk()).await?.map_err(|error| connection_error(&error, INCOMPLETE))?;
        let Some(chunk) = chunk else { return Ok(None) };
        let read = read + chunk.len();
        if read > MAX_STREAM_BYTES {
            return Err(LlmError::Malformed("the streamed response is longer than 64 MB"));
        }
        Ok(Some((chunk, (response, timeouts, read))))
    })
    .boxed()
}

/// Converts a failed connection; `place` says where it failed. The error's own text is dropped, since it may hold the
/// URL.
pub(super) fn connection_error(error: &reqwest::Error, place: &'static str) -> LlmError {
    // Before the time-out: a connect time-out is both, and only a failed connection is retried.
    if error.is_connect() {
        LlmError::Unreachable("no connection could be made")
    } else if error.is_timeout() {
        LlmError::TimedOut
    } else {
        LlmError::BrokenOff(place)
    }
}
