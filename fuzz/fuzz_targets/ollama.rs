//! Any bytes as a streamed answer of Ollama.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::llm::fuzzing::ollama(bytes));
