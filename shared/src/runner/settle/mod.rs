//! Settles the calls that a run proposes: judges each, executes what policy allows, and returns what became of them.
//!
//! The only caller of actions. It is the same for a model's calls and for those of a graph.

mod authorize;
mod consult;
mod execute;
mod facts;
mod gate;
mod opinion;
mod plan;
mod ports;
mod settling;

pub(super) use facts::admit;
pub(super) use gate::CallGate;
pub use ports::CallPorts;
pub(super) use settling::{Settlement, Settling};
