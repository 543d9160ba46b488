//! Any bytes as a token.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::testing::fuzzing::token(bytes));
