//! What settling needs besides the calls.

use super::ports::CallPorts;
use crate::agent::{AgentRun, Consultation};
use crate::domain::{Settled, Timestamp, ToolCall};
use crate::policy::ApprovedCall;
use crate::runner::open_run::OpenRun;
use crate::runner::{RunContext, RunModels};
use crate::store::CounterKey;

/// What settling needs besides the calls.
pub(in crate::runner) struct Settling<'a> {
    pub(in crate::runner) run: &'a AgentRun,
    pub(in crate::runner) ports: CallPorts<'a>,
    pub(in crate::runner) models: &'a RunModels,
    pub(in crate::runner) context: &'a RunContext<'a>,
    /// What counts the run before its first write.
    pub(in crate::runner) open: &'a OpenRun<'a>,
    /// The bytes that the outputs of these calls may take together in the model's context.
    pub(in crate::runner) room_bytes: usize,
}

/// What became of the calls of one effect.
pub(in crate::runner) struct Settlement {
    /// The calls, in their order.
    pub(in crate::runner) settled: Vec<Settled>,
    /// The models that were asked about them.
    pub(in crate::runner) consulted: Vec<Consultation>,
}

/// A call that was counted.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) key: CounterKey,
    pub(super) at: Timestamp,
}

/// A call on its way: settled already, or allowed to run.
pub(super) enum Pending {
    /// It is settled already.
    Settled(Settled),
    /// It may run. None of its arguments is a stranger's or made up by the model if it `is_clean`.
    Approved {
        call: ToolCall,
        approved: Box<ApprovedCall>,
        is_clean: bool,
        /// Where the call was counted, if it was.
        counted: Option<Counted>,
    },
}
