use std::collections::BTreeMap;

use super::*;
use crate::aws::{AwsCredentials, https_client};
use crate::testing::{FixedRandom, ManualClock};

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
    let (clock, random) = (ManualClock::at(0), Arc::new(FixedRandom::default()));
    AwsContext::new(settings, https_client(None).unwrap(), clock, random)
}

#[test]
fn debug_shows_no_secret() {
    let context = context(settings());
    let config = context.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    let client = context.client(AwsService::Ssm, CallLimits::QUICK).with_bearer("hidden-api-key".into());
    let shown = format!("{context:?} {config:?} {client:?}");
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
    assert_eq!(context.client(AwsService::Ssm, CallLimits::QUICK).endpoint(), "http://127.0.0.1:9");
    assert_eq!(context.client(AwsService::Lambda, CallLimits::QUICK).endpoint(), "http://127.0.0.1:4566");
    let own = context.client_at(AwsService::ApiGatewayConnections, "https://api.test/live", CallLimits::QUICK);
    assert_eq!(own.endpoint(), "https://api.test/live");
}

#[test]
fn public_addresses_follow_the_regions_partition() {
    for (region, service, expected) in [
        ("eu-central-1", AwsService::Ssm, "https://ssm.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", AwsService::Bedrock, "https://bedrock.us-gov-west-1.amazonaws.com"),
        ("eu-west-1", AwsService::RdsData, "https://rds-data.eu-west-1.amazonaws.com"),
        ("cn-north-1", AwsService::Lambda, "https://lambda.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", AwsService::DynamoDb, "https://dynamodb.eusc-de-east-1.amazonaws.eu"),
        ("us-isob-east-1", AwsService::SecretsManager, "https://secretsmanager.us-isob-east-1.sc2s.sgov.gov"),
    ] {
        let context = context(AwsSettings { region: region.to_owned(), ..settings() });
        assert_eq!(context.client(service, CallLimits::QUICK).endpoint(), expected);
    }
}

#[test]
fn a_call_is_tried_at_least_once() {
    let limits = CallLimits { max_attempts: 0, ..CallLimits::QUICK };
    let config = context(settings()).sdk_config(AwsService::Bedrock, limits);
    assert_eq!(config.retry_config().map(RetryConfig::max_attempts), Some(1));
}
