//! An agent as a value: its definition, its state graph, and a run through the graph.
//!
//! Pure: must not know async, clocks, I/O or randomness. A run returns the same next effect until an event is applied.

mod definition;
mod effect;
mod graph;
#[cfg(test)]
mod graph_tests;
mod outcome;
mod phase;
mod prompt_messages;
mod run;
#[cfg(test)]
mod run_tests;

pub use definition::{Access, AgentDefinition, MemorySettings, RunLimits};
pub use effect::{Effect, RunEvent};
pub use graph::{ActionSpec, Branch, Condition, Graph, GraphFault, Node, State, StateName, Template};
pub use outcome::{Outcome, PhaseName, RunFailure, RunInput, RunOutput, TransitionError};
pub use run::AgentRun;
