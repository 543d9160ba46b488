//! The examples in `examples/agents`: each is loaded as `openclaw` loads it and run through the real handler, with models
//! and actions that follow a script. `tests/run_long.sh` runs them with a real model.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

mod checks;
mod code_review;
mod compliance;
#[path = "../api/request.rs"]
#[expect(dead_code, reason = "the tests of the API use more of it")]
mod request;
mod search_then_summarise;
mod support;
mod translate;
mod world;
