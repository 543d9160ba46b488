//! Any bytes as an event of a WebSocket API.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw::api::fuzzing::websocket_event(bytes));
