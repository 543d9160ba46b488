//! Starts runs by invoking a function asynchronously (AWS Lambda Developer Guide, "Invoking a Lambda function
//! asynchronously").

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;

use super::{RunStarter, StartRunError};

/// Hands orders to one function. Retries and time-outs are the client's.
#[derive(Debug, Clone)]
pub struct LambdaStarter {
    client: Client,
    function: String,
}

impl LambdaStarter {
    /// A starter of this function: its name or ARN, with an alias where it has one. Does no I/O.
    #[must_use]
    pub fn new(client: Client, function: impl Into<String>) -> Self {
        Self { client, function: function.into() }
    }
}

#[async_trait]
impl RunStarter for LambdaStarter {
    async fn start(&self, order: Vec<u8>) -> Result<(), StartRunError> {
        let asked = self.client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        asked.payload(Blob::new(order)).send().await.map(drop).map_err(|error| match error {
            SdkError::ServiceError(service) => StartRunError(service.err().code().unwrap_or("no code").to_owned()),
            SdkError::TimeoutError(_) => StartRunError("no answer in time".to_owned()),
            _ => StartRunError("no answer".to_owned()),
        })
    }
}
