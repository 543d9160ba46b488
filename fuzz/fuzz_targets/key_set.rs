//! Any bytes as a user pool's key set.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::testing::fuzzing::key_set(bytes));
