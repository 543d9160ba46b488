//! Stand-ins for the outside world, for tests of this and other crates (feature `testing`): one conformance suite a
//! port, which every adapter must pass, and a fault-injecting wrapper a port.
//!
//! May use everything left of `http`; nothing outside tests uses it.

pub mod conformance;
mod delivery;
mod dynamo_table;
mod faulty_store;
mod scripted_model;
pub mod tokens;

pub use delivery::{FaultyRegistry, Mailbox, OrderQueue};
pub use dynamo_table::create_table;
pub use faulty_store::{Fault, FaultyStore, Operation};
pub use scripted_model::{Asked, FixedRandom, ManualClock, Script, ScriptedModel, Then, words};
