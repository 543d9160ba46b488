//! The one table from errors to problems. Its matches are exhaustive, so that a new error must be given its place here.

use std::time::Duration;

use crate::auth::{AuthError, TokenFault};
use crate::domain::{ContextOverflow, FailureKind, LlmFailure};
use crate::http::{FieldFault, Problem, ProblemHeader, ProblemKind, ProblemMember};
use crate::runner::TurnError;
use crate::store::{Scope, StoreError};

/// How long clients are asked to wait where nothing says more.
pub const RETRY_SOON: Duration = Duration::from_secs(1);

/// An error: the problem that the client reads, and what the log says besides.
#[derive(Debug)]
pub struct ApiError {
    /// The problem for the client.
    pub problem: Problem,
    /// What failed inside, for operators; `None` where the problem says it all.
    pub internal: Option<String>,
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem, internal: None }
    }
}

impl ApiError {
    /// Maps an error of authentication.
    #[must_use]
    pub fn from_auth(error: AuthError) -> Self {
        let problem = match error {
            AuthError::Token(TokenFault::Scope) => insufficient_scope(),
            AuthError::Token(fault) => invalid_token(fault),
            AuthError::KeySetUnavailable => {
                Problem::new(ProblemKind::Unavailable, "the key set for verifying tokens cannot be reached; try again")
                    .retry_after(RETRY_SOON)
            }
        };
        Self { problem, internal: Some(error.to_string()) }
    }

    /// Maps an error of a store.
    #[must_use]
    pub fn from_store(error: &StoreError) -> Self {
        let problem = match error {
            // Nothing failed inside, so the log needs nothing more.
            StoreError::NotFound => return not_found("conversation").into(),
            StoreError::Contention { .. } | StoreError::ClaimLost => contention(),
            StoreError::Throttled | StoreError::Unavailable(_) => {
                Problem::new(ProblemKind::Unavailable, "the conversation store cannot be reached; try again")
                    .retry_after(RETRY_SOON)
            }
            StoreError::Refused(_) => {
                // Missing permissions and tables are the operator's to repair, and the request itself may be fine.
                Problem::new(ProblemKind::Unavailable, "the conversation store refuses the request; tell the operator")
                    .retry_after(RETRY_SOON)
            }
            StoreError::Corrupt(_) => internal(),
        };
        Self { problem, internal: Some(error.to_string()) }
    }

    /// Maps the error of a turn.
    #[must_use]
    pub fn from_turn(error: TurnError) -> Self {
        match error {
            TurnError::NotFound => not_found("conversation").into(),
            TurnError::OtherAgent => other_agent().into(),
            TurnError::PromptTooLong { limit_bytes } => Problem::new(
                ProblemKind::TooLarge,
                format!("the prompt exceeds the agent's limit of {limit_bytes} bytes; send less"),
            )
            .into(),
            TurnError::MaxTokensOverLimit { limit } => {
                let detail = format!("allowed is 1 to {limit}, the agent's limit");
                let fault = FieldFault { pointer: "/max_tokens".to_owned(), detail: detail.clone() };
                Problem::new(ProblemKind::InvalidRequest, format!("max_tokens: {detail}"))
                    .with(ProblemMember::Errors(vec![fault]))
                    .into()
            }
            TurnError::TooManyRuns { scope, limit, retry_after } => too_many_runs(&scope, limit, retry_after).into(),
            TurnError::ContextExceeded(overflow) => context_exceeded(overflow).into(),
            TurnError::IdempotencyConflict => Problem::new(
                ProblemKind::IdempotencyConflict,
                "the Idempotency-Key was used with another body; use a new key",
            )
            .into(),
            TurnError::IdempotencyRunning { retry_after } => Problem::new(
                ProblemKind::RequestInProgress,
                "a request with this Idempotency-Key is running; try again when it has ended",
            )
            // The run may end long before its claim does.
            .retry_after(retry_after.min(Duration::from_secs(5)))
            .into(),
            TurnError::Model(failure) => Self::from_failure(&failure),
            TurnError::MissingInput { pointer } => {
                let detail = "is read by this agent; send it".to_owned();
                let fault = FieldFault { pointer: pointer.clone(), detail: detail.clone() };
                Problem::new(ProblemKind::InvalidRequest, format!("{pointer} {detail}"))
                    .with(ProblemMember::Errors(vec![fault]))
                    .into()
            }
            TurnError::GraphFailed { state, reason } => {
                let detail = format!("the state {state} of the agent cannot be evaluated: {reason}; tell the operator");
                let internal = Some(format!("the state {state} cannot be evaluated: {reason}"));
                Self { problem: Problem::new(ProblemKind::GraphFailed, detail), internal }
            }
            TurnError::ActionFailed { action } => {
                let detail = format!(
                    "the action {action} of the agent failed; what it and earlier actions have changed stays; tell the operator"
                );
                Problem::new(ProblemKind::ActionFailed, detail).into()
            }
            TurnError::Forbidden { action, policy_ids } => {
                let detail = format!("policy forbids the action {action} in this run; policy_ids name the policies");
                Problem::new(ProblemKind::Forbidden, detail)
                    .with(ProblemMember::PolicyIds(policy_ids.into_iter().collect()))
                    .into()
            }
            TurnError::NotAdmitted { policy_ids } => {
                let detail = "policy forbids you to invoke this agent now; policy_ids name the policies";
                Problem::new(ProblemKind::Forbidden, detail)
                    .with(ProblemMember::PolicyIds(policy_ids.into_iter().collect()))
                    .into()
            }
            TurnError::NotAudited(error) => Self::from(error),
            TurnError::Contention => contention().into(),
            TurnError::DeadlineExceeded => turn_deadline_passed().into(),
            TurnError::Cancelled => Self {
                problem: Problem::new(ProblemKind::ClientGone, "the client left before the answer was complete"),
                internal: Some(error.to_string()),
            },
            TurnError::Store(error) => Self::from_store(&error),
            other @ (TurnError::Transition(_) | TurnError::NoOutcome) => {
                Self { problem: internal(), internal: Some(other.to_string()) }
            }
        }
    }

    fn from_failure(failure: &LlmFailure) -> Self {
        let LlmFailure { provider, model, kind, retry_after } = failure;
        let problem = match kind {
            FailureKind::Rejected { status, code } => {
                let code = code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
                let detail = format!("{provider} answered for {model} with HTTP {status}{code}");
                Problem::new(ProblemKind::ProviderFailed, detail)
            }
            FailureKind::Malformed(place) => Problem::new(
                ProblemKind::ProviderFailed,
                format!("{provider} sent an invalid response for {model}: {place}"),
            ),
            FailureKind::Unreachable(place) => Problem::new(
                ProblemKind::Unavailable,
                format!("{provider} cannot be reached for {model}: {place}; try again"),
            )
            .retry_after(RETRY_SOON),
            FailureKind::TimedOut => Problem::new(
                ProblemKind::Unavailable,
                format!("{provider} has not responded in time for {model}; ask for less or try again"),
            )
            .retry_after(RETRY_SOON),
            FailureKind::Unsupported { member, detail } => {
                let fault = FieldFault { pointer: format!("/{member}"), detail: detail.clone() };
                Problem::new(ProblemKind::UnsupportedByModel, detail.clone()).with(ProblemMember::Errors(vec![fault]))
            }
            FailureKind::ContextExceeded(overflow) => context_exceeded(*overflow),
            FailureKind::DeadlineExceeded => turn_deadline_passed(),
        };
        // The provider's own wait replaces the usual one.
        let problem = match retry_after {
            Some(after) => problem.retry_after(*after),
            None => problem,
        };
        // The log has only the kind of a problem, so the detail is logged as the fault.
        let internal = Some(problem.detail.clone());
        Self { problem, internal }
    }
}

fn invalid_token(fault: TokenFault) -> Problem {
    let detail = format!("{fault}; send a valid Cognito token as Authorization: Bearer");
    // The fault is one of a few fixed texts, so it needs no escaping.
    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{fault}\"");
    Problem::new(ProblemKind::InvalidToken, detail).with_header(ProblemHeader::Challenge(challenge))
}

fn other_agent() -> Problem {
    let detail = "belongs to a conversation with another agent".to_owned();
    Problem::new(ProblemKind::InvalidRequest, format!("/conversation_id {detail}"))
        .with(ProblemMember::Errors(vec![FieldFault { pointer: "/conversation_id".to_owned(), detail }]))
}

fn contention() -> Problem {
    let detail = "other turns of this conversation were committed first until the deadline; try again";
    Problem::new(ProblemKind::Contention, detail).retry_after(RETRY_SOON)
}

fn context_exceeded(overflow: ContextOverflow) -> Problem {
    let needed = overflow.needed_tokens.map_or_else(String::new, |tokens| format!(", about {tokens} tokens,"));
    let context = overflow.context_tokens.map_or_else(String::new, |tokens| format!(" of {tokens} tokens"));
    let detail = format!(
        "the prompt, the agent's instructions and max_tokens together{needed} exceed the model's context{context}; send less"
    );
    Problem::new(ProblemKind::TooLarge, detail)
}

fn turn_deadline_passed() -> Problem {
    let detail = "the deadline passed before the answer was complete; nothing is stored, but actions that had run keep \
                  their effect; ask for less or try again";
    Problem::new(ProblemKind::DeadlineExceeded, detail)
}

/// Returns the problem of something that does not exist or that the caller may not see.
#[must_use]
pub fn not_found(what: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no such {what}, or you may not see it"))
}

/// Returns the problem of an internal error.
#[must_use]
pub fn internal() -> Problem {
    Problem::new(ProblemKind::Internal, "an internal error; tell the operator the request's id")
}

/// Returns the problem of a deadline that passed before `what` was done.
#[must_use]
pub fn deadline_passed(what: &str) -> Problem {
    Problem::new(ProblemKind::DeadlineExceeded, format!("the deadline passed before {what}; try again"))
}

/// Returns the problem of a request for another function's route: the front door is misconfigured.
#[must_use]
pub fn misrouted() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "this function does not serve the path; the front door should route it elsewhere",
    )
}

/// Returns the problem of a request that only administrators of the tenant may make.
pub(super) fn admin_only() -> Problem {
    Problem::new(ProblemKind::Forbidden, "policy forbids this request; it is allowed to the group admin")
        .with(ProblemMember::PolicyIds(vec!["admin-only".to_owned()]))
}

/// Returns the problem of a request that only operators of the installation may make.
pub(super) fn operator_only(group: &str) -> Problem {
    Problem::new(ProblemKind::Forbidden, format!("policy forbids this request; it is allowed to the group {group}"))
        .with(ProblemMember::PolicyIds(vec!["operator-only".to_owned()]))
}

/// Returns the problem of a token without a required scope (RFC 6750, section 3.1).
fn insufficient_scope() -> Problem {
    let detail = "the token lacks a scope that this gateway requires; request a token with it";
    Problem::new(ProblemKind::Forbidden, detail)
        .with(ProblemMember::PolicyIds(vec!["required-scopes".to_owned()]))
        .with_header(ProblemHeader::Challenge("Bearer error=\"insufficient_scope\"".to_owned()))
}

fn too_many_runs(scope: &Scope, limit: u32, retry_after: Duration) -> Problem {
    let whose = if scope.user.is_some() { "you have" } else { "your tenant has" };
    let agent = if scope.agent.is_some() { " with this agent" } else { "" };
    let detail = format!("{whose} {limit} runs{agent} open, the most at once; wait for one to end");
    Problem::new(ProblemKind::TooManyRequests, detail)
        .retry_after(retry_after)
        .with_header(ProblemHeader::RateLimit { policy: "runs", quota: limit })
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
