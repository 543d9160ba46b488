//! Lets the AWS SDK send its requests through the function's one HTTPS client.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::time::timeout;

/// The SDK's HTTP client over a [`reqwest::Client`]. Bodies stream in both directions.
///
/// Of the SDK's connector settings it applies the read time-out (from the start of a request to its response's head).
/// The time-out for connecting is the client's own, since all callers share one pool.
#[derive(Debug, Clone)]
pub struct ReqwestHttpClient {
    client: reqwest::Client,
}

impl ReqwestHttpClient {
    /// Creates an adapter over this client.
    #[must_use]
    pub const fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

impl HttpClient for ReqwestHttpClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector { client: self.client.clone(), read_timeout: settings.read_timeout() })
    }
}

#[derive(Debug)]
struct Connector {
    client: reqwest::Client,
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move { send(&client, request, read_timeout).await })
    }
}

async fn send(
    client: &reqwest::Client,
    request: HttpRequest,
    read_timeout: Option<Duration>,
) -> Result<HttpResponse, ConnectorError> {
    let request = to_reqwest(request)?;
    let answer = match read_timeout {
        Some(limit) => timeout(limit, client.execute(request))
            .await
            .map_err(|elapsed| ConnectorError::timeout(Box::new(elapsed)))?,
        None => client.execute(request).await,
    };
    from_reqwest(answer.map_err(connector_error)?)
}

fn to_reqwest(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(Box::new(error)))?;
    // A body that is in memory already is sent with its head in one piece and need not be polled.
    let request = request.map(|body| match body.bytes() {
        Some(bytes) => reqwest::Body::from(bytes.to_vec()),
        None => reqwest::Body::wrap(body),
    });
    reqwest::Request::try_from(request).map_err(connector_error)
}

fn from_reqwest(response: reqwest::Response) -> Result<HttpResponse, ConnectorError> {
    let response = http::Response::<reqwest::Body>::from(response).map(SdkBody::from_body_1_x);
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(Box::new(error), None))
}

/// Maps an error to the SDK's kinds, on which its retries depend.
fn connector_error(error: reqwest::Error) -> ConnectorError {
    let (timed_out, connecting, ours) = (error.is_timeout(), error.is_connect(), error.is_builder());
    // A path may name a model, a secret or a table, and the SDK puts the error's text into its own.
    let error: Box<dyn Error + Send + Sync> = Box::new(error.without_url());
    let sorted = match (ours, timed_out) {
        (true, _) => ConnectorError::user(error),
        (false, true) => ConnectorError::timeout(error),
        (false, false) => ConnectorError::io(error),
    };
    if connecting { sorted.never_connected() } else { sorted }
}

#[cfg(test)]
#[path = "connector_tests.rs"]
mod tests;
