//! The address of the local cloud.

use openclaw::aws::{AwsContext, local_context};

const VARIABLE: &str = "OPENCLAW_TEST_AWS_ENDPOINT_URL";

/// Returns a context in the local cloud. A test that needs one fails without it: a test that passed without a check would
/// prove nothing.
#[expect(clippy::panic, clippy::unwrap_used, reason = "a helper of tests")]
pub(crate) fn context() -> AwsContext {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch, no setting of the gateway")]
    let endpoint = std::env::var(VARIABLE);
    let endpoint = endpoint.unwrap_or_else(|_| panic!("set {VARIABLE} to a local cloud's address; `make test` does"));
    local_context(&endpoint).unwrap()
}
