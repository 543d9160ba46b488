//! Builds the functions: the only room that names concrete adapters. There is one builder for each function, so that a
//! function links and builds only what it uses.

mod actions;
mod agent;
mod agents;
mod archive;
mod authorizer;
mod context;
mod conversations;
mod health;
mod health_checks;
mod models;
mod reloading_handler;
mod rules;
mod run;
mod server;
mod start_error;
mod stores;
mod stream;
mod system;
mod websocket;

pub use actions::policies;
pub use agent::{agent, agent_handler};
pub use agents::{AgentsHandler, AgentsPorts, agents, agents_handler};
pub use archive::{ArchiveEvent, ArchiveHandler, ArchiveResponse, archive, audit_bucket};
pub use authorizer::authorizer;
pub use context::AppContext;
pub use conversations::{conversations, conversations_handler};
pub use health::{health, health_handler};
pub use lambda_runtime::Error;
pub use reloading_handler::ReloadingHandler;
pub use rules::KnownModels;
pub use run::{run, run_in_context, run_streaming, run_unconfigured};
pub use start_error::StartError;
pub use stream::{stream, stream_handler};
pub use system::{SystemClock, SystemRandom};
pub use websocket::websocket;
