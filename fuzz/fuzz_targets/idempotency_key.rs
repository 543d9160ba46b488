//! Any bytes as the header `Idempotency-Key`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::idempotency_key(bytes));
