//! Stand-ins for what surrounds a function: the Lambda Runtime API, a model, DynamoDB and a token issuer.
//!
//! The end-to-end tests and the benchmark drive real function binaries through them.

pub mod clock;
pub mod dynamo_proxy;
pub mod dynamo_size;
pub mod events;
pub mod invocation;
pub mod issuer;
pub mod model_stub;
pub mod process;
pub mod runtime_api;
pub mod server;
