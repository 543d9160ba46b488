use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{HttpKeySetSource, KeySet, KeySetError, KeySetSource, MAX_KEY_SET_BYTES};
use crate::testing::tokens::TestPool;

fn parse(keys: &Value) -> Result<KeySet, KeySetError> {
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
}

fn changed(key: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut key = key.clone();
    key[name] = value.into();
    key
}

fn without(key: &Value, name: &str) -> Value {
    let mut key = key.clone();
    key.as_object_mut().unwrap().remove(name);
    key
}

#[test]
fn unusable_keys_are_ignored_and_the_others_are_kept() {
    let pool = TestPool::new();
    let good = pool.jwk();
    let short = good["n"].as_str().unwrap()[..340].to_owned();
    let passed_over = [
        changed(&good, "kty", "EC"),
        changed(&good, "use", "enc"),
        changed(&good, "alg", "RS512"),
        changed(&good, "alg", "RSA-OAEP"),
        changed(&good, "kid", ""),
        changed(&good, "kid", 7),
        without(&good, "kid"),
        without(&good, "n"),
        changed(&good, "n", short),
        changed(&good, "n", ""),
        changed(&good, "n", "not base64!"),
        changed(&good, "e", ""),
        changed(&good, "e", "AQ"),
        changed(&good, "e", "AAAC"),
        json!("a string"),
        json!(null),
    ];
    for key in &passed_over {
        assert!(matches!(parse(&json!([key])), Err(KeySetError::Empty)), "{key}");
    }
    let mut all = passed_over.to_vec();
    all.push(changed(&good, "kid", "good"));
    assert!(parse(&json!(all)).unwrap().key("good").is_some());
}

#[test]
fn use_and_algorithm_are_optional_and_a_leading_zero_is_accepted() {
    let good = TestPool::new().jwk();
    for key in [without(&good, "use"), without(&good, "alg"), changed(&good, "e", "AAEAAQ")] {
        assert!(parse(&json!([key])).unwrap().key("test-key-1").is_some(), "{key}");
    }
}

#[test]
fn a_document_that_is_not_a_key_set_is_refused() {
    for document in ["", "{", "[]", "{}", r#"{"keys":{}}"#, "<html>"] {
        assert!(matches!(KeySet::parse(document.as_bytes()), Err(KeySetError::Malformed(_))), "{document}");
    }
    assert!(matches!(parse(&json!([])), Err(KeySetError::Empty)));
}

async fn served(answer: ResponseTemplate) -> Result<KeySet, KeySetError> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path("/keys")).respond_with(answer).expect(1).mount(&server).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    HttpKeySetSource::new(client, format!("{}/keys", server.uri())).fetch().await
}

#[tokio::test]
async fn a_key_set_is_fetched_by_http() {
    let keys = served(ResponseTemplate::new(200).set_body_string(TestPool::new().jwks_json())).await.unwrap();
    assert!(keys.key("test-key-1").is_some());
    assert!(keys.key("another").is_none());
}

#[tokio::test]
async fn every_other_response_has_its_own_error() {
    let good = TestPool::new().jwks_json();
    let failed = served(ResponseTemplate::new(500).set_body_string(&good)).await;
    assert!(matches!(failed, Err(KeySetError::Status(500))));
    let failed = served(ResponseTemplate::new(204)).await;
    assert!(matches!(failed, Err(KeySetError::Status(204))));
    let failed = served(ResponseTemplate::new(200).set_body_string("<html>")).await;
    assert!(matches!(failed, Err(KeySetError::Malformed(_))));
    let failed = served(ResponseTemplate::new(200).set_body_string(r#"{"keys":[]}"#)).await;
    assert!(matches!(failed, Err(KeySetError::Empty)));
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_no_further() {
    let mut document = TestPool::new().jwks_json();
    document.push_str(&" ".repeat(MAX_KEY_SET_BYTES - document.len()));
    assert!(served(ResponseTemplate::new(200).set_body_string(&document)).await.is_ok());
    document.push(' ');
    let failed = served(ResponseTemplate::new(200).set_body_string(&document)).await;
    assert!(matches!(failed, Err(KeySetError::TooLarge)));
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let failed = HttpKeySetSource::new(client, format!("http://{address}/keys")).fetch().await;
    assert!(matches!(failed, Err(KeySetError::Unreachable(_))));
}

#[tokio::test]
async fn a_server_that_never_answers_is_unreachable() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut source = HttpKeySetSource::new(client, format!("http://{}/keys", listener.local_addr().unwrap()));
    assert_eq!(source.timeout, Duration::from_secs(5));
    source.timeout = Duration::from_millis(50);
    let failed = tokio::time::timeout(Duration::from_secs(3), source.fetch()).await;
    assert!(matches!(failed, Ok(Err(KeySetError::Unreachable(_)))));
}
