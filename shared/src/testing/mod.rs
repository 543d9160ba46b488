//! Stand-ins for the outside world, for tests of this and other crates (feature `testing`): one conformance suite a
//! port, which every adapter must pass, and a fault-injecting wrapper a port.
//!
//! May use everything left of `http`; nothing outside tests uses it.

mod bundle;
pub mod conformance;
mod delivery;
mod dynamo_table;
mod faulty_registry;
mod faulty_store;
mod scripted_model;
pub mod tokens;

pub use bundle::bundle_of;
pub use delivery::{Mailbox, OrderQueue};
pub use dynamo_table::create_table;
pub use faulty_registry::FaultyRegistry;
pub use faulty_store::{Fault, FaultyStore, Operation};
pub use scripted_model::{FixedRandom, ManualClock, Script, ScriptedModel, StreamEnd, word_deltas};
