//! Any bytes as a streamed answer of Anthropic.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::llm::fuzzing::anthropic(bytes));
