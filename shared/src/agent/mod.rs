//! An agent as a value: its definition, its state graph, and a run through the graph.
//!
//! Pure: must not know async, clocks, I/O or randomness. A run returns the same next effect until an event is applied.

mod action;
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
mod run_calls_tests;
#[cfg(test)]
mod run_graph_tests;
#[cfg(test)]
mod run_tests;
mod scope;
mod steering;
mod template;
mod template_check;
mod template_input;
mod templated;

pub use action::{
    ActionDefinition, ActionEffect, ArgumentFault, FullSchemaChecks, NoSchemaChecks, Parameters, SchemaChecks,
    SchemaFault,
};
pub use definition::{Access, AgentDefinition, MemorySettings, RunLimits, Safeguards};
pub use effect::{Consultation, Effect, RunEvent};
pub use graph::{ActionSpec, Branch, CallSpec, Decision, GenerateSpec, Graph, Node, State, StateName};
pub use graph_check::GraphFault;
pub use model_choice::ModelChoice;
pub use outcome::{Outcome, PhaseName, RunFailure, RunInput, RunOutput, TransitionError};
pub use phase::Proposer;
pub use provenance::{Origin, Sources};
pub use run::{AgentRun, RunSources};
pub use scope::{CallerInput, FUNCTIONS, Scope, StateRecord, StateStatus, check_call_name};
pub use steering::SteeredWrite;
pub use template::{EvaluationError, Template};
pub use template_check::TemplateFault;
pub use templated::TemplatedValue;
