//! The single table from errors to problems. Exhaustive: a new error has to be given its place here.

use std::time::Duration;

use super::{FieldFault, Problem, ProblemHeader, ProblemKind, ProblemMember};
use crate::auth::{AuthError, TokenFault};
use crate::domain::{FailureKind, LlmFailure};
use crate::runner::TurnError;
use crate::store::StoreError;

/// What a client is told to wait where nobody says more.
pub(super) const SOON: Duration = Duration::from_secs(1);

/// A problem for the client, and words for the log where those differ.
pub(super) struct Mapped {
    pub(super) problem: Problem,
    pub(super) fault: Option<String>,
}

impl From<Problem> for Mapped {
    fn from(problem: Problem) -> Self {
        Self { problem, fault: None }
    }
}

pub(super) fn from_auth(error: AuthError) -> Mapped {
    let problem = match error {
        AuthError::Token(fault) => from_token(fault),
        AuthError::KeySetUnavailable => Problem::new(
            ProblemKind::Unavailable,
            "the key set that tokens are checked with cannot be reached; try again",
        )
        .retry_after(SOON),
    };
    Mapped { problem, fault: Some(error.to_string()) }
}

fn from_token(fault: TokenFault) -> Problem {
    let detail = format!("{fault}; send a valid Cognito token as Authorization: Bearer");
    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{fault}\"");
    Problem::new(ProblemKind::InvalidToken, detail).with_header(ProblemHeader::Challenge(challenge))
}

pub(super) fn not_found(what: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no such {what}, or it is not yours"))
}

pub(super) fn from_store(error: &StoreError) -> Mapped {
    let fault = Some(error.to_string());
    let problem = match error {
        StoreError::NotFound => return not_found("conversation").into(),
        StoreError::Contention { .. } | StoreError::ClaimLost => contention(),
        StoreError::Throttled | StoreError::Unavailable(_) => {
            Problem::new(ProblemKind::Unavailable, "the conversation store cannot be reached; try again")
                .retry_after(SOON)
        }
        StoreError::Refused(_) => {
            Problem::new(ProblemKind::Unavailable, "the conversation store refuses; tell the operator")
                .retry_after(SOON)
        }
        StoreError::Corrupt(_) => internal(),
    };
    Mapped { problem, fault }
}

fn contention() -> Problem {
    Problem::new(ProblemKind::Contention, "other turns of this conversation came first until the deadline; try again")
        .retry_after(SOON)
}

pub(super) fn internal() -> Problem {
    Problem::new(ProblemKind::Internal, "an internal error; tell the operator the request's id")
}

pub(super) fn from_turn(error: TurnError) -> Mapped {
    match error {
        TurnError::NotFound => not_found("conversation").into(),
        TurnError::OtherAgent => {
            let detail = "belongs to a conversation with another agent".to_owned();
            Problem::new(ProblemKind::InvalidRequest, format!("/conversation_id {detail}"))
                .with(ProblemMember::Errors(vec![FieldFault { pointer: "/conversation_id".to_owned(), detail }]))
                .into()
        }
        TurnError::PromptTooLong { limit_bytes } => Problem::new(
            ProblemKind::TooLarge,
            format!("the prompt is over the agent's limit of {limit_bytes} bytes; send less"),
        )
        .into(),
        TurnError::ContextExceeded { context_tokens } => {
            let detail = format!(
                "the prompt, the agent's instructions and max_tokens together do not fit the model's context of {context_tokens} tokens; send less"
            );
            Problem::new(ProblemKind::TooLarge, detail).into()
        }
        TurnError::IdempotencyConflict => Problem::new(
            ProblemKind::IdempotencyConflict,
            "the Idempotency-Key was used with another body; use a new key",
        )
        .into(),
        TurnError::IdempotencyRunning { retry_after } => Problem::new(
            ProblemKind::RequestInProgress,
            "a request with this Idempotency-Key is running; try again when it is over",
        )
        .retry_after(retry_after.min(Duration::from_secs(5)))
        .into(),
        TurnError::Model(failure) => from_failure(&failure),
        TurnError::Contention => contention().into(),
        TurnError::DeadlineExceeded => deadline().into(),
        TurnError::Cancelled => Mapped {
            problem: Problem::new(ProblemKind::ClientGone, "the client left before the answer was whole"),
            fault: Some(error.to_string()),
        },
        TurnError::Store(error) => from_store(&error),
        other @ (TurnError::Transition(_) | TurnError::NoOutcome) => {
            Mapped { problem: internal(), fault: Some(other.to_string()) }
        }
    }
}

fn deadline() -> Problem {
    Problem::new(
        ProblemKind::DeadlineExceeded,
        "the deadline came before the answer; nothing is half-written; ask for less or try again",
    )
}

fn from_failure(failure: &LlmFailure) -> Mapped {
    let LlmFailure { provider, model, kind, retry_after } = failure;
    let problem = match kind {
        FailureKind::Rejected { status, code } => {
            let code = code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
            Problem::new(
                ProblemKind::ProviderFailed,
                format!("{provider} answered for {model} with HTTP {status}{code}"),
            )
        }
        FailureKind::Malformed(place) => {
            Problem::new(ProblemKind::ProviderFailed, format!("{provider} answered for {model}, but wrongly: {place}"))
        }
        FailureKind::Unreachable(place) => Problem::new(
            ProblemKind::Unavailable,
            format!("{provider} cannot be reached for {model}: {place}; try again"),
        )
        .retry_after(SOON),
        FailureKind::Unsupported { member, detail } => {
            let fault = FieldFault { pointer: format!("/{member}"), detail: detail.clone() };
            Problem::new(ProblemKind::UnsupportedByModel, detail.clone()).with(ProblemMember::Errors(vec![fault]))
        }
        FailureKind::DeadlineExceeded => deadline(),
    };
    let problem = match retry_after {
        Some(after) => problem.retry_after(*after),
        None => problem,
    };
    let fault = Some(problem.detail.clone());
    Mapped { problem, fault }
}

/// Policy's answer for what only administrators may do.
pub(super) fn admin_only() -> Problem {
    Problem::new(ProblemKind::Forbidden, "policy forbids this to you: it is for the group admin")
        .with(ProblemMember::PolicyIds(vec!["admin-only"]))
}
