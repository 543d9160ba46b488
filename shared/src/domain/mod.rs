//! The types that every room shares: ids, messages, usage, principals, failures, time.
//!
//! Must not know AWS, HTTP or any provider.

mod allowed_network;
mod backoff;
mod digest;
mod failure;
mod forbidden_address;
mod generation;
mod grant_name;
mod ids;
mod message;
mod principal;
mod private_network;
mod run_summary;
mod sampling;
mod secret_ref;
mod settled;
mod stored_bytes;
mod time;
mod trust;
mod usage;
mod user_pool;

pub use allowed_network::{AllowedNetwork, InvalidNetwork};
pub use backoff::full_jitter;
pub use digest::{hex, sha256_hex};
pub use failure::{ContextOverflow, FailureKind, LlmFailure};
pub use forbidden_address::ForbiddenAddress;
pub use generation::{Generation, GenerationRequest, Guardrail, ModelRef, Prompt, RetryStats, ToolSpec};
pub use grant_name::{GRANT_NAME, is_grant_name};
pub use ids::{
    AgentName, ClientRequestId, ConnectionId, ConversationId, InvalidName, ModelId, Provider, RunId, TenantId,
    ToolCallId, ToolName, UserId,
};
pub use message::{Content, Message, Role, ToolCall, ToolResult};
pub use principal::{ADMIN_GROUP, OPERATOR_GROUP, Principal, PrincipalKind};
pub use private_network::{InvalidPrivateNetwork, PrivateNetwork};
pub use run_summary::{RunSummary, Step, StepKind, StopReason};
pub use sampling::{MaxTokens, OutOfRange, Temperature};
pub use secret_ref::{InvalidTemplate, SecretRef, SecretTemplate, TemplatePart};
pub use settled::{ActionOutput, Approval, Ask, Settled, SettledOutcome};
pub use stored_bytes::stored_bytes;
pub use time::{Clock, Random, Timestamp};
pub use trust::{Marks, ResultSource, Trust};
pub use usage::{FinishReason, Usage};
pub use user_pool::{issuer_of_pool, key_set_of_issuer, region_of_pool};
