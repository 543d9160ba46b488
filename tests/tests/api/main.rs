//! The handlers from outside: events in, responses out, with a store in this process, a scripted model and a user pool of
//! the test's own. No network.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

mod access;
mod actions;
mod attacks;
mod audit;
mod audit_outcomes;
mod authorizer;
mod bad_input;
mod bodies;
mod conversation_ids;
mod cross_origin;
mod deep_health;
mod described;
mod erasure;
mod events;
mod fair_use;
mod grants;
mod graphs;
mod http_actions;
mod idempotency;
mod local_access;
mod log_limit;
mod logs;
mod models;
mod observability;
mod paging;
mod problems;
mod provider_failures;
mod redaction;
mod request;
mod routing;
mod sockets;
mod store_failures;
mod stream_faults;
mod streaming;
mod streams;
mod tokens;
mod websocket_connect;
mod websocket_failed_invocation;
mod websocket_messages;
mod world;
