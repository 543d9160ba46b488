//! Judges the calls that agents want to make. Cedar is used nowhere else.
//!
//! Judging is pure and total: any error denies. Must not know how an action runs.

mod approved;
mod authorizer;
mod check;
mod decision;
mod example;
mod input;
mod nesting;
mod policies;
mod policy_set;
mod request;
mod schema;
mod vocabulary;

pub use approved::{ApprovedCall, ProposedCall};
pub use check::{SetFault, admits, asks, check_set, reads_context};
pub use decision::{Decision, Verdict};
pub use example::{ExampleFault, Expectation, PolicyExample};
pub use policies::{Policies, Reads};
pub use policy_set::{Extends, PolicyFault, PolicySet};
pub use request::{CallRequest, Count, InvocationRequest, Opinion};
pub use schema::{Actions as PolicyActions, cedar_schema};
