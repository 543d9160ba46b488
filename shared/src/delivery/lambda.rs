//! Dispatches runs by invoking a function asynchronously (AWS Lambda Developer Guide, "Invoking a Lambda function
//! asynchronously").

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};

use super::{DispatchError, RunDispatcher};
use crate::aws::{AwsClient, AwsRequest};

const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");

/// Dispatches runs to one function. Retries and time-outs are the client's.
#[derive(Debug, Clone)]
pub struct LambdaDispatcher {
    client: AwsClient,
    function: String,
}

impl LambdaDispatcher {
    /// Creates a dispatcher to this function: its name or ARN, with an alias where it has one. Does no I/O.
    #[must_use]
    pub fn new(client: AwsClient, function: impl Into<String>) -> Self {
        Self { client, function: function.into() }
    }
}

#[async_trait]
impl RunDispatcher for LambdaDispatcher {
    async fn dispatch(&self, event: Vec<u8>) -> Result<(), DispatchError> {
        // API reference, "Invoke"
        let request = AwsRequest::post(&["2015-03-31", "functions", &self.function, "invocations"], event)
            .with_header(INVOCATION_TYPE, HeaderValue::from_static("Event"));
        self.client.send(&request).await.map(drop).map_err(|error| DispatchError(error.to_string()))
    }
}
