//! Conversation memory against DynamoDB's protocol. Needs a local cloud: `OPENCLAW_TEST_AWS_ENDPOINT_URL`.

mod cloud;
mod conformance;
mod faults;
mod proxy;
mod requests;
mod shape;
