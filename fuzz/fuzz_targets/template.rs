//! Any bytes as a value with references to secrets.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::template(bytes));
