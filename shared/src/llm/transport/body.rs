//! Bodies: whole or in chunks, always bounded, never trusted to end.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use reqwest::Response;

use crate::llm::LlmError;

/// A whole answer's limit.
pub(super) const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// A streamed answer's limit; framing makes it many times its text.
const MAX_STREAM_BYTES: usize = 64 * 1024 * 1024;
/// What is read of an error to find its code.
const MAX_EXCERPT_BYTES: usize = 64 * 1024;

const BROKE_OFF: &str = "the answer broke off";

/// The chunks of a streamed answer.
pub(in crate::llm) type ByteStream = BoxStream<'static, Result<Bytes, LlmError>>;

/// Reads a whole answer.
pub(super) async fn whole(mut response: Response) -> Result<Vec<u8>, LlmError> {
    const TOO_LONG: LlmError = LlmError::Malformed("the answer is longer than 16 MB");
    let announced = response.content_length().unwrap_or(0);
    if announced > MAX_ANSWER_BYTES as u64 {
        return Err(TOO_LONG);
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error, BROKE_OFF))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(TOO_LONG);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads the beginning of an error's body; one that breaks off is as good as its beginning.
pub(super) async fn excerpt(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        if body.len() + chunk.len() > MAX_EXCERPT_BYTES {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    body
}

/// The answer's chunks; silence longer than `idle_timeout` ends it.
pub(super) fn stream(response: Response, idle_timeout: Duration) -> ByteStream {
    try_unfold((response, 0_usize), move |(mut response, read)| async move {
        let chunk = tokio::time::timeout(idle_timeout, response.chunk())
            .await
            .map_err(|_| LlmError::TimedOut)?
            .map_err(|error| broken(&error, BROKE_OFF))?;
        let Some(chunk) = chunk else { return Ok(None) };
        let read = read + chunk.len();
        if read > MAX_STREAM_BYTES {
            return Err(LlmError::Malformed("the streamed answer is longer than 64 MB"));
        }
        Ok(Some((chunk, (response, read))))
    })
    .boxed()
}

/// What a failed connection means. The error's own text is dropped: it may hold the URL.
pub(super) fn broken(error: &reqwest::Error, place: &'static str) -> LlmError {
    if error.is_connect() {
        LlmError::Unreachable("no connection could be made")
    } else if error.is_timeout() {
        LlmError::TimedOut
    } else {
        LlmError::Unreachable(place)
    }
}
