//! Judges the calls that agents want to make. Cedar is used nowhere else.
//!
//! Judging is pure and total: any error denies. Must not know how an action runs.

mod approved;
mod authorizer;
mod decision;
mod input;
mod policies;
mod policy_set;
mod request;

pub use approved::{ApprovedCall, ProposedCall};
pub use decision::{Decision, Verdict};
pub use policies::Policies;
pub use policy_set::{Extends, PolicyFault, PolicySet};
pub use request::{CallRequest, Count, Opinion};
