//! The sources of secrets against the local cloud.

mod local_cloud;

use std::sync::Arc;

use openclaw::aws::{AwsRequest, AwsService, CallLimits};
use openclaw::domain::{Clock, SecretRef, SecretTemplate, Timestamp};
use openclaw::secrets::{
    CachingSecretResolver, ParameterStoreSource, SecretError, SecretResolver, SecretSource, SecretSources,
    SecretsManagerSource,
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
async fn what_is_missing_is_not_found() {
    let context = local_cloud::context();
    let secret = SecretRef::Secret { name: fresh_name(), key: None };
    let error = SecretsManagerSource::new(context.clone(), "").fetch(&secret).await.unwrap_err();
    assert!(matches!(error, SecretError::NotFound { .. }), "{error:?}");
    let store = ParameterStoreSource::new(&context);
    let name = format!("/{}", fresh_name());
    let error = store.fetch(&SecretRef::Parameter(name.clone())).await.unwrap_err();
    assert!(matches!(error, SecretError::NotFound { .. }), "{error:?}");
    let error = store.read_document(&name).await.unwrap_err();
    assert!(matches!(error, SecretError::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn a_document_is_read_whole_or_in_parts() {
    let context = local_cloud::context();
    let client = context.client(AwsService::Ssm, CallLimits::QUICK);
    let name = format!("/{}", fresh_name());
    let put = async |name: String, value: &str| {
        let input = json!({ "Name": name, "Value": value, "Type": "SecureString", "Overwrite": true });
        let request = AwsRequest::json_1_1("AmazonSSM.PutParameter", &input).unwrap();
        client.send(&request).await.map(drop).unwrap();
    };
    let store = ParameterStoreSource::new(&context);
    put(name.clone(), "whole: 1\n").await;
    let first = store.read_document(&name).await.unwrap();
    assert_eq!(first.text, "whole: 1\n");
    put(name.clone(), "whole: 2\n").await;
    let second = store.read_document(&name).await.unwrap();
    assert_eq!(second.text, "whole: 2\n");
    assert_ne!(first.version, second.version);
    for part in 1..=11 {
        put(format!("{name}/{part}"), &format!("{part};")).await;
    }
    assert_eq!(store.read_document(&name).await.unwrap().text, "1;2;3;4;5;6;7;8;9;10;11;");
    let secret = store.fetch(&SecretRef::Parameter(format!("{name}/3"))).await.unwrap();
    assert_eq!(secret.expose_secret(), "3;");
}
