//! Reads a response's body up to a limit, and counts what follows.

use reqwest::Response;

use super::error::{EgressError, Stage, transport_error};

/// The number of bytes up to which a body of unknown length is counted.
const MAX_COUNTED_BYTES: u64 = 10 * 1024 * 1024;

/// Returns the first `max_bytes` of the body, and its whole length: the announced one, or else the number of bytes that
/// arrived, which stops soon after [`MAX_COUNTED_BYTES`].
pub(super) async fn read(mut response: Response, max_bytes: usize) -> Result<(Vec<u8>, u64), EgressError> {
    let announced_bytes = response.content_length();
    let (mut kept, mut total_bytes) = (Vec::new(), 0_u64);
    while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(&error, Stage::Body))? {
        let rest = max_bytes.saturating_sub(kept.len()).min(chunk.len());
        kept.extend(chunk.iter().take(rest));
        total_bytes = total_bytes.saturating_add(chunk.len() as u64);
        if total_bytes > kept.len() as u64 {
            // The rest is not needed, so it is not downloaded for its length alone.
            if let Some(announced) = announced_bytes {
                return Ok((kept, announced.max(total_bytes)));
            }
            if total_bytes >= MAX_COUNTED_BYTES {
                break;
            }
        }
    }
    Ok((kept, total_bytes))
}
