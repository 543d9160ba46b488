//! The gateway's shared crate. A room uses only those to its left; adapters and the runner do not know each other:
//! `domain → agent → config → ports (audit, llm, store, secrets, auth, policy, actions, delivery) → {adapters, aws | runner} → lambda, http
//! → api → websocket → app`. `telemetry` may be used from the ports rightwards.

pub mod actions;
pub mod agent;
pub mod api;
pub mod app;
pub mod audit;
pub mod auth;
pub mod aws;
pub mod config;
pub mod delivery;
pub mod domain;
pub mod http;
pub mod lambda;
pub mod llm;
pub mod policy;
pub mod runner;
pub mod secrets;
pub mod store;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod websocket;
