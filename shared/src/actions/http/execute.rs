//! Makes the calls of an action of type `http`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};
use url::Url;

use super::headers;
use super::secrets::Secrets;
use super::settings::Request;
use super::{LazyClient, is_bodiless};
use crate::actions::egress::{EgressClient, EgressError, EgressRequest, EgressResponse, HostLookup, Redirects, Stage};
use crate::actions::encoding::query_component;
use crate::actions::{ActionError, ActionExecutor, CallContext, MARK_BYTES, NotText, cut, from_body, text_of};
use crate::agent::Scope;
use crate::aws::tls_config;
use crate::domain::{Clock, Random};
use crate::policy::ApprovedCall;
use crate::secrets::SecretResolver;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The most attempts of one call.
const MAX_ATTEMPTS: u32 = 2;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// The most characters of an error's own text.
const MAX_ERROR_CHARACTERS: usize = 500;

/// The longest body that a template of the response reads, in bytes. Its output is what is cut.
const MAX_SHAPED_BYTES: usize = 1024 * 1024;

pub(super) struct HttpAction {
    pub(super) request: Request,
    pub(super) is_read: bool,
    pub(super) resolver: Arc<dyn SecretResolver>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) lookup: Arc<dyn HostLookup>,
    pub(super) client: LazyClient,
}

#[async_trait]
impl ActionExecutor for HttpAction {
    async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let mut arrived = None;
        match (self.attempts(call, context, &mut arrived).await, arrived) {
            // An attempt has arrived: the call has run, although the next one could not be sent.
            (Err(ActionError::Refused(_) | ActionError::Internal(_)), Some(earlier)) => Err(earlier),
            (result, _) => result,
        }
    }
}

impl HttpAction {
    /// Makes the attempts of a call. Sets `arrived` to the error of one that may have arrived and is repeated.
    async fn attempts(
        &self,
        call: &ApprovedCall,
        context: &CallContext<'_>,
        arrived: &mut Option<ActionError>,
    ) -> Result<Value, ActionError> {
        let ends = Instant::now() + context.timeout;
        let args = Value::Null;
        let scope = context.scope(call, &args);
        let is_shaped = self.request.response.is_some();
        let max_bytes = context.max_output_bytes.max(if is_shaped { MAX_SHAPED_BYTES } else { 0 });
        let mut attempt = 1;
        // Those of every attempt, since an answer may echo the secret that a new one has replaced.
        let mut secrets = Secrets::default();
        loop {
            let (request, sent) = self.written(call, &scope, ends, max_bytes).await?;
            secrets.extend(sent);
            let client = self.client().ok_or(ActionError::Internal("the HTTP client cannot be built"))?;
            let outcome = client.send(request).await;
            let may_retry = attempt < MAX_ATTEMPTS && ends > Instant::now() + LONGEST_PAUSE;
            let is_repeated = may_retry && self.deserves_another(&outcome).await;
            let has_arrived = may_have_arrived(&outcome);
            let result = match outcome {
                Ok(response) => self.output(&response, &secrets, max_bytes),
                Err(error) => Err(failed(&error)),
            };
            match result {
                Err(error) if is_repeated => *arrived = has_arrived.then_some(error),
                result => return result,
            }
            sleep(LONGEST_PAUSE.mul_f64(self.random.fraction().clamp(0.0, 1.0))).await;
            attempt += 1;
        }
    }

    fn client(&self) -> Option<&EgressClient> {
        let build = || {
            let tls = tls_config(None).ok()?;
            EgressClient::new(tls, self.request.policy, Arc::clone(&self.lookup), Arc::clone(&self.clock)).ok()
        };
        self.client.get_or_init(build).as_ref()
    }

    /// Writes the request of one attempt. Secrets are resolved here, after the call was allowed.
    async fn written(
        &self,
        call: &ApprovedCall,
        scope: &Scope<'_>,
        ends: Instant,
        max_bytes: usize,
    ) -> Result<(EgressRequest, Secrets), ActionError> {
        let url = self.request.url.fill(scope).map_err(ActionError::Refused)?;
        let url = self.with_query(url, scope)?;
        let (mut headers, secrets) = headers::fill(&self.request.headers, scope, self.resolver.as_ref()).await?;
        let key = HeaderValue::from_str(&call.key()).map_err(|_error| ActionError::Internal("the call's key"))?;
        headers.insert(IDEMPOTENCY_KEY, key);
        let body = match &self.request.body {
            None => None,
            Some(template) => {
                let value = template.evaluate(scope).map_err(|error| ActionError::Refused(error.to_string()))?;
                headers.entry(CONTENT_TYPE).or_insert(JSON);
                Some(Bytes::from(value.to_string()))
            }
        };
        let request = EgressRequest {
            method: self.request.method.clone(),
            url,
            headers,
            body,
            // A body is never sent to a second address, even where the action only reads.
            redirects: if self.is_read && is_bodiless(&self.request.method) {
                Redirects::Followed
            } else {
                Redirects::Refused
            },
            timeout: ends.saturating_duration_since(Instant::now()),
            // With what may hold a broken secret, and is dropped.
            max_response_bytes: max_bytes.saturating_add(secrets.most_bytes()),
        };
        Ok((request, secrets))
    }

    fn with_query(&self, mut url: Url, scope: &Scope<'_>) -> Result<Url, ActionError> {
        let mut query = url.query().unwrap_or_default().to_owned();
        for (name, template) in &self.request.query {
            let value = template.evaluate(scope).map_err(|error| ActionError::Refused(error.to_string()))?;
            let values = match value {
                Value::Array(items) => items,
                other => vec![other],
            };
            for value in values {
                let text = match value {
                    Value::Null => continue,
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                let separator = if query.is_empty() { "" } else { "&" };
                query.extend([separator, &query_component(name), "=", &query_component(&text)]);
            }
        }
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        Ok(url)
    }

    /// Returns whether another attempt is safe and may succeed. A write is made again only if it has not arrived, or if the
    /// target did not know its credential, which has changed.
    async fn deserves_another(&self, outcome: &Result<EgressResponse, EgressError>) -> bool {
        match outcome {
            Ok(response) if matches!(response.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                headers::renew(&self.request.headers, self.resolver.as_ref()).await
            }
            Ok(response) => self.is_read && matches!(response.status.as_u16(), 429 | 500 | 502 | 503 | 504),
            Err(EgressError::Failed(Stage::Lookup | Stage::Connection)) => true,
            Err(EgressError::Failed(Stage::Response | Stage::Body)) => self.is_read,
            Err(_) => false,
        }
    }

    fn output(&self, response: &EgressResponse, secrets: &Secrets, max_bytes: usize) -> Result<Value, ActionError> {
        let status = response.status;
        // Masked before it is cut, so that no half of a secret stays.
        let body = read(response, secrets);
        if is_failure(status) {
            let text = match body {
                Ok(Value::String(text)) => text,
                Ok(other) => other.to_string(),
                Err(NotText) => String::new(),
            };
            let text = Some(text.chars().take(MAX_ERROR_CHARACTERS).collect());
            return Err(match status.as_u16() {
                429 => ActionError::Throttled,
                code => ActionError::Rejected { code: format!("status {code}"), text },
            });
        }
        let body =
            body.map_err(|NotText| ActionError::Malformed("it is not text in UTF-8 without control characters"))?;
        let body = match body {
            // With room for the mark, so that the whole is within the limit and is not cut again.
            Value::String(text) if response.is_cut() => {
                Value::String(cut(&text, max_bytes.saturating_sub(MARK_BYTES), response.total_bytes))
            }
            other => other,
        };
        let Some(template) = &self.request.response else { return Ok(body) };
        let headers: Map<String, Value> = response
            .headers
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), Value::String(secrets.hide(value.to_str().ok()?))))
            })
            .collect();
        let values = json!({ "body": body, "status": status.as_u16(), "headers": headers });
        let filled = template.evaluate_over(&values);
        filled
            .map(|value| secrets.hide_in(value))
            .map_err(|_error| ActionError::Malformed("the template of the response has no value for it"))
    }
}

fn may_have_arrived(outcome: &Result<EgressResponse, EgressError>) -> bool {
    matches!(outcome, Ok(_) | Err(EgressError::Failed(Stage::Response | Stage::Body) | EgressError::TimedOut))
}

/// Returns whether a status says that the call has failed. There are none above 599, but servers send them.
fn is_failure(status: StatusCode) -> bool {
    status.as_u16() >= 400
}

/// Reads what has arrived of a body, without secrets. The beginning of one is text.
fn read(response: &EgressResponse, secrets: &Secrets) -> Result<Value, NotText> {
    let body = &response.body;
    if response.is_cut() {
        return Ok(Value::String(secrets.hide_in_beginning(text_of(body, true)?)));
    }
    let content_type = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    from_body(body, content_type, body.len() as u64, usize::MAX).map(|body| secrets.hide_in(body))
}

fn failed(error: &EgressError) -> ActionError {
    match error {
        EgressError::TimedOut => ActionError::TimedOut,
        EgressError::Tls | EgressError::Failed(_) => ActionError::Unreachable,
        EgressError::Redirect(refused) => ActionError::Redirected(*refused),
        EgressError::Url(_) | EgressError::Forbidden(_) | EgressError::ReservedHeader(_) => {
            ActionError::Refused(error.to_string())
        }
    }
}
