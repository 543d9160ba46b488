//! The function `conversations`: lists, transcripts, erasure.

use std::future::ready;
use std::sync::Arc;

use http::Method;

use super::server::server_context;
use super::stores::{audit_outbox, dynamo_store};
use super::{AppContext, StartError};
use crate::api::v1::conversations::{self as endpoint, ConversationPorts};
use crate::api::v1::erasure;
use crate::api::{HttpHandler, Route, ServerContext, misrouted};
use crate::config::Config;

/// Builds the handler.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub fn conversations(
    config: &Config,
    context: &AppContext,
) -> impl Future<Output = Result<HttpHandler<ConversationPorts>, StartError>> + use<> {
    let ports = audit_outbox(context).map(|audit| ConversationPorts {
        store: dynamo_store(context),
        audit,
        clock: Arc::clone(&context.clock),
        random: Arc::clone(&context.random),
    });
    // Everything is built before the future is returned, so that it borrows nothing.
    ready(server_context(config, context).and_then(|server| Ok(conversations_handler(server, ports?))))
}

/// Returns the handler of the function's routes.
#[must_use]
pub fn conversations_handler(server: ServerContext, ports: ConversationPorts) -> HttpHandler<ConversationPorts> {
    HttpHandler::new(server, ports, |ports, context| {
        Box::pin(async move {
            let is_delete = context.request.method == Method::DELETE;
            match context.route {
                Route::Conversations if is_delete => erasure::erase_own(ports, context).await,
                Route::Conversations => endpoint::list(ports, context).await,
                Route::Conversation(id) if is_delete => erasure::erase_one(ports, id, context).await,
                Route::Conversation(id) => endpoint::one(ports, id, context).await,
                Route::UserConversations(user) => erasure::erase_of_user(ports, user, context).await,
                _ => Err(misrouted()),
            }
        })
    })
}
