//! Tests the store's DynamoDB adapter against a local cloud, whose address is in `OPENCLAW_TEST_AWS_ENDPOINT_URL`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod audit;
mod cloud;
mod conformance;
mod expiry;
mod faults;
mod proxy;
mod requests;
mod shape;
