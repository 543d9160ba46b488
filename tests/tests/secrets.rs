//! The sources of secrets against the local cloud.

mod local_cloud;

use std::sync::Arc;

use openclaw::aws::{AwsRequest, AwsService, CallLimits};
use openclaw::domain::{Clock, SecretRef, SecretTemplate, Timestamp, sha256_hex};
use openclaw::secrets::{
    CachingSecretResolver, ParameterStoreSource, SecretError, SecretResolver, SecretSource, SecretSources,
    SecretsManagerSource, StoredDocumentError, read_changed_document, read_document,
};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

struct Standstill;

impl Clock for Standstill {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

fn fresh_name() -> String {
    #[expect(clippy::disallowed_methods, reason = "tests of one run must not share a name")]
    let id = Uuid::new_v4();
    format!("openclaw-test/{id}")
}

#[tokio::test]
async fn a_rotated_secret_is_seen_after_a_renewal() {
    let context = local_cloud::context();
    let client =
        aws_sdk_secretsmanager::Client::new(&context.sdk_config(AwsService::SecretsManager, CallLimits::QUICK));
    let name = fresh_name();
    client.create_secret().name(&name).secret_string(r#"{"key":"old"}"#).send().await.unwrap();
    let sources = SecretSources {
        secrets_manager: Some(Arc::new(SecretsManagerSource::new(context, ""))),
        ..SecretSources::default()
    };
    let resolver = CachingSecretResolver::new(sources, Arc::new(Standstill));
    let template = SecretTemplate::parse(&format!("{{{{ secrets['{name}#key'] }}}}")).unwrap();
    assert_eq!(resolver.resolve(&template).await.unwrap().expose_secret(), "old");
    client.put_secret_value().secret_id(&name).secret_string(r#"{"key":"new"}"#).send().await.unwrap();
    assert_eq!(resolver.resolve(&template).await.unwrap().expose_secret(), "old");
    assert!(resolver.renew(&template).await.unwrap());
    assert_eq!(resolver.resolve(&template).await.unwrap().expose_secret(), "new");
    client.delete_secret().secret_id(&name).force_delete_without_recovery(true).send().await.unwrap();
}

#[tokio::test]
async fn a_missing_secret_is_not_found() {
    let context = local_cloud::context();
    let secret = SecretRef::Secret { name: fresh_name(), key: None };
    let error = SecretsManagerSource::new(context.clone(), "").fetch(&secret).await.unwrap_err();
    assert!(matches!(error, SecretError::NotFound { .. }), "{error:?}");
    let store = ParameterStoreSource::new(&context);
    let name = format!("/{}", fresh_name());
    let error = store.fetch(&SecretRef::Parameter(name.clone())).await.unwrap_err();
    assert!(matches!(error, SecretError::NotFound { .. }), "{error:?}");
    let error = read_document(&store, &name).await.unwrap_err();
    assert!(matches!(error, StoredDocumentError::Parameter(SecretError::NotFound { .. })), "{error:?}");
}

#[tokio::test]
async fn a_document_is_read_from_its_parts() {
    let context = local_cloud::context();
    let client = context.client(AwsService::Ssm, CallLimits::QUICK);
    let name = format!("/{}", fresh_name());
    let put = async |name: String, value: &str| {
        let input = json!({ "Name": name, "Value": value, "Type": "SecureString", "Overwrite": true });
        let request = AwsRequest::json_1_1("AmazonSSM.PutParameter", &input).unwrap();
        client.send(&request).await.map(drop).unwrap();
    };
    let store = ParameterStoreSource::new(&context);
    for text in ["a;b;c;d;e;f;g;h;i;j;k;", "1;2;"] {
        let sha256 = sha256_hex(text.as_bytes());
        for (index, part) in text.split_inclusive(';').enumerate() {
            put(format!("{name}/{sha256}/{}", index + 1), part).await;
        }
        put(name.clone(), &format!(r#"{{"parts":{},"sha256":"{sha256}"}}"#, text.len() / 2)).await;
        let document = read_document(&store, &name).await.unwrap();
        assert_eq!((document.text.as_str(), &document.sha256), (text, &sha256));
        assert_eq!(read_changed_document(&store, &name, &sha256).await.unwrap(), None);
        let secret = store.fetch(&SecretRef::Parameter(format!("{name}/{sha256}/2"))).await.unwrap();
        assert_eq!(secret.expose_secret(), &text[2..4]);
    }
}
