use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::aws::local_context;

/// Starts a store of `name → value`; every version is 2.
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

#[tokio::test]
async fn existing_parameters_are_read_in_one_call() {
    let (server, source) = store(&[("/a".to_owned(), "one"), ("/b".to_owned(), "two")]).await;
    let names = ["/a", "/b", "/c"].map(str::to_owned);
    let found = source.read_parameters(&names).await.unwrap();
    let expected = [("/a", "one"), ("/b", "two")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(found, BTreeMap::from(expected));
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
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
