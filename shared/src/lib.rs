//! The gateway's shared crate. Rooms, from left to right; a room uses only those to its left:
//! `domain → agent → config → ports (llm, memory, secrets, auth, delivery) → adapters | runner → http → app`.

pub mod agent;
pub mod app;
pub mod auth;
pub mod aws;
pub mod config;
pub mod delivery;
pub mod domain;
pub mod http;
pub mod llm;
pub mod runner;
pub mod secrets;
pub mod store;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
