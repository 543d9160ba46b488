//! The targets of `fuzz/`, which the tests run briefly too: any bytes as a provider's streamed response.
//!
//! Bedrock has no target, since the SDK decodes its frames.
#![expect(clippy::panic, reason = "a fuzz target fails by panicking")]

use bytes::Bytes;
use futures_util::future::FutureExt;
use futures_util::stream::{StreamExt, iter};

use super::tool_calls::CallIds;
use super::transport::ByteStream;
use super::{GenerationStream, LlmError, PartialGeneration, StreamEvent, anthropic, ollama, openai};
use crate::domain::{ModelId, ModelRef, Prompt, Provider};

/// Decodes the bytes as a response of Anthropic.
pub fn anthropic(bytes: &[u8]) {
    check(Provider::Anthropic, bytes, anthropic::decode);
}

/// Decodes the bytes as a response of the `OpenAI` API.
pub fn openai(bytes: &[u8]) {
    check(Provider::OpenAi, bytes, |bytes| openai::decode(bytes, CallIds::after(&Prompt::default())));
}

/// Decodes the bytes as a response of Ollama.
pub fn ollama(bytes: &[u8]) {
    check(Provider::Ollama, bytes, |bytes| ollama::decode(bytes, CallIds::after(&Prompt::default())));
}

/// The events of a response, and the text of the error that ended it.
type Decoded = (Vec<StreamEvent>, Option<String>);

/// Checks that decoding does not panic, that a response has one end, which is its last event, and that neither depends
/// on the chunk boundaries. The first byte sets the length of the chunks.
fn check(provider: Provider, bytes: &[u8], decode: impl Fn(ByteStream) -> GenerationStream) {
    let Some((size, rest)) = bytes.split_first() else { return };
    let whole = all(decode(chunks(rest, rest.len().max(1))));
    let cut = all(decode(chunks(rest, usize::from(*size).max(1))));
    assert_eq!(whole, cut, "the events depend on the chunk boundaries");
    let (events, error) = whole;
    let ends = events.iter().filter(|event| matches!(event, StreamEvent::Finished(_))).count();
    let is_last = matches!(events.last(), Some(StreamEvent::Finished(_)));
    match (ends, error.is_some()) {
        (0, true) => {}
        (1, false) if is_last => fold(provider, &events),
        _ => panic!("{ends} ends, error {error:?}: {events:?}"),
    }
}

fn all(mut stream: GenerationStream) -> Decoded {
    let reading = async {
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Some(error.to_string())),
            }
        }
        (events, None)
    };
    // All chunks are in memory, so the stream is never pending.
    reading.now_or_never().unwrap_or_else(|| panic!("the stream is pending although all chunks are there"))
}

/// Checks that a complete stream folds, unless it has more calls than any model writes.
fn fold(provider: Provider, events: &[StreamEvent]) {
    let mut partial = PartialGeneration::default();
    for event in events {
        partial.push(event);
    }
    let served_by = ModelRef { provider, model: ModelId::new("fuzzed") };
    let calls = events.iter().filter(|event| matches!(event, StreamEvent::ToolCall(_))).count();
    let is_usable = calls <= 1_024;
    match partial.into_generation(served_by) {
        Ok(_) if is_usable => {}
        Err(LlmError::Unusable { .. }) if !is_usable => {}
        Ok(_) => panic!("an unusable reply folds"),
        Err(error) => panic!("a complete stream does not fold: {error}"),
    }
}

fn chunks(bytes: &[u8], size: usize) -> ByteStream {
    let chunks: Vec<_> = bytes.chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    iter(chunks).boxed()
}

#[cfg(test)]
#[path = "fuzzing_tests.rs"]
mod tests;
