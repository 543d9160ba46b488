//! A request of an AWS API before it has an address and a signature, and the response to it.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::error::AwsError;

/// In a query, everything but RFC 3986's unreserved characters is encoded, as Signature Version 4 demands.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// In a path, `@` stands for itself as well: API Gateway knows `@connections` only so.
const IN_PATH: &AsciiSet = &IN_QUERY.remove(b'@');

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// The largest response body that is read where a request does not set a limit of its own, in bytes.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// A request of one operation. It has no `Debug`, since its body may hold content.
#[derive(Clone)]
pub struct AwsRequest {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) max_response_bytes: usize,
    path: String,
    query: String,
}

/// The response to a request that succeeded. It has no `Debug`, since its body may hold content.
pub struct AwsResponse {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl AwsRequest {
    /// Calls an operation of the protocol AWS JSON 1.1, as `AmazonSSM.GetParameters`.
    ///
    /// # Errors
    /// [`AwsError::Unbuildable`] if the input cannot be written as JSON.
    pub fn json_1_1(target: &'static str, input: &impl Serialize) -> Result<Self, AwsError> {
        let body = serde_json::to_vec(input).map_err(|_error| AwsError::Unbuildable)?;
        // AWS JSON posts every operation to the root.
        let request = Self::new(Method::POST, &[""], body.into());
        Ok(request.with_header(CONTENT_TYPE, JSON_1_1).with_header(TARGET, HeaderValue::from_static(target)))
    }

    /// Calls the resource below these path segments with any method. Each segment is percent-encoded.
    #[must_use]
    pub fn of(method: Method, path: &[&str], body: impl Into<Bytes>) -> Self {
        Self::new(method, path, body.into())
    }

    /// Reads the resource below these path segments. Each is percent-encoded.
    #[must_use]
    pub fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path, Bytes::new())
    }

    /// Posts to the resource below these path segments. Each is percent-encoded.
    #[must_use]
    pub fn post(path: &[&str], body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, path, body.into())
    }

    /// Adds a header, which is signed with the rest.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a parameter of the query.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        let separator = if self.query.is_empty() { '?' } else { '&' };
        self.query.push(separator);
        self.query.push_str(&encode(name, IN_QUERY));
        self.query.push('=');
        self.query.push_str(&encode(value, IN_QUERY));
        self
    }

    /// Reads response bodies of up to `size_bytes`, in place of 1 MiB.
    #[must_use]
    pub const fn with_max_response_bytes(mut self, size_bytes: usize) -> Self {
        self.max_response_bytes = size_bytes;
        self
    }

    fn new(method: Method, path: &[&str], body: Bytes) -> Self {
        let path = path.iter().flat_map(|segment| ["/".to_owned(), encode(segment, IN_PATH)]).collect();
        let (headers, query) = (HeaderMap::new(), String::new());
        Self { method, headers, body, max_response_bytes: MAX_RESPONSE_BYTES, path, query }
    }

    /// Returns the request's address below an endpoint, which may have a path of its own.
    ///
    /// # Errors
    /// [`AwsError::Unbuildable`] if the endpoint is not a URL, or if a segment is empty, `.` or `..`: a URL cannot carry
    /// it, and the request would reach another resource.
    pub(super) fn url(&self, endpoint: &str) -> Result<Url, AwsError> {
        let text = format!("{}{}{}", endpoint.trim_end_matches('/'), self.path, self.query);
        let url = Url::parse(&text).map_err(|_error| AwsError::Unbuildable)?;
        // The root alone has an empty segment by design.
        let has_gap = self.path != "/" && (self.path.contains("//") || self.path.ends_with('/'));
        // `Url` resolves `.` and `..`, after which the path does not end as it was written.
        let is_kept = url.has_host() && url.path().ends_with(&self.path);
        if is_kept && !has_gap { Ok(url) } else { Err(AwsError::Unbuildable) }
    }
}

fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

impl AwsResponse {
    /// Returns a header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body as it came.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the body as JSON. Members that `T` does not know are skipped.
    ///
    /// # Errors
    /// [`AwsError::Malformed`] if it is not a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, AwsError> {
        serde_json::from_slice(&self.body).map_err(|_error| AwsError::Malformed)
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
