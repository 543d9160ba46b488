//! Any bytes as an HTTP event of any front door.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::http_event(bytes));
