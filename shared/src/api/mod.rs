//! The gateway's HTTP API: routes, authentication, the access log, the one table from errors to problems, and the
//! endpoints (`v1`).
//!
//! Must not know DynamoDB or providers' wire formats.

mod access_log;
mod agents;
mod auditor;
mod authenticate;
mod authorizer;
mod body;
mod duration;
mod errors;
mod events;
#[cfg(any(test, feature = "testing"))]
pub mod fuzzing;
mod invoke_response;
mod local_access;
#[cfg(any(test, feature = "testing"))]
mod openapi;
mod pagination;
mod request_context;
mod routes;
mod run;
mod server;
mod server_context;
mod strict_json;
pub mod v1;

pub use access_log::AccessLogEntry;
pub use agents::Agents;
pub use auditor::{AuditFacts, RefusalAudit, RefusedRun};
pub use authenticate::{authenticate, bearer};
pub use authorizer::{AuthorizerHandler, NotAuthorized};
use body::read_object;
pub use body::{RunBody, check_body, invalid_request, pointer};
pub use errors::{ApiError, RETRY_SOON, deadline_passed, internal, misrouted, not_found};
pub use events::{ClientEvent, ERROR_EVENT};
pub use invoke_response::InvokeResponse;
#[cfg(any(test, feature = "testing"))]
pub use openapi::openapi;
pub use request_context::RequestContext;
pub use routes::{Route, resolve};
pub use run::{RunPorts, RunRequest, run};
pub use server::{HttpHandler, Respond};
pub use server_context::ServerContext;
pub use strict_json::read_json;
