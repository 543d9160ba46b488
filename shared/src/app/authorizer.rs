//! The function `authorizer`: whether API Gateway may invoke the function that streams.

use std::future::ready;

use super::server::server_context;
use super::{AppContext, StartError};
use crate::api::AuthorizerHandler;
use crate::config::Config;

/// Builds the handler.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub fn authorizer(
    config: &Config,
    context: &AppContext,
) -> impl Future<Output = Result<AuthorizerHandler, StartError>> + use<> {
    ready(server_context(config, context).map(AuthorizerHandler::new))
}
