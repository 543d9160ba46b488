//! The only loop: performs a run's effects through the ports and feeds the outcomes back.
//!
//! Must not know status codes or adapters.

mod deadline;
mod drive;
mod idempotency;
mod listen;
#[cfg(test)]
mod listen_tests;
mod patience;
mod request;
mod settle;
mod turn;
#[cfg(test)]
mod turn_tests;

pub use deadline::{Deadline, FLUSH_GRACE};
pub use drive::{RunReport, drive};
pub use idempotency::IdempotencyRequest;
pub use listen::{Listener, TurnEvent};
pub use request::{Hearing, TurnError, TurnMetrics, TurnOutcome, TurnPorts, TurnRequest};
pub use turn::take_turn;
