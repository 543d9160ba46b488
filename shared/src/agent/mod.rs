//! An agent as a value: its definition, its state graph, and a run through the graph.
//!
//! Pure: must not know async, clocks, I/O or randomness. A run returns the same next effect until an event is applied.

mod definition;
mod effect;
mod graph;
mod graph_check;
#[cfg(test)]
mod graph_tests;
mod mermaid;
mod model_choice;
mod outcome;
mod phase;
mod prompt_messages;
mod provenance;
mod run;
#[cfg(test)]
mod run_graph_tests;
#[cfg(test)]
mod run_tests;
mod scope;
mod template;

pub use definition::{Access, AgentDefinition, MemorySettings, RunLimits};
pub use effect::{Effect, RunEvent};
pub use graph::{ActionSpec, Branch, Decision, GenerateSpec, Graph, Node, State, StateName};
pub use graph_check::GraphFault;
pub use model_choice::ModelChoice;
pub use outcome::{Outcome, PhaseName, RunFailure, RunInput, RunOutput, TransitionError};
pub use provenance::{Origin, Sources};
pub use run::AgentRun;
pub use scope::{CallerInput, Scope, StateRecord, StateStatus};
pub use template::{EvaluationError, Template, TemplateFault};
