//! Objects in Amazon S3, by the paths of its REST API (Amazon S3 API Reference).

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;

use super::ports::{AuditObjects, AuditReader, ObjectError, Stored, TextObjects};
use crate::aws::{AwsClient, AwsError, AwsRequest};

/// The largest object that is read, in bytes: a batch of the stream is at most 6 MB, and each entry grows by its hashes.
const MAX_OBJECT_BYTES: usize = 32 * 1024 * 1024;

const TAGGING: HeaderName = HeaderName::from_static("x-amz-tagging");
const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");
const IF_NONE_MATCH: HeaderName = HeaderName::from_static("if-none-match");

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3Bucket {
    client: AwsClient,
    name: String,
}

/// A page of keys.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult {
    #[serde(default)]
    contents: Vec<Content>,
    next_continuation_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    key: String,
}

impl S3Bucket {
    /// Creates a client of the bucket. Does no I/O.
    #[must_use]
    pub fn new(client: AwsClient, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    fn request(&self, method: Method, key: &str, body: String) -> AwsRequest {
        let path: Vec<&str> = [self.name.as_str()].into_iter().chain(key.split('/')).collect();
        AwsRequest::of(method, &path, body)
    }

    /// Returns a request that stores an object, with its checksum: a bucket with Object Lock refuses one without.
    fn put_request(&self, key: &str, body: String) -> AwsRequest {
        let checksum = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes()));
        let request = self.request(Method::PUT, key, body);
        match HeaderValue::from_str(&checksum) {
            Ok(checksum) => request.with_header(CHECKSUM, checksum),
            Err(_) => request,
        }
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        let (mut keys, mut next) = (Vec::new(), None::<String>);
        loop {
            let mut request = AwsRequest::get(&[&self.name])
                .with_query("list-type", "2")
                .with_query("prefix", prefix)
                .with_max_response_bytes(MAX_OBJECT_BYTES);
            if let Some(token) = &next {
                request = request.with_query("continuation-token", token);
            }
            let response = self.client.send(&request).await.map_err(|error| failed(&error))?;
            let text = String::from_utf8_lossy(response.body());
            let page: ListBucketResult = quick_xml::de::from_str(&text)
                .map_err(|_| ObjectError::Unavailable("the list of objects cannot be read".to_owned()))?;
            keys.extend(page.contents.into_iter().map(|content| content.key));
            match page.next_continuation_token {
                Some(token) => next = Some(token),
                None => break,
            }
        }
        keys.sort();
        Ok(keys)
    }
}

#[async_trait]
impl AuditObjects for S3Bucket {
    async fn put_new(&self, key: &str, body: String, agent: Option<&str>) -> Result<Stored, ObjectError> {
        let mut request = self.put_request(key, body).with_header(IF_NONE_MATCH, HeaderValue::from_static("*"));
        // Names of agents need no encoding in a tag.
        if let Some(tag) = agent.and_then(|agent| HeaderValue::from_str(&format!("agent_name={agent}")).ok()) {
            request = request.with_header(TAGGING, tag);
        }
        match self.client.send(&request).await {
            Ok(_) => Ok(Stored::New),
            Err(error) if error.status() == Some(412) => Ok(Stored::Exists),
            Err(error) => Err(failed(&error)),
        }
    }
}

#[async_trait]
impl AuditReader for S3Bucket {
    async fn get(&self, key: &str) -> Result<Option<String>, ObjectError> {
        let request = self.request(Method::GET, key, String::new()).with_max_response_bytes(MAX_OBJECT_BYTES);
        match self.client.send(&request).await {
            Ok(response) => {
                let text = String::from_utf8(response.body().to_vec());
                text.map(Some).map_err(|_| ObjectError::NotText(key.to_owned()))
            }
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        self.keys(prefix).await
    }
}

#[async_trait]
impl TextObjects for S3Bucket {
    async fn put(&self, key: &str, body: String) -> Result<(), ObjectError> {
        self.client.send(&self.put_request(key, body)).await.map(drop).map_err(|error| failed(&error))
    }

    async fn delete_all(&self, prefix: &str) -> Result<(), ObjectError> {
        for key in self.keys(prefix).await? {
            let request = self.request(Method::DELETE, &key, String::new());
            self.client.send(&request).await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

fn failed(error: &AwsError) -> ObjectError {
    let hint = if error.status() == Some(301) { "; the bucket is in another region" } else { "" };
    ObjectError::Unavailable(format!("S3: {error}{hint}"))
}
