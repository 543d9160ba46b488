//! Stands in front of DynamoDB, or instead of it, and counts what a caller costs.

use crate::{
    dynamo_size::item_size,
    server::{Cut, Reply, Server, answer, collect, json},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Uri, header::CONTENT_LENGTH, request::Parts};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json as value};
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

const TARGET: &str = "x-amz-target";
const TARGET_PREFIX: &str = "DynamoDB_20120810.";
/// Local stand-ins for AWS read the account and region of a signature and do not check it.
const UNCHECKED_SIGNATURE: &str =
    "AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// The requests and bytes since the last [`DynamoProxy::take`].
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Requests by operation.
    pub requests: BTreeMap<String, u64>,
    /// Sizes of the items written, in bytes by AWS's rule. An updated item counts as what it became; without an
    /// upstream that could be asked, as the update's key and values.
    pub written_bytes: usize,
    /// Sizes of the items in answers, in bytes by AWS's rule.
    pub read_bytes: usize,
}

impl Counts {
    /// Returns the number of all requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }
}

#[derive(Debug)]
struct Upstream {
    base: Uri,
    client: Box<Client<HttpConnector, Full<Bytes>>>,
}

#[derive(Debug)]
enum Backend {
    Upstream(Upstream),
    Canned,
}

#[derive(Debug)]
struct Shared {
    backend: Backend,
    counts: Mutex<Counts>,
    /// The answers by operation: those to give without an upstream, otherwise the last good ones.
    answers: Mutex<BTreeMap<String, Bytes>>,
}

/// The running proxy.
#[derive(Debug)]
pub struct DynamoProxy {
    shared: Arc<Shared>,
    server: Server,
}

impl DynamoProxy {
    /// Forwards everything to a real endpoint, such as `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// If the address is invalid, or no port can be bound.
    pub async fn in_front_of(endpoint: &str) -> io::Result<Self> {
        let base = endpoint.parse().map_err(io::Error::other)?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Box::new(Client::builder(TokioExecutor::new()).build(connector));
        Self::start(Backend::Upstream(Upstream { base, client }), BTreeMap::new()).await
    }

    /// Answers at once and remembers nothing: each operation gets the body given for it here, any other `{}`.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn canned(answers: BTreeMap<String, Bytes>) -> io::Result<Self> {
        Self::start(Backend::Canned, answers).await
    }

    async fn start(backend: Backend, answers: BTreeMap<String, Bytes>) -> io::Result<Self> {
        let shared = Arc::new(Shared { backend, counts: Mutex::default(), answers: Mutex::new(answers) });
        let handler = Arc::clone(&shared);
        let server = Server::start(move |request| Arc::clone(&handler).handle(request)).await?;
        Ok(Self { shared, server })
    }

    /// Returns the proxy's address, for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the counts so far and sets them to zero.
    #[must_use]
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *locked(&self.shared.counts))
    }

    /// Sends a request to the upstream, such as `CreateTable`, which is not counted.
    ///
    /// # Errors
    /// If there is no upstream, or if it answers with an error, which the text contains.
    pub async fn call(&self, operation: &str, asked: &Value) -> io::Result<Value> {
        let (mut parts, ()) = Request::post("/").body(()).map_err(io::Error::other)?.into_parts();
        let target = HeaderValue::try_from(format!("{TARGET_PREFIX}{operation}")).map_err(io::Error::other)?;
        parts.headers.insert(TARGET, target);
        parts.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        parts.headers.insert(http::header::AUTHORIZATION, HeaderValue::from_static(UNCHECKED_SIGNATURE));
        let (status, body) = self.shared.forward(&parts, asked.to_string().into()).await.map_err(io::Error::other)?;
        if status != 200 {
            return Err(io::Error::other(format!("{operation}: {status} {}", String::from_utf8_lossy(&body))));
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// Returns the last good answer of an operation, such as `Query`, which a proxy without an upstream may give later.
    #[must_use]
    pub fn last_answer(&self, operation: &str) -> Option<Bytes> {
        locked(&self.shared.answers).get(operation).cloned()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let body = collect(body).await?;
        let target = parts.headers.get(TARGET).and_then(|target| target.to_str().ok());
        let Some(operation) = target.and_then(|target| target.strip_prefix(TARGET_PREFIX)).map(str::to_owned) else {
            // Another service behind the same endpoint.
            return match &self.backend {
                Backend::Upstream(_) => {
                    self.forward(&parts, body).await.map(|(status, body)| answer(status, CONTENT_TYPE, body))
                }
                Backend::Canned => Ok(answer(404, CONTENT_TYPE, "{}")),
            };
        };
        *locked(&self.counts).requests.entry(operation.clone()).or_default() += 1;
        match &self.backend {
            Backend::Canned => {
                let answer = locked(&self.answers).get(&operation).cloned();
                Ok(json(answer.unwrap_or(Bytes::from_static(b"{}"))))
            }
            Backend::Upstream(_) => self.pass_on(&operation, &parts, body).await,
        }
    }

    async fn pass_on(&self, operation: &str, parts: &Parts, body: Bytes) -> Reply {
        let (status, answered) = self.forward(parts, body.clone()).await?;
        if status == 200 {
            let asked = serde_json::from_slice(&body).unwrap_or_default();
            let mut written = put_bytes(operation, &asked);
            for update in updates(operation, &asked) {
                written += self.size_now(parts, update).await?;
            }
            let read = read_bytes(operation, &serde_json::from_slice(&answered).unwrap_or_default());
            let mut counts = locked(&self.counts);
            counts.written_bytes += written;
            counts.read_bytes += read;
            locked(&self.answers).insert(operation.to_owned(), answered.clone());
        }
        Ok(answer(status, CONTENT_TYPE, answered))
    }

    /// Reads the size of an updated item, which the update does not say.
    async fn size_now(&self, parts: &Parts, update: &Value) -> Result<usize, Cut> {
        let body = value!({ "TableName": update["TableName"], "Key": update["Key"], "ConsistentRead": true });
        let mut asking = parts.clone();
        asking.headers.insert(TARGET, HeaderValue::from_static("DynamoDB_20120810.GetItem"));
        let (_, answered) = self.forward(&asking, body.to_string().into()).await?;
        let answered: Value = serde_json::from_slice(&answered).unwrap_or_default();
        Ok(answered.get("Item").map_or(0, item_size))
    }

    async fn forward(&self, parts: &Parts, body: Bytes) -> Result<(u16, Bytes), Cut> {
        let Backend::Upstream(Upstream { base, client }) = &self.backend else {
            return Err(Cut);
        };
        let mut uri = base.clone().into_parts();
        uri.path_and_query = parts.uri.path_and_query().cloned();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = Uri::from_parts(uri).map_err(|_| Cut)?;
        *request.headers_mut() = without_length(&parts.headers);
        let response = client.request(request).await.map_err(|_| Cut)?;
        let status = response.status().as_u16();
        Ok((status, collect(response.into_body()).await?))
    }
}

fn without_length(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove(CONTENT_LENGTH);
    headers
}

fn members<'a>(list: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    list.as_array().into_iter().flatten().filter_map(move |entry| entry.get(name))
}

/// Returns the size of all items that a request puts.
fn put_bytes(operation: &str, asked: &Value) -> usize {
    match operation {
        "PutItem" => item_size(&asked["Item"]),
        "TransactWriteItems" => members(&asked["TransactItems"], "Put").map(|put| item_size(&put["Item"])).sum(),
        "BatchWriteItem" => {
            let tables = asked["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values());
            tables.flat_map(|table| members(table, "PutRequest")).map(|put| item_size(&put["Item"])).sum()
        }
        _ => 0,
    }
}

fn updates<'a>(operation: &str, asked: &'a Value) -> Vec<&'a Value> {
    match operation {
        "UpdateItem" => vec![asked],
        "TransactWriteItems" => members(&asked["TransactItems"], "Update").collect(),
        _ => Vec::new(),
    }
}

/// Returns the size of all items in an answer.
fn read_bytes(operation: &str, answered: &Value) -> usize {
    let list = |items: &Value| items.as_array().into_iter().flatten().map(item_size).sum::<usize>();
    match operation {
        "Query" | "Scan" => list(&answered["Items"]),
        "GetItem" => item_size(&answered["Item"]),
        "BatchGetItem" => {
            answered["Responses"].as_object().into_iter().flat_map(|tables| tables.values()).map(list).sum()
        }
        "TransactGetItems" => members(&answered["Responses"], "Item").map(item_size).sum(),
        _ => 0,
    }
}
