//! What the fuzz targets in `fuzz/` call, and a short run of it in the tests: any bytes as a provider's streamed answer.
//!
//! Bedrock's frames are read by the SDK, before any of our code.
#![expect(clippy::panic, reason = "a fuzz target fails by panicking")]

use bytes::Bytes;
use futures_util::future::FutureExt;
use futures_util::stream::{StreamExt, iter};

use super::assembly::CallIds;
use super::transport::ByteStream;
use super::{GenerationStream, PartialGeneration, StreamEvent, anthropic, ollama, openai};
use crate::domain::{Generation, ModelId, ModelRef, Prompt, Provider, RetryStats};

/// Reads the bytes as an Anthropic answer.
pub fn anthropic(bytes: &[u8]) {
    check(Provider::Anthropic, bytes, anthropic::read);
}

/// Reads the bytes as an answer of the `OpenAI` protocol.
pub fn openai(bytes: &[u8]) {
    check(Provider::OpenAi, bytes, |bytes| openai::read(bytes, CallIds::after(&Prompt::default())));
}

/// Reads the bytes as an Ollama answer.
pub fn ollama(bytes: &[u8]) {
    check(Provider::Ollama, bytes, |bytes| ollama::read(bytes, CallIds::after(&Prompt::default())));
}

/// What came of an answer: its events, and the error that ended it, in words.
type Read = (Vec<StreamEvent>, Option<String>);

/// The first byte says how long the chunks are. Nothing may panic, an answer has one end, which is its last event, and
/// neither depends on where the chunks are cut.
fn check(provider: Provider, bytes: &[u8], read: impl Fn(ByteStream) -> GenerationStream) {
    let Some((size, rest)) = bytes.split_first() else { return };
    let whole = all(read(chunks(rest, rest.len().max(1))));
    let cut = all(read(chunks(rest, usize::from(*size).max(1))));
    assert_eq!(whole, cut, "the answer depends on where its chunks are cut");
    let (events, error) = whole;
    let ends = events.iter().filter(|event| matches!(event, StreamEvent::Finished(_))).count();
    let is_last = matches!(events.last(), Some(StreamEvent::Finished(_)));
    match (ends, error.is_some()) {
        (0, true) => {}
        (1, false) if is_last => drop(fold(provider, &events)),
        _ => panic!("{ends} ends, error {error:?}: {events:?}"),
    }
}

fn all(mut stream: GenerationStream) -> Read {
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
    // The chunks are there already, so there is nothing to wait for.
    reading.now_or_never().unwrap_or_else(|| panic!("the stream waits for nothing"))
}

fn fold(provider: Provider, events: &[StreamEvent]) -> Generation {
    let mut partial = PartialGeneration::default();
    for event in events {
        partial.take(event);
    }
    let served_by = ModelRef { provider, model: ModelId::new("fuzzed") };
    let folded = partial.into_generation(served_by, RetryStats::default());
    folded.unwrap_or_else(|error| panic!("a whole stream does not fold: {error}"))
}

fn chunks(bytes: &[u8], size: usize) -> ByteStream {
    let chunks: Vec<_> = bytes.chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    iter(chunks).boxed()
}

#[cfg(test)]
#[path = "fuzzing_tests.rs"]
mod tests;
