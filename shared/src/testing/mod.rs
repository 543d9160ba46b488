//! Stand-ins for the outside world, for tests of this and other crates (feature `testing`): for each port a conformance
//! suite, which every adapter must pass, and a wrapper that injects faults.
//!
//! May use everything left of `http`; nothing outside tests uses it.

mod bundle;
pub mod conformance;
mod delivery;
mod dynamo_table;
mod faulty_leases;
mod faulty_registry;
mod faulty_store;
pub mod fuzzing;
mod one_action;
mod scripted_action;
mod scripted_model;
pub mod tokens;

pub use bundle::bundle_of;
pub use delivery::{Mailbox, RunQueue};
pub use dynamo_table::create_table;
pub use faulty_leases::FaultyLeases;
pub use faulty_registry::FaultyRegistry;
pub use faulty_store::{Fault, FaultyStore, Operation};
pub use one_action::OneAction;
pub use scripted_action::{Reaction, ScriptedAction, action_definition};
pub use scripted_model::{FixedRandom, ManualClock, Script, ScriptedModel, StreamEnd, word_deltas};
