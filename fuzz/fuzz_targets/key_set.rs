//! Any bytes as a user pool's key set.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::key_set(bytes));
