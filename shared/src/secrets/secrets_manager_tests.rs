use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::aws::local_context;

fn secret(key: Option<&str>) -> SecretRef {
    SecretRef::Secret { name: "key".to_owned(), key: key.map(str::to_owned) }
}

async fn fetch(reference: &SecretRef, status: u16, body: Value) -> Result<SecretString, SecretError> {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("x-amz-target", "secretsmanager.GetSecretValue"))
        .and(body_json(json!({ "SecretId": "app/key" })))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&server)
        .await;
    SecretsManagerSource::new(local_context(&server.uri()).unwrap(), "app/").fetch(reference).await
}

#[tokio::test]
async fn gives_text_and_keys_of_json() {
    let text = fetch(&secret(None), 200, json!({ "Name": "app/key", "SecretString": "value" })).await.unwrap();
    assert_eq!(text.expose_secret(), "value");
    let body = json!({ "SecretString": r#"{"user":"me","port":5432,"tls":true,"none":null}"# });
    for (key, value) in [("user", "me"), ("port", "5432"), ("tls", "true")] {
        let found = fetch(&secret(Some(key)), 200, body.clone()).await.unwrap();
        assert_eq!(found.expose_secret(), value);
    }
    let reference = secret(Some("absent"));
    assert_eq!(fetch(&reference, 200, body.clone()).await.unwrap_err(), SecretError::NotFound { reference });
    assert!(matches!(fetch(&secret(Some("none")), 200, body).await, Err(SecretError::Unusable { .. })));
}

#[tokio::test]
async fn a_secret_that_is_not_text_or_not_json_is_unusable_and_not_shown() {
    let binary = fetch(&secret(None), 200, json!({ "SecretBinary": "aGk=" })).await.unwrap_err();
    assert!(matches!(binary, SecretError::Unusable { why: "it is binary", .. }));
    let plain = fetch(&secret(Some("k")), 200, json!({ "SecretString": "hidden" })).await.unwrap_err();
    assert!(matches!(plain, SecretError::Unusable { why: "it is not a JSON object", .. }));
    assert!(!format!("{plain:?} {plain}").contains("hidden"));
}

#[tokio::test]
async fn errors_are_sorted_by_their_code() {
    let reference = secret(None);
    let cases = [
        ("ResourceNotFoundException", SecretError::NotFound { reference: reference.clone() }),
        ("AccessDeniedException", SecretError::Forbidden { reference: reference.clone() }),
        (
            "InvalidRequestException",
            SecretError::Unusable { reference: reference.clone(), why: "it is marked for deletion" },
        ),
        ("SomethingNew", SecretError::Unavailable { reference: reference.clone() }),
    ];
    for (code, expected) in cases {
        let body = json!({ "__type": code, "Message": "text that is not passed on" });
        assert_eq!(fetch(&reference, 400, body).await.unwrap_err(), expected, "{code}");
    }
}

#[tokio::test]
async fn an_unreachable_service_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let source = SecretsManagerSource::new(local_context(&format!("http://{address}")).unwrap(), "");
    assert!(matches!(source.fetch(&secret(None)).await, Err(SecretError::Unavailable { .. })));
}
