//! Posts frames through API Gateway (Amazon API Gateway Developer Guide, "Use @connections commands in your backend
//! service").

use async_trait::async_trait;

use super::{ConnectionSender, SendError};
use crate::aws::{AwsClient, AwsError, AwsRequest};
use crate::domain::ConnectionId;

/// Posts to the connections of one API. Retries and time-outs are the client's.
#[derive(Debug, Clone)]
pub struct ApiGatewaySender {
    client: AwsClient,
}

impl ApiGatewaySender {
    /// Creates a sender over this client, whose endpoint is the API's address with its stage. Does no I/O.
    #[must_use]
    pub const fn new(client: AwsClient) -> Self {
        Self { client }
    }
}

#[async_trait]
impl ConnectionSender for ApiGatewaySender {
    async fn send(&self, to: &ConnectionId, frame: String) -> Result<(), SendError> {
        let request = AwsRequest::post(&["@connections", to.as_str()], frame);
        self.client.send(&request).await.map(drop).map_err(|error| match error {
            // `GoneException`
            AwsError::Refused { status: 410, .. } => SendError::Gone,
            other => SendError::Failed(other.to_string()),
        })
    }
}
