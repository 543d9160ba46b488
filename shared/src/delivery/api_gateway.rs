//! Posts frames through API Gateway (Amazon API Gateway Developer Guide, "Use @connections commands in your backend
//! service").

use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;

use super::{FramePoster, PostError};
use crate::domain::ConnectionId;

/// Posts to the connections of one API. Retries and time-outs are the client's.
#[derive(Debug, Clone)]
pub struct ApiGatewayPoster {
    client: Client,
}

impl ApiGatewayPoster {
    /// A poster over this client, whose endpoint is the API's address with its stage. Does no I/O.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl FramePoster for ApiGatewayPoster {
    async fn post(&self, to: &ConnectionId, frame: String) -> Result<(), PostError> {
        let posted = self.client.post_to_connection().connection_id(to.as_str()).data(Blob::new(frame)).send().await;
        posted.map(drop).map_err(|error| match error {
            SdkError::ServiceError(service) => match service.into_err() {
                PostToConnectionError::GoneException(_) => PostError::Gone,
                other => PostError::Failed(other.code().unwrap_or("no code").to_owned()),
            },
            SdkError::TimeoutError(_) => PostError::Failed("no answer in time".to_owned()),
            _ => PostError::Failed("no answer".to_owned()),
        })
    }
}
