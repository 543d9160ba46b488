//! The events of load balancer, API Gateway (payload formats 1.0 and 2.0) and function URL, and their responses.
//!
//! One type reads all four, in one pass and without panicking: bad base64 or a strange host is the client's fault and is
//! answered, which is not possible with conversions that unwrap.
//! Sources: Elastic Load Balancing, "Using AWS Lambda functions as targets"; Amazon API Gateway, "Working with AWS Lambda
//! proxy integrations for HTTP APIs"; AWS Lambda, "Invoking Lambda function URLs".

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Deserializer, Serialize};

/// Values by name; a value may be missing.
pub(super) type Single = BTreeMap<String, Option<String>>;
/// Values by name, several for each name.
pub(super) type Multi = BTreeMap<String, Option<Vec<String>>>;

/// An HTTP event from any front door. Without `Debug`, since it may contain a token.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayEvent {
    version: Option<String>,
    http_method: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Option<Single>,
    multi_value_headers: Option<Multi>,
    query_string_parameters: Option<Single>,
    multi_value_query_string_parameters: Option<Multi>,
    #[serde(deserialize_with = "or_default")]
    request_context: EventContext,
    body: Option<String>,
    #[serde(deserialize_with = "or_default")]
    is_base64_encoded: bool,
}

/// Reads `null` as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventContext {
    // Its presence alone distinguishes a load balancer.
    elb: Option<serde::de::IgnoredAny>,
    http: Option<EventHttp>,
    stage: Option<String>,
    path: Option<String>,
    #[serde(deserialize_with = "or_default")]
    identity: EventIdentity,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventIdentity {
    source_ip: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventHttp {
    method: Option<String>,
    source_ip: Option<String>,
}

/// The kind of front door that sent an event; it decides the response's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An Application Load Balancer.
    LoadBalancer,
    /// API Gateway with payload format 1.0.
    ApiGatewayV1,
    /// API Gateway with payload format 2.0, or a function URL.
    ApiGatewayV2,
}

/// The body is not the base64 that the event declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadBase64;

impl GatewayEvent {
    /// Returns the kind of front door that sent the event.
    #[must_use]
    pub fn source(&self) -> Source {
        if self.request_context.elb.is_some() {
            Source::LoadBalancer
        } else if self.request_context.http.is_some() || self.version.as_deref() == Some("2.0") {
            Source::ApiGatewayV2
        } else {
            // An event of a REST API, or of payload format 1.0, has neither.
            Source::ApiGatewayV1
        }
    }

    /// Returns the method: `GET` if the event names none, `TRACE`, which no route has, if the name is not valid.
    #[must_use]
    pub fn method(&self) -> Method {
        let http = self.request_context.http.as_ref().and_then(|http| http.method.as_deref());
        let name = http.or(self.http_method.as_deref()).unwrap_or("GET");
        Method::from_bytes(name.as_bytes()).unwrap_or(Method::TRACE)
    }

    /// Returns the path without the stage, still percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.raw_path.as_deref().or(self.path.as_deref()).unwrap_or("/");
        // The default stage of an HTTP API is not part of any path.
        let stage = self.request_context.stage.as_deref().filter(|stage| *stage != "$default" && !stage.is_empty());
        // A REST API's path does not contain the stage; only the context has it.
        let holds_stage = self.raw_path.is_some() || self.request_context.path.as_deref() == Some(path);
        let without = stage.filter(|_| holds_stage).and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
        without
            // `/prod` must not be cut off `/products`.
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .map_or(path, |rest| if rest.is_empty() { "/" } else { rest })
    }

    /// Returns the client's network address as the front door has seen it; a client can set all but the last address of the
    /// load balancer's header (Elastic Load Balancing, "HTTP headers and Application Load Balancers").
    #[must_use]
    pub fn client_address(&self) -> Option<String> {
        let context = &self.request_context;
        let of_gateway = context.http.as_ref().and_then(|http| http.source_ip.clone());
        of_gateway.or_else(|| context.identity.source_ip.clone()).or_else(|| {
            let headers = self.headers();
            let forwarded = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
            forwarded.rsplit(',').next().map(|address| address.trim().to_owned())
        })
    }

    /// Returns the query's parameters, decoded, in order.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        // The raw text keeps order and repetitions, which the maps lose.
        if let Some(raw) = &self.raw_query_string {
            return decode_query(raw);
        }
        let pairs = pairs(self.query_string_parameters.as_ref(), self.multi_value_query_string_parameters.as_ref());
        match self.source() {
            // A load balancer passes parameters on without decoding them.
            Source::LoadBalancer => {
                let raw: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
                decode_query(&raw.join("&"))
            }
            // API Gateway has decoded the parameters.
            Source::ApiGatewayV1 | Source::ApiGatewayV2 => {
                pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
            }
        }
    }

    /// Returns the headers, without those that are not valid HTTP headers.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        header_map(self.headers.as_ref(), self.multi_value_headers.as_ref())
    }

    /// Returns the body's bytes.
    ///
    /// # Errors
    /// [`BadBase64`].
    pub fn body(self) -> Result<Vec<u8>, BadBase64> {
        let text = self.body.unwrap_or_default();
        if self.is_base64_encoded { STANDARD.decode(text).map_err(|_| BadBase64) } else { Ok(text.into_bytes()) }
    }
}

/// Returns all pairs.
fn pairs<'a>(single: Option<&'a Single>, multi: Option<&'a Multi>) -> impl Iterator<Item = (&'a str, &'a str)> {
    // The map of several values contains the single values too.
    let multi = multi.filter(|map| !map.is_empty());
    let many = multi
        .into_iter()
        .flatten()
        .flat_map(|(name, values)| values.iter().flatten().map(|value| (name.as_str(), value.as_str())));
    let one = single.filter(|_| multi.is_none()).into_iter().flatten();
    many.chain(one.filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?))))
}

/// Returns the valid HTTP headers of the maps.
pub(super) fn header_map(single: Option<&Single>, multi: Option<&Multi>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(single, multi) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    headers
}

fn decode_query(raw: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect()
}

/// A response in the shape that the event's source expects.
#[derive(Clone, Serialize, derive_more::Debug)]
#[serde(rename_all = "camelCase")]
pub struct GatewayResponse {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    headers: BTreeMap<String, String>,
    /// Empty for payload format 2.0, which joins values; local servers require the member all the same.
    multi_value_headers: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<[&'static str; 0]>,
    #[debug("[{} bytes]", body.len())]
    body: String,
    is_base64_encoded: bool,
}

impl GatewayResponse {
    /// Builds the response with both maps of headers: a load balancer reads one of them, by its target group's setting.
    #[must_use]
    pub fn new(source: Source, status: http::StatusCode, headers: &HeaderMap, body: String) -> Self {
        let mut single = BTreeMap::new();
        let mut multi: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in headers {
            let Ok(value) = value.to_str() else { continue };
            single.insert(name.to_string(), value.to_owned());
            if source != Source::ApiGatewayV2 {
                multi.entry(name.to_string()).or_default().push(value.to_owned());
            }
        }
        let description = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Unknown"));
        Self {
            status_code: status.as_u16(),
            status_description: (source == Source::LoadBalancer).then_some(description),
            headers: single,
            multi_value_headers: multi,
            // A REST API refuses unknown members.
            cookies: (source == Source::ApiGatewayV2).then_some([]),
            body,
            // All bodies are text.
            is_base64_encoded: false,
        }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status_code
    }

    /// Returns a header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}
