//! Says to API Gateway whether a token is good, before it invokes the function that streams: that one may run for minutes, so
//! it should not be what anonymous requests keep busy.

use async_trait::async_trait;
use http::StatusCode;
use tracing::Instrument;

use super::{AccessLogEntry, ServerContext, authenticate, bearer};
use crate::http::Problem;
use crate::lambda::{AuthorizerEvent, AuthorizerPolicy, Handler, Invocation};
use crate::runner::Deadline;

/// The handler of the function `authorizer`.
pub struct AuthorizerHandler {
    server: ServerContext,
}

/// Why a request is not let through. API Gateway answers 401 to the first text, and 500 to every other error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthorized {
    /// The token is missing or bad. The text is the one that API Gateway knows.
    #[error("Unauthorized")]
    Token,
    /// The token cannot be verified, or the event is not an authorizer's.
    #[error("the request cannot be authorized")]
    Unknown,
}

impl AuthorizerHandler {
    /// Creates the handler.
    #[must_use]
    pub const fn new(server: ServerContext) -> Self {
        Self { server }
    }

    async fn check(
        &self,
        event: &AuthorizerEvent,
        invocation: &Invocation,
        log: &mut AccessLogEntry,
    ) -> Result<AuthorizerPolicy, Refusal> {
        let stage = event.stage_arn().ok_or(Refusal { problem: None, reason: NotAuthorized::Unknown })?;
        let Some(verifier) = &self.server.verifier else { return Ok(AuthorizerPolicy::allow(stage)) };
        let deadline = Deadline::new(self.server.clock.now(), invocation.function_ends, self.server.limit);
        let headers = event.headers();
        match authenticate(verifier.as_ref(), bearer(&headers), deadline).await {
            Ok(_verified) => Ok(AuthorizerPolicy::allow(stage)),
            Err(error) => {
                let problem = log.fail(error);
                // A token without a required scope is refused by the function itself, whose answer says so.
                match problem.kind.status() {
                    StatusCode::FORBIDDEN => Ok(AuthorizerPolicy::allow(stage)),
                    StatusCode::UNAUTHORIZED => Err(Refusal { problem: Some(problem), reason: NotAuthorized::Token }),
                    _ => Err(Refusal { problem: Some(problem), reason: NotAuthorized::Unknown }),
                }
            }
        }
    }
}

struct Refusal {
    problem: Option<Problem>,
    reason: NotAuthorized,
}

#[async_trait]
impl Handler for AuthorizerHandler {
    type Event = AuthorizerEvent;
    type Response = AuthorizerPolicy;
    type Error = NotAuthorized;

    async fn handle(&self, event: AuthorizerEvent, invocation: &Invocation) -> Result<AuthorizerPolicy, NotAuthorized> {
        let mut log = AccessLogEntry::new(invocation, event.method(), self.server.clock.now());
        log.route = Some("authorizer");
        log.is_anonymous = true;
        let span = log.span();
        let checked = self.check(&event, invocation, &mut log).instrument(span).await;
        checked.map_err(|Refusal { problem, reason }| {
            // A request that passes has a line of the function behind.
            let status = problem.as_ref().map_or(StatusCode::INTERNAL_SERVER_ERROR, |problem| problem.kind.status());
            log.write(&self.server, status, problem.as_ref());
            reason
        })
    }
}
