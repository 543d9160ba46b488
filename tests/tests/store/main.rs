//! Conversation memory against DynamoDB's protocol. Needs a local cloud: `OPENCLAW_TEST_AWS_ENDPOINT_URL`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod cloud;
mod conformance;
mod faults;
mod proxy;
mod requests;
mod shape;
