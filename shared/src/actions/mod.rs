//! The kinds of actions, a file each: their keys, what a deployment has to grant for them, and how a call is made.
//!
//! A new kind is one file and one line in `kinds!`. Must not know why a call was allowed: what reaches this room is an
//! [`ApprovedCall`](crate::policy::ApprovedCall), which only the room of policies makes.

mod actions;
mod error;
mod executor;
mod kinds;
mod lambda;
mod settings;

pub use actions::{Actions, cut};
pub use error::ActionError;
pub use executor::{ActionExecutor, BuildContext, BuildError, CallContext};
pub use kinds::{action_kinds, executor, kind_schemas};
