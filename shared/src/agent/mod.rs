//! The agent as a value: its definition, its state graph, and a run through it.
//!
//! Pure: no async, no clock, no I/O, no randomness. Asking a run twice for its next effect gives the same effect.

mod definition;
mod effect;
mod graph;
#[cfg(test)]
mod graph_tests;
mod outcome;
mod phase;
mod readable;
mod run;
#[cfg(test)]
mod run_tests;

pub use definition::{Access, AgentDefinition, MemorySettings};
pub use effect::{Effect, RunEvent};
pub use graph::{ActionSpec, Branch, Condition, Graph, GraphFault, Node, State, StateName, Template};
pub use outcome::{Answered, Outcome, PhaseName, RunFailure, RunRequest, TransitionError};
pub use run::AgentRun;
