//! The only loop: performs a run's effects through the ports and feeds the outcomes back.
//!
//! Must not know status codes or adapters.

mod deadline;
mod drive;
mod idempotency;
mod settle;
mod turn;
#[cfg(test)]
mod turn_tests;

pub use deadline::Deadline;
pub use drive::{Driven, drive};
pub use idempotency::IdempotencyRequest;
pub use turn::{Spent, TurnAnswer, TurnError, TurnPorts, TurnRequest, take_turn};
