//! Calls to AWS: one HTTPS client, the signed client of every API that has no SDK crate here, and the settings that
//! the SDK's clients start from. For adapters.
//!
//! A new API is called with [`AwsClient`]: it needs a variant of [`AwsService`] and the adapter's own request and response
//! types.
//!
//! `aws-config` is left out on purpose. On Lambda, region and credentials are variables of the environment, so its chain
//! of profiles, web identities and metadata services would only cost start-up time and size. The configuration room
//! reads those variables; this room gets plain values.
//!
//! Must not know which services keep what, nor the environment.

mod client;
mod connector;
mod context;
mod error;
mod https;
#[cfg(any(test, feature = "testing"))]
mod local;
mod request;
mod retry;
mod service;
mod settings;
mod sign;

pub use client::AwsClient;
pub use connector::ReqwestHttpClient;
pub use context::AwsContext;
pub use error::{AwsError, is_throttling_code};
pub use https::{CONNECT_TIMEOUT, HttpsError, https_client, tls_config};
#[cfg(any(test, feature = "testing"))]
pub use local::local_context;
pub use request::{AwsRequest, AwsResponse};
pub use service::AwsService;
pub use settings::{AwsCredentials, AwsSettings, CallLimits};
