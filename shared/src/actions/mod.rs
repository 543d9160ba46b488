//! The kinds of actions, a file each: their keys, what a deployment has to grant for them, and how a call is made; and the one
//! guard of outgoing HTTP.
//!
//! A new kind is one file and one line in `kinds!`. Must not know why a call was allowed: what reaches this room is an
//! [`ApprovedCall`](crate::policy::ApprovedCall), which only the room of policies makes.

mod arn;
mod dynamodb;
pub mod egress;
mod encoding;
mod error;
mod executor;
mod http;
mod kinds;
mod lambda;
mod llm;
mod output;
mod registry;
mod reserved;
mod settings;
mod sql;

pub use encoding::{InvalidHeaderText, InvalidSegment, header_value, path_segment, query_component};
pub use error::ActionError;
pub use executor::{ActionExecutor, BuildContext, BuildError, CallContext};
pub use kinds::{action_kinds, executor, kind_schemas};
pub use output::{MARK_BYTES, NotText, bounded, cut, from_body, is_cut, text_of};
pub use registry::Actions;
pub use reserved::OWN_FUNCTIONS;
