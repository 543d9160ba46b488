//! Any bytes as a streamed answer of the OpenAI protocol.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::llm::fuzzing::openai(bytes));
