//! The kinds of actions: what each kind calls in the world outside, the one guard of outgoing HTTP, and the forms that
//! values take on the way out and outputs on the way back.
//!
//! Must not know why a call was allowed.

pub mod egress;
mod encoding;
mod output;

pub use encoding::{InvalidHeaderText, InvalidSegment, header_value, path_segment, query_component};
pub use output::{NotText, bounded, cut, from_body};
