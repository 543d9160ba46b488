//! Any bytes as the cursor of a list.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::cursor(bytes));
