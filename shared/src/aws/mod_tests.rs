use super::*;

fn settings() -> AwsSettings {
    AwsSettings {
        region: "eu-central-1".to_owned(),
        credentials: AwsCredentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "hidden-key".into(),
            session_token: Some("hidden-token".into()),
        },
        endpoint_url: None,
        service_endpoints: BTreeMap::new(),
    }
}

fn context(settings: AwsSettings) -> AwsContext {
    AwsContext::new(settings, https_client(None).unwrap())
}

#[test]
fn debug_shows_no_secret() {
    let context = context(settings());
    let config = context.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    let shown = format!("{context:?} {config:?}");
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn without_an_override_the_service_is_at_its_own_address() {
    let config = context(settings()).sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    assert_eq!(config.endpoint_url(), None);
    assert_eq!(config.region().map(Region::as_ref), Some("eu-central-1"));
}

#[test]
fn a_services_own_endpoint_goes_before_the_common_one() {
    let mut settings = settings();
    settings.endpoint_url = Some("http://127.0.0.1:4566".to_owned());
    settings.service_endpoints.insert(AwsService::Ssm, "http://127.0.0.1:9".to_owned());
    let context = context(settings);
    let ssm = context.sdk_config(AwsService::Ssm, CallLimits::QUICK);
    let dynamo = context.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    assert_eq!(ssm.endpoint_url(), Some("http://127.0.0.1:9"));
    assert_eq!(dynamo.endpoint_url(), Some("http://127.0.0.1:4566"));
}

#[test]
fn a_call_is_tried_at_least_once() {
    let limits = CallLimits { max_attempts: 0, ..CallLimits::QUICK };
    let config = context(settings()).sdk_config(AwsService::Bedrock, limits);
    assert_eq!(config.retry_config().map(RetryConfig::max_attempts), Some(1));
}

#[test]
fn extra_authorities_must_be_certificates() {
    for pem in [&b""[..], b"not pem", b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"] {
        assert!(https_client(Some(pem)).is_err());
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let server = wiremock::MockServer::start().await;
    let elsewhere = wiremock::ResponseTemplate::new(307).insert_header("location", "/elsewhere");
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(elsewhere).mount(&server).await;
    let client = https_client(None).unwrap();
    let answer = client.get(server.uri()).header("authorization", "Bearer key").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 307);
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "a credential goes nowhere else");
}
