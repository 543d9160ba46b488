//! HTTP requests as the events that a function gets, and its response as an HTTP answer.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An HTTP request, to be turned into an event.
#[derive(Clone, Debug, Default)]
pub struct HttpEvent {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl HttpEvent {
    /// Creates a request without a body; `path` may have a query.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let headers = [
            ("accept", "application/json"),
            ("host", "gateway.example"),
            ("user-agent", "curl/8.0"),
            ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body: String::new() }
    }

    /// Adds or replaces a header; `name` in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// Adds an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        let length = self.body.len().to_string();
        self.header("content-type", "application/json").header("content-length", length)
    }

    /// Returns the event of a WebSocket API for a handshake with the same headers.
    #[must_use]
    pub fn to_handshake(&self) -> Bytes {
        json!({
            "requestContext": {
                "routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=", "stage": "live",
                "identity": { "sourceIp": "127.0.0.1" },
            },
            "headers": self.headers, "isBase64Encoded": false,
        })
        .to_string()
        .into()
    }

    /// Returns the event of an API's authorizer for a request with the same headers.
    #[must_use]
    pub fn to_authorizer(&self) -> Bytes {
        let method = format!("arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/live/{}{}", self.method, self.path);
        json!({ "type": "REQUEST", "methodArn": method, "httpMethod": self.method, "headers": self.headers })
            .to_string()
            .into()
    }

    /// Returns the event of an Application Load Balancer.
    #[must_use]
    pub fn to_load_balancer(&self) -> Bytes {
        let query: Map<_, _> = self.query.split('&').filter_map(|pair| pair.split_once('=')).map(owned).collect();
        let target = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/local/0123456789abcdef";
        json!({
            "requestContext": { "elb": { "targetGroupArn": target } },
            "httpMethod": self.method, "path": self.path, "queryStringParameters": query,
            "headers": self.headers, "body": self.body, "isBase64Encoded": false,
        })
        .to_string()
        .into()
    }

    /// Returns the event of an API Gateway HTTP API or a function URL (payload format 2.0).
    #[must_use]
    pub fn to_api_gateway_v2(&self) -> Bytes {
        json!({
            "version": "2.0", "routeKey": "$default", "rawPath": self.path, "rawQueryString": self.query,
            "headers": self.headers, "body": self.body, "isBase64Encoded": false,
            "requestContext": {
                "accountId": "000000000000", "apiId": "local", "domainName": "gateway.example",
                "domainPrefix": "gateway", "requestId": "local", "routeKey": "$default", "stage": "$default",
                "time": "01/Jan/2030:00:00:00 +0000", "timeEpoch": 1_893_456_000_000_u64,
                "http": {
                    "method": self.method, "path": self.path, "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "curl/8.0",
                },
            },
        })
        .to_string()
        .into()
    }
}

fn owned((name, value): (&str, &str)) -> (String, Value) {
    (name.to_owned(), value.into())
}

/// A function's response, read as the front door reads it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    /// The status.
    pub status_code: u16,
    /// Headers with one value.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers with several values (load balancer, REST API).
    #[serde(default)]
    pub multi_value_headers: BTreeMap<String, Vec<String>>,
    /// The body as the function gave it.
    #[serde(default)]
    pub body: Option<String>,
}

impl HttpAnswer {
    /// Reads the response of an invocation.
    ///
    /// # Errors
    /// If it does not have the shape that a front door accepts; the platform would answer 502.
    pub fn read(response: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(response)
    }

    /// Reads a streamed response: prelude, eight zero bytes, body. Returns `None` if it has another form or its body is
    /// not UTF-8.
    #[must_use]
    pub fn read_streamed(response: &[u8]) -> Option<Self> {
        let at = response.windows(8).position(|window| window == [0; 8])?;
        let (prelude, rest) = response.split_at_checked(at)?;
        let body = String::from_utf8(rest.get(8..)?.to_vec()).ok()?;
        Some(Self { body: Some(body), ..Self::read(prelude).ok()? })
    }

    /// Returns the events of a body of Server-Sent Events, without comments.
    #[must_use]
    pub fn events(&self) -> Vec<(String, Value)> {
        let body = self.body.as_deref().unwrap_or_default();
        let event = |block: &str| {
            let (name, data) = block.strip_prefix("event: ")?.split_once("\ndata: ")?;
            Some((name.to_owned(), serde_json::from_str(data).ok()?))
        };
        body.split_terminator("\n\n").filter_map(event).collect()
    }

    /// Returns the body as JSON, or `null` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        self.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default()
    }
}
