//! A client of the Lambda Runtime API, for functions whose responses are streamed.
//!
//! `lambda_runtime` can stream too, but its client leaves Nagle's algorithm on: the first piece of a body then waits some
//! 40 ms for the acknowledgement of the response's head. This one uses the function's one HTTP client.
//! Sources: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes" and "Building a custom runtime
//! for AWS Lambda", section "Implementing response streaming in a custom runtime"; Amazon API Gateway Developer Guide,
//! "Set up a Lambda proxy integration with payload response streaming".

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::stream::{StreamExt, iter, poll_fn};
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use reqwest::{Body, RequestBuilder};
use serde::Serialize;

use super::StreamedResponse;

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
const INVOCATION_ID: &str = "lambda-runtime-invocation-id";
const DEADLINE_MS: &str = "lambda-runtime-deadline-ms";
const TRACE_ID: &str = "lambda-runtime-trace-id";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";

/// Separates the prelude from the body.
static DELIMITER: [u8; 8] = [0; 8];

/// The Runtime API did not answer as documented.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeApiError {
    /// It cannot be reached, or a connection broke off; the client's own text may contain the address and is left out.
    #[error("the Runtime API cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// It refused the request.
    #[error("the Runtime API answered with HTTP {0}")]
    Refused(StatusCode),
    /// An event arrived without its request id.
    #[error("the Runtime API gave an event without {REQUEST_ID}")]
    NoRequestId,
}

/// The next event.
pub(super) struct Next {
    pub(super) request_id: String,
    /// Sent back where it was given: one sandbox may then serve several requests at once.
    invocation_id: Option<String>,
    pub(super) trace_id: Option<String>,
    /// Milliseconds since 1970; 0 if unknown.
    pub(super) deadline_ms: u64,
    pub(super) event: Bytes,
}

/// Status and headers of a response for HTTP front doors.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prelude {
    status_code: u16,
    headers: BTreeMap<String, String>,
    /// Local servers require the member.
    cookies: [&'static str; 0],
}

/// Why an invocation, or the start, failed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Diagnostic {
    pub(super) error_type: &'static str,
    pub(super) error_message: String,
}

impl Diagnostic {
    /// Returns the diagnostic of an event that cannot be handled.
    pub(super) const fn of_event(fault: String) -> Self {
        Self { error_type: "Function.Event", error_message: fault }
    }
}

/// A client of the Runtime API. Its calls have no time-outs, since the platform freezes and ends the sandbox.
pub(super) struct RuntimeApi {
    client: reqwest::Client,
    root: String,
}

impl RuntimeApi {
    /// Creates a client of the API at `address`: host and port, or a URL as local servers give it.
    pub(super) fn new(client: reqwest::Client, address: &str) -> Self {
        let scheme = if address.contains("://") { "" } else { "http://" };
        Self { client, root: format!("{scheme}{address}/2018-06-01/runtime") }
    }

    /// Waits for an event.
    pub(super) async fn next(&self) -> Result<Next, RuntimeApiError> {
        let response = self.client.get(format!("{}/invocation/next", self.root)).send().await?;
        if !response.status().is_success() {
            return Err(RuntimeApiError::Refused(response.status()));
        }
        let text = |name: &str| text(response.headers(), name);
        Ok(Next {
            request_id: text(REQUEST_ID).ok_or(RuntimeApiError::NoRequestId)?,
            invocation_id: text(INVOCATION_ID),
            trace_id: text(TRACE_ID),
            // 0 counts as unknown, since deadlines in the distant past are ignored.
            deadline_ms: text(DEADLINE_MS).and_then(|millis| millis.parse().ok()).unwrap_or_default(),
            event: response.bytes().await?,
        })
    }

    /// Sends a response while it is produced. The body's receiver is dropped when the connection breaks. A server may
    /// accept the response before the body ends.
    pub(super) async fn respond(&self, next: &Next, response: StreamedResponse) -> Result<(), RuntimeApiError> {
        let StreamedResponse { status, headers, mut body } = response;
        let pieces = poll_fn(move |context| body.poll_recv(context)).map(Ok::<_, std::convert::Infallible>);
        // In separate pieces, since cargo lambda reads one as the prelude and drops the next.
        let head = [Bytes::from(prelude(status, &headers)), Bytes::from_static(&DELIMITER)];
        let streamed = iter(head.map(Ok)).chain(pieces);
        let request = self
            .post(next, "response")
            .header(RESPONSE_MODE, "streaming")
            // Servers that answer before the body ends close the connection after it without notice, so it must not be
            // used for the next event.
            .header(CONNECTION, "close")
            // By this type API Gateway knows that the body begins with status and headers.
            .header(CONTENT_TYPE, "application/vnd.awslambda.http-integration-response");
        accepted(request.body(Body::wrap_stream(streamed))).await
    }

    /// Reports an event without a response as done.
    pub(super) async fn done(&self, next: &Next) -> Result<(), RuntimeApiError> {
        // The Runtime API returns the next event only after a response or an error.
        accepted(self.post(next, "response").json(&())).await
    }

    /// Reports an event as failed.
    pub(super) async fn fail(&self, next: &Next, why: &Diagnostic) -> Result<(), RuntimeApiError> {
        accepted(self.post(next, "error").header(ERROR_TYPE, why.error_type).json(why)).await
    }

    /// Reports that the function cannot start.
    pub(super) async fn fail_to_start(&self, why: &Diagnostic) -> Result<(), RuntimeApiError> {
        let request = self.client.post(format!("{}/init/error", self.root));
        accepted(request.header(ERROR_TYPE, why.error_type).json(why)).await
    }

    fn post(&self, next: &Next, what: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}/invocation/{}/{what}", self.root, next.request_id));
        match &next.invocation_id {
            Some(id) => request.header(INVOCATION_ID, id),
            None => request,
        }
    }
}

/// Sends a request and returns an error unless the status is a success.
async fn accepted(request: RequestBuilder) -> Result<(), RuntimeApiError> {
    let status = request.send().await?.status();
    if status.is_success() { Ok(()) } else { Err(RuntimeApiError::Refused(status)) }
}

/// Returns a header's value as text.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Returns the prelude as JSON.
fn prelude(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    // None of our headers has two values.
    let headers = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let prelude = Prelude { status_code: status.as_u16(), headers: headers.collect(), cookies: [] };
    serde_json::to_vec(&prelude).unwrap_or_default()
}
