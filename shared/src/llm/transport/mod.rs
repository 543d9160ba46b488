//! HTTP for providers: credentials, time-outs, bounded bodies, errors by status.
//!
//! Must not know any provider's wire types.

mod body;
mod status;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Response;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

pub(super) use body::ByteStream;
pub(super) use status::InBandError;

use super::stream_timeouts::StreamTimeouts;
use super::{HttpContext, InvalidSettings, LlmError, ProviderSettings};
use crate::domain::{Clock, SecretTemplate, TemplatePart};
use crate::secrets::{SecretError, SecretResolver};

/// The header in which a provider expects its key.
pub(super) struct KeyHeader {
    pub(super) name: HeaderName,
    pub(super) prefix: &'static str,
}

/// The HTTP client of one provider.
pub(super) struct ProviderHttp {
    client: reqwest::Client,
    resolver: Arc<dyn SecretResolver>,
    clock: Arc<dyn Clock>,
    base_url: Url,
    fixed: HeaderMap,
    credentials: Vec<Credential>,
    request_timeout: Duration,
    idle_timeout: Duration,
}

struct Credential {
    name: HeaderName,
    prefix: &'static str,
    template: SecretTemplate,
}

/// A request that may be sent twice.
struct Outgoing {
    method: Method,
    url: Url,
    accept: &'static str,
    body: Option<Bytes>,
}

impl ProviderHttp {
    pub(super) fn new(
        context: &HttpContext,
        settings: &ProviderSettings,
        key: KeyHeader,
        fixed: HeaderMap,
    ) -> Result<Self, InvalidSettings> {
        if !matches!(settings.base_url.scheme(), "https" | "http") {
            return Err(InvalidSettings::BaseUrl);
        }
        let api_key = settings.api_key.clone().map(|template| (key.name, key.prefix, template));
        let headers = settings.headers.iter().map(|(name, template)| (name.clone(), "", template.clone()));
        // Configured headers come after the key, so that they replace the provider's own of the same name.
        let credentials: Vec<Credential> = api_key
            .into_iter()
            .chain(headers)
            .map(|(name, prefix, template)| Credential { name, prefix, template })
            .collect();
        // Checked at the start, so that a bad header is a fault of the configuration and not of a request.
        if let Some(invalid) = credentials.iter().find(|credential| !credential.literals_are_valid()) {
            return Err(InvalidSettings::HeaderValue(invalid.name.clone()));
        }
        Ok(Self {
            client: context.client.clone(),
            resolver: Arc::clone(&context.resolver),
            clock: Arc::clone(&context.clock),
            base_url: settings.base_url.clone(),
            fixed,
            credentials,
            request_timeout: settings.request_timeout,
            idle_timeout: settings.idle_timeout,
        })
    }

    /// Sends JSON and returns the parsed JSON response.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, LlmError> {
        self.send_for_json(&self.outgoing(path, "application/json", body)?).await
    }

    /// Returns the parsed JSON response to a GET.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, LlmError> {
        let mut url = join(&self.base_url, path);
        // `query_pairs_mut` adds a `?` even if no pairs follow.
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.send_for_json(&Outgoing { method: Method::GET, url, accept: "application/json", body: None }).await
    }

    /// Sends JSON and returns the response's bytes as they arrive, and their time-outs, which are to observe the events.
    pub(super) async fn post_streaming(
        &self,
        path: &str,
        accept: &'static str,
        body: &(impl Serialize + Sync),
    ) -> Result<(ByteStream, StreamTimeouts), LlmError> {
        let outgoing = self.outgoing(path, accept, body)?;
        let (response, timeouts) = self
            .with_renewal(|| async {
                // Outside the time-out, which is the provider's; fetching secrets has its own.
                let headers = self.headers(&outgoing).await?;
                let timeouts = StreamTimeouts::start(self.request_timeout, self.idle_timeout);
                Ok((timeouts.bound(self.send(&outgoing, headers)).await??, timeouts))
            })
            .await?;
        Ok((body::stream(response, timeouts.clone()), timeouts))
    }

    fn outgoing(&self, path: &str, accept: &'static str, body: &(impl Serialize + Sync)) -> Result<Outgoing, LlmError> {
        let body =
            serde_json::to_vec(body).map_err(|_| LlmError::Malformed("the request cannot be written as JSON"))?;
        Ok(Outgoing { method: Method::POST, url: join(&self.base_url, path), accept, body: Some(body.into()) })
    }

    async fn send_for_json<T: DeserializeOwned>(&self, outgoing: &Outgoing) -> Result<T, LlmError> {
        let body = self
            .with_renewal(|| async {
                let headers = self.headers(outgoing).await?;
                within(self.request_timeout, async { body::whole(self.send(outgoing, headers).await?).await }).await
            })
            .await?;
        serde_json::from_slice(&body)
            .map_err(|_| LlmError::Malformed("the response is not the JSON that the API describes"))
    }

    /// Makes an attempt, and a second one if the first is refused and a credential has been renewed.
    async fn with_renewal<T, F>(&self, attempt: impl Fn() -> F + Send + Sync) -> Result<T, LlmError>
    where
        F: Future<Output = Result<T, LlmError>> + Send,
        T: Send,
    {
        match attempt().await {
            // Once only: credentials that are refused after their renewal are wrong.
            Err(LlmError::Unauthorized { .. }) if self.is_renewed().await => attempt().await,
            outcome => outcome,
        }
    }

    /// Sends the request and returns a successful response, its body still unread.
    async fn send(&self, outgoing: &Outgoing, headers: HeaderMap) -> Result<Response, LlmError> {
        let mut request = self.client.request(outgoing.method.clone(), outgoing.url.clone()).headers(headers);
        if let Some(body) = &outgoing.body {
            // `Bytes` shares its content, so a second attempt copies nothing.
            request = request.body(body.clone());
        }
        let response = request.send().await.map_err(|error| body::connection_error(&error, "no response arrived"))?;
        if response.status().is_success() {
            return Ok(response);
        }
        // Kept, since reading the body consumes the response.
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let excerpt = body::excerpt(response).await;
        Err(status::error(status, &headers, &excerpt, self.clock.now()))
    }

    async fn headers(&self, outgoing: &Outgoing) -> Result<HeaderMap, LlmError> {
        let mut headers = self.fixed.clone();
        headers.insert(ACCEPT, HeaderValue::from_static(outgoing.accept));
        if outgoing.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for credential in &self.credentials {
            headers.insert(credential.name.clone(), credential.value(self.resolver.as_ref()).await?);
        }
        Ok(headers)
    }

    /// Returns whether renewing the secrets has changed a credential, so that a rotation causes no error.
    async fn is_renewed(&self) -> bool {
        let mut changed = false;
        // A literal credential cannot change.
        for credential in self.credentials.iter().filter(|credential| credential.template.references().next().is_some())
        {
            // The refusal does not say which credential was wrong, so all are renewed.
            // A failed renewal counts as unchanged, since the provider's refusal is the better error.
            changed |= self.resolver.renew(&credential.template).await.unwrap_or(false);
        }
        changed
    }
}

impl Credential {
    fn literals_are_valid(&self) -> bool {
        self.template.parts().iter().all(|part| match part {
            TemplatePart::Literal(text) => HeaderValue::from_str(text).is_ok(),
            TemplatePart::Reference(_) => true,
        })
    }

    async fn value(&self, resolver: &dyn SecretResolver) -> Result<HeaderValue, LlmError> {
        let text = resolver.resolve(&self.template).await?;
        // a secret is often pasted with a line break at its end
        let text = format!("{}{}", self.prefix, text.expose_secret().trim());
        let mut value = HeaderValue::try_from(text).map_err(|_| self.invalid_header())?;
        // Keeps the value out of debug output.
        value.set_sensitive(true);
        Ok(value)
    }

    fn invalid_header(&self) -> LlmError {
        match self.template.references().next() {
            Some(reference) => LlmError::Secret(SecretError::Unusable {
                reference: reference.clone(),
                why: "it has characters that a header may not have",
            }),
            None => LlmError::Malformed("a configured header has characters that a header may not have"),
        }
    }
}

/// Appends the path to that of the base, with or without a trailing slash, and keeps the base's query.
fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    // Only URLs without a host have no path segments, and the settings refuse these.
    if let Ok(mut segments) = url.path_segments_mut() {
        // A base with a trailing slash ends with an empty segment.
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

async fn within<T>(timeout: Duration, work: impl Future<Output = Result<T, LlmError>> + Send) -> Result<T, LlmError> {
    tokio::time::timeout(timeout, work).await.unwrap_or(Err(LlmError::TimedOut))
}

#[cfg(test)]
mod tests;
