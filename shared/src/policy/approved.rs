//! Calls before and after they are judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::{Decision, Verdict};
use crate::agent::ActionDefinition;
use crate::domain::{RunId, ToolCallId};

/// A call that an agent wants to make.
#[derive(Clone, derive_more::Debug)]
pub struct ProposedCall {
    /// The action.
    pub action: Arc<ActionDefinition>,
    /// The arguments, which have passed the action's schema.
    #[debug("[hidden]")]
    pub arguments: Value,
    /// The call's id within its conversation.
    pub id: ToolCallId,
    /// The run.
    pub run: RunId,
    /// The call's number within the run, from 1.
    pub ordinal: u32,
}

/// A call that policy has allowed: the only thing that an action can be executed with. It is made here alone, and cannot be
/// stored or read back.
#[derive(Debug, Clone)]
pub struct ApprovedCall {
    call: ProposedCall,
    policy_ids: BTreeSet<String>,
}

impl ApprovedCall {
    /// Returns the action.
    #[must_use]
    pub fn action(&self) -> &ActionDefinition {
        &self.call.action
    }

    /// Returns the arguments.
    #[must_use]
    pub const fn arguments(&self) -> &Value {
        &self.call.arguments
    }

    /// Returns the ids of the policies that allow the call.
    #[must_use]
    pub const fn policy_ids(&self) -> &BTreeSet<String> {
        &self.policy_ids
    }

    /// Returns the run.
    #[must_use]
    pub const fn run(&self) -> RunId {
        self.call.run
    }

    /// Returns the key by which the receiver of the call recognises it when it is repeated: `run/n`.
    #[must_use]
    pub fn key(&self) -> String {
        self.call.key()
    }
}

impl ProposedCall {
    /// Returns the call's key: `run/n`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.run, self.ordinal)
    }
}

impl Decision {
    /// Returns the call as an approved one, if the decision is to allow it.
    #[must_use]
    pub fn approve(&self, call: ProposedCall) -> Option<ApprovedCall> {
        (self.verdict == Verdict::Allow).then(|| ApprovedCall { call, policy_ids: self.policy_ids.clone() })
    }
}
