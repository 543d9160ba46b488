//! The HTTP protocol: problem documents, content negotiation, Server-Sent Events, responses.
//!
//! Must not know agents, stores or the product's routes.

mod accept;
mod health_check;
mod problem;
#[cfg(any(test, feature = "testing"))]
mod problem_description;
mod reply;
mod response;
mod response_writer;
pub mod sse;

pub use accept::{BodyType, MediaType, Offer, body_type, choose, unsupported_media_type};
pub use health_check::{HealthCheck, HealthStatus};
pub use problem::{FieldFault, Problem, ProblemHeader, ProblemKind, ProblemMember};
pub use reply::Reply;
pub use response::{BufferedResponse, handshake_headers, render, stream_headers};
pub use response_writer::ResponseWriter;
