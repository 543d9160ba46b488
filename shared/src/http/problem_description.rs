//! When each kind of problem occurs, for the table of errors in the documentation.

use super::ProblemKind;

impl ProblemKind {
    /// Returns when the problem occurs, in Markdown, for the documentation. No function links it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::InvalidBody => {
                "The body is not JSON, has a member twice, is nested in more than 127 levels, or is not the base64 text that \
                 the event declares."
            }
            Self::InvalidParameter => {
                "A query parameter of a list is unknown, repeated or out of range; a cursor or `Idempotency-Key` is \
                 malformed."
            }
            Self::InvalidToken => {
                "The token is missing or not valid; `WWW-Authenticate` gives the reason. A key set that cannot be \
                 reached is 503, never 401."
            }
            Self::Forbidden => {
                "Deep health without the group of operators; grants without the group `admin`; an agent that policy does not let \
                 the caller invoke, or a call of its states that policy denies (`policy_ids`); a token without a required \
                 scope; a WebSocket from an origin or address that is not allowed."
            }
            Self::NotFound => "The path, agent or conversation does not exist, or it does not belong to the caller.",
            Self::MethodNotAllowed => "The path does not support the method; `Allow` lists the supported ones.",
            Self::NotAcceptable => {
                "`Accept` admits neither `application/json` nor, for an agent, `text/event-stream`; for a stream, it \
                 does not admit `text/event-stream`."
            }
            Self::Contention => "Other turns of the conversation were stored first until the deadline.",
            Self::IdempotencyConflict => "The idempotency key was used with another body.",
            Self::RequestInProgress => {
                "The first request with the idempotency key is still running; on a WebSocket, a run with the same \
                 `request_id` is."
            }
            Self::TooLarge => {
                "The body is larger than 1 MB, or the prompt is larger than the agent's limit or than the model's \
                 context leaves; `detail` has the numbers."
            }
            Self::UnsupportedMediaType => {
                "The body has neither of the two content types, or declares a charset other than UTF-8."
            }
            Self::InvalidRequest => {
                "The body is not an object; a member is missing, unknown, of the wrong type or out of range; the \
                 conversation belongs to another agent."
            }
            Self::UnsupportedByModel => "The model does not accept this `temperature` or `max_tokens`.",
            Self::TooManyRequests => {
                "As many runs are open as the user, the tenant or the agent may have at once (`limits.runs`); \
                 `RateLimit-Policy` has the limit. On a WebSocket: the connection already has 16 runs, or the user as many \
                 connections as `limits.connections` allows."
            }
            Self::Cancelled => "On a WebSocket: the client cancelled the run.",
            Self::ClientGone => "The client disconnected. Only in the log.",
            Self::Internal => {
                "A bug, or stored data that cannot be read; the log has more under the id of the request."
            }
            Self::GraphFailed => {
                "A template or a condition of the agent's states has no value: it reads a name that is not defined, or does more work \
                 than it may. `detail` names the state. Tell the operator."
            }
            Self::ActionFailed => {
                "An action that a state of the agent calls failed, and the state has no `on_error`. `detail` names the action."
            }
            Self::ProviderFailed => {
                "The provider answered with an error of its own (`detail` has its status and code), or with an answer \
                 that does not follow its API. Throttling that outlasted the retries is included."
            }
            Self::Unavailable => "The provider, the store, a secret or the key set cannot be reached.",
            Self::DeadlineExceeded => "The deadline passed before the answer. Nothing is half-written.",
        }
    }
}
