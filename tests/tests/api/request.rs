//! Requests in the form of a load balancer, and their answers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::REQUEST_ID;

/// A request in the form of a load balancer.
#[derive(Clone)]
pub(crate) struct Request {
    method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    body: String,
    is_base64: bool,
    pub(crate) time_left: Duration,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let headers = vec![("x-forwarded-for".to_owned(), "203.0.113.17".to_owned())];
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, headers, body: String::new(), is_base64: false, time_left: Duration::from_mins(15) }
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they post it")]
    pub(crate) fn post(agent: &str, body: Value) -> Self {
        Self::raw(agent, body.to_string())
    }

    /// Creates a POST to `{agent}` or `{agent}/stream` with this body.
    pub(crate) fn raw(agent: &str, body: impl Into<String>) -> Self {
        let request = Self::new("POST", &format!("/v1/agent/{agent}")).header("content-type", "application/json");
        Self { body: body.into(), ..request }
    }

    /// Creates a request with a JSON body.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they post it")]
    pub(crate) fn with_body(method: &str, path: &str, body: Value) -> Self {
        let request = Self::new(method, path).header("content-type", "application/json");
        Self { body: body.to_string(), ..request }
    }

    /// Replaces a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a header.
    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Adds a header, even if there is one with this name.
    pub(crate) fn another(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn token(self, token: impl AsRef<str>) -> Self {
        self.header("authorization", &format!("Bearer {}", token.as_ref()))
    }

    pub(crate) fn base64(mut self) -> Self {
        self.is_base64 = true;
        self
    }

    pub(crate) fn time_left(mut self, time_left: Duration) -> Self {
        self.time_left = time_left;
        self
    }

    pub(crate) fn event(&self) -> Value {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let several = |pairs: Vec<(&str, &str)>| {
            let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, value) in pairs {
                map.entry(name.to_owned()).or_default().push(value.to_owned());
            }
            map
        };
        let query = query.split('&').filter(|pair| !pair.is_empty());
        json!({
            "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:test"}},
            "httpMethod": self.method,
            "path": path,
            "multiValueQueryStringParameters": several(query.map(|pair| pair.split_once('=').unwrap()).collect()),
            "multiValueHeaders": several(self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()),
            "body": self.body,
            "isBase64Encoded": self.is_base64,
        })
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) text: String,
    headers: BTreeMap<String, String>,
}

impl Answer {
    pub(crate) fn new(response: &Value) -> Self {
        let text = response["body"].as_str().unwrap().to_owned();
        Self {
            status: u16::try_from(response["statusCode"].as_u64().unwrap()).unwrap(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
            headers: serde_json::from_value(response["headers"].clone()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns a member of the body that is a text.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no text {name} in {}", self.text))
    }

    /// Checks that this is the problem of that kind, whole: type, title, status, detail, instance, content type.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, name: &str) -> &str {
        assert_eq!(self.body["type"], format!("urn:openclaw:problem:{name}"), "{}", self.text);
        assert_eq!((self.status, self.body["status"].as_u64()), (status, Some(status.into())), "{}", self.text);
        assert!(!self.text_of("title").is_empty());
        assert_eq!(self.text_of("instance"), REQUEST_ID);
        assert_eq!(self.header("x-request-id"), Some(REQUEST_ID));
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(
            self.header("retry-after").map(str::to_owned),
            self.body.get("retry_after_seconds").map(Value::to_string)
        );
        self.text_of("detail")
    }
}
