use super::*;

#[test]
fn a_foreign_key_set_is_refused_outside_a_developers_machine() {
    let document = |url: &str| {
        json!({
            "llm": { "provider": "bedrock", "model": "m" },
            "authentication": { "user_pool_id": "eu-central-1_Example", "client_id": "c", "jwks_url": url },
        })
    };
    let own = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example/.well-known/jwks.json";
    assert!(with(document(own), &[]).is_ok());
    let local = [("OPENCLAW_LOCAL", "1")];
    assert!(with(document("http://127.0.0.1:4566/keys"), &local).is_ok());
    for foreign in ["https://keys.example.com/jwks.json", "http://127.0.0.1:4566/keys", &own.replace("central", "west")]
    {
        let faults = faults_of(document(foreign), &[]);
        assert!(
            matches!(faults.as_slice(), [only] if only.starts_with("bundle.json: authentication.jwks_url: found another address")),
            "{faults:?}"
        );
    }
    assert_eq!(faults_of(document("http://keys.example.com/"), &local).len(), 1);
}

#[test]
fn a_developers_setting_is_refused_on_aws() {
    let document = || signed_in(json!({ "llm": { "provider": "bedrock", "model": "m" } }));
    let function = [("OPENCLAW_LOCAL", "1"), ("AWS_LAMBDA_FUNCTION_NAME", "openclaw-agent")];
    let expected =
        "environment: OPENCLAW_LOCAL: found 1 in a function on AWS; allowed: unset; 1 only on a developer's machine";
    let with_endpoint = |url| [function[0], function[1], ("AWS_ENDPOINT_URL", url)];
    assert_eq!(faults_of(document(), &function), [expected]);
    assert_eq!(
        faults_of(document(), &with_endpoint("https://vpce-1.dynamodb.eu-central-1.vpce.amazonaws.com")),
        [expected]
    );
    for local in ["http://127.0.0.1:4566", "http://localhost:4566"] {
        assert!(with(document(), &with_endpoint(local)).is_ok(), "{local}");
    }
    assert!(with(document(), &[("AWS_LAMBDA_FUNCTION_NAME", "openclaw-agent")]).is_ok());
}

#[test]
fn the_group_of_operators_is_not_a_group_that_everybody_has() {
    let document = |group: &str| {
        let authentication =
            json!({ "user_pool_id": "eu-central-1_Example", "client_id": "c", "operator_group": group });
        json!({ "llm": { "provider": "bedrock", "model": "m" }, "authentication": authentication })
    };
    assert_eq!(with(document("sre"), &[]).unwrap().operator_group, "sre");
    assert_eq!(good(json!({ "llm": { "provider": "bedrock", "model": "m" } })).operator_group, "operator");
    for group in ["", " ", "user", "tenant:acme"] {
        let faults = faults_of(document(group), &[]);
        assert!(faults[0].starts_with("bundle.json: authentication.operator_group: found"), "{faults:?}");
    }
}
