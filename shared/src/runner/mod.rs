//! The only loop: performs a run's effects through the ports and feeds the outcomes back.
//!
//! Must not know status codes or adapters.

mod context;
mod context_guard;
#[cfg(test)]
mod context_guard_tests;
mod deadline;
mod drive;
mod event_sink;
#[cfg(test)]
mod event_sink_tests;
#[cfg(test)]
mod facts_tests;
mod idempotency;
mod open_run;
#[cfg(test)]
mod open_run_tests;
#[cfg(test)]
mod opinion_tests;
mod run_audit;
mod run_models;
mod settle;
#[cfg(test)]
mod settle_tests;
mod store_retry;
mod stream_model;
#[cfg(test)]
mod trust_tests;
mod turn;
mod turn_metrics;
mod turn_request;
#[cfg(test)]
mod turn_tests;
mod window;

pub use context::RunContext;
pub use deadline::{Deadline, DeadlinePassed};
pub use event_sink::{EventSink, KEEPALIVE_INTERVAL, TurnEvent};
pub use run_audit::{RunAudit, RunEnd};
pub use run_models::RunModels;
pub use settle::CallPorts;
pub use turn::turn;
pub use turn_metrics::TurnMetrics;
pub use turn_request::{IdempotencyRequest, TurnError, TurnOutcome, TurnPorts, TurnRequest};
