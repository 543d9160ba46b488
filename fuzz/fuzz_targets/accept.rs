//! Any bytes as the header `Accept`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::accept(bytes));
