use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::aws::local_context;

/// A store of `name → value`; every version is 2.
async fn store(parameters: &[(String, &str)]) -> (MockServer, ParameterStoreSource) {
    let known: BTreeMap<String, String> =
        parameters.iter().map(|(name, value)| (name.clone(), (*value).to_owned())).collect();
    let server = MockServer::start().await;
    Mock::given(header("x-amz-target", "AmazonSSM.GetParameters"))
        .respond_with(move |request: &Request| {
            let body: Value = request.body_json().unwrap();
            let names: Vec<&str> = body["Names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(names.len() <= 10 && body["WithDecryption"] == true);
            let found: Vec<Value> = names
                .iter()
                .rev()
                .filter_map(|name| known.get(*name).map(|value| json!({ "Name": name, "Value": value, "Version": 2 })))
                .collect();
            ResponseTemplate::new(200).set_body_json(json!({ "Parameters": found, "InvalidParameters": [] }))
        })
        .mount(&server)
        .await;
    let source = ParameterStoreSource::new(&local_context(&server.uri()).unwrap());
    (server, source)
}

fn parts(count: usize) -> Vec<(String, &'static str)> {
    (1..=count).map(|part| (format!("/app/config/{part}"), "x")).collect()
}

#[tokio::test]
async fn one_parameter_is_a_document() {
    let (_server, source) = store(&[("/app/config".to_owned(), "text")]).await;
    let document = source.read_document("/app/config").await.unwrap();
    assert_eq!(document, ParameterDocument { text: "text".to_owned(), version: "2".to_owned() });
}

#[tokio::test]
async fn parts_are_joined_in_the_order_of_their_numbers() {
    let mut parameters: Vec<(String, &str)> = vec![("/app/config".to_owned(), "not this")];
    parameters.extend(
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]
            .iter()
            .enumerate()
            .map(|(index, text)| (format!("/app/config/{}", index + 1), *text)),
    );
    let (_server, source) = store(&parameters).await;
    let document = source.read_document("/app/config").await.unwrap();
    assert_eq!(document.text, "abcdefghijk");
    assert_eq!(document.version, "2.2.2.2.2.2.2.2.2.2.2");
}

#[tokio::test]
async fn it_takes_as_many_calls_as_there_are_tens() {
    for (count, calls) in [(1, 1), (8, 1), (9, 2), (18, 2), (19, 3)] {
        let (server, source) = store(&parts(count)).await;
        assert_eq!(source.read_document("/app/config").await.unwrap().text.len(), count);
        assert_eq!(server.received_requests().await.unwrap().len(), calls, "{count} parts");
    }
}

#[tokio::test]
async fn a_missing_document_and_a_missing_part_are_errors() {
    let (_server, source) = store(&[]).await;
    assert!(matches!(source.read_document("/app/config").await, Err(SecretError::NotFound { .. })));
    let mut gap = parts(4);
    gap.remove(1);
    let (_server, source) = store(&gap).await;
    assert!(matches!(source.read_document("/app/config").await, Err(SecretError::Unusable { .. })));
}

#[tokio::test]
async fn a_secret_parameter_is_fetched_decrypted_and_its_errors_sorted() {
    let server = MockServer::start().await;
    let answers = [
        ("/good", 200, json!({ "Parameters": [{ "Name": "/good", "Value": "value", "Version": 1 }] })),
        ("/none", 200, json!({ "Parameters": [], "InvalidParameters": ["/none"] })),
        ("/closed", 400, json!({ "__type": "AccessDeniedException" })),
        ("/key", 400, json!({ "__type": "InvalidKeyId" })),
        ("/odd", 400, json!({ "__type": "SomethingNew" })),
    ];
    for (name, status, body) in answers {
        Mock::given(header("x-amz-target", "AmazonSSM.GetParameters"))
            .and(wiremock::matchers::body_json(json!({ "Names": [name], "WithDecryption": true })))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&server)
            .await;
    }
    let source = ParameterStoreSource::new(&local_context(&server.uri()).unwrap());
    let fetch = async |name: &str| source.fetch(&SecretRef::Parameter(name.to_owned())).await;
    assert_eq!(fetch("/good").await.unwrap().expose_secret(), "value");
    assert!(matches!(fetch("/none").await, Err(SecretError::NotFound { .. })));
    assert!(matches!(fetch("/closed").await, Err(SecretError::Forbidden { .. })));
    assert!(matches!(fetch("/key").await, Err(SecretError::Unusable { .. })));
    assert!(matches!(fetch("/odd").await, Err(SecretError::Unavailable { .. })));
}
