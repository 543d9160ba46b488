//! The ports that calls are settled through.

use crate::actions::Actions;
use crate::policy::Policies;
use crate::store::{CallCounter, GrantStore};

/// What calls are judged by and executed with.
#[derive(Clone, Copy)]
pub struct CallPorts<'a> {
    /// The sets of policies.
    pub policies: &'a Policies,
    /// The actions.
    pub actions: &'a Actions,
    /// The grants that policies may read.
    pub grants: &'a dyn GrantStore,
    /// The counts that policies may read.
    pub counters: &'a dyn CallCounter,
}
