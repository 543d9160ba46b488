//! The function that API Gateway asks about tokens.

use std::sync::atomic::Ordering;
use std::time::Duration;

use openclaw::api::{AuthorizerHandler, NotAuthorized};
use openclaw::lambda::{AuthorizerPolicy, Handler};
use serde_json::{Value, json};

use crate::world::World;

const EVENT: &str = include_str!("../../../events/authorizer-request.json");

async fn ask(world: &World, change: impl FnOnce(&mut Value)) -> Result<AuthorizerPolicy, NotAuthorized> {
    let mut event: Value = serde_json::from_str(&EVENT.replace("REPLACE_WITH_TOKEN", &world.token("alice"))).unwrap();
    change(&mut event);
    let handler = AuthorizerHandler::new(world.server());
    handler.handle(serde_json::from_value(event).unwrap(), &world.invocation(Duration::from_secs(10))).await
}

#[tokio::test]
async fn a_good_token_passes_to_every_path_of_the_stage() {
    let world = World::new();
    let policy = serde_json::to_value(ask(&world, |_| {}).await.unwrap()).unwrap();
    // API Gateway keeps it for the token, whatever path is asked for next.
    let resource = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/live/*";
    assert_eq!(
        policy,
        json!({
            "principalId": "caller",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource }],
            },
        })
    );
    assert!(world.metrics.lock().unwrap().is_empty(), "the function behind counts the request");
}

#[tokio::test]
async fn a_bad_token_is_refused_with_the_text_that_api_gateway_answers_401_to() {
    let world = World::new();
    let headers = |value: &str| json!({ "Authorization": [value] });
    for value in ["", "Bearer", "Bearer x.y.z", &format!("Basic {}", world.token("alice"))] {
        let refused = ask(&world, |event| event["multiValueHeaders"] = headers(value)).await.unwrap_err();
        assert_eq!((refused, refused.to_string().as_str()), (NotAuthorized::Token, "Unauthorized"), "{value}");
    }
    let both = format!("Bearer {}", world.token("alice"));
    let two = ask(&world, |event| event["multiValueHeaders"] = json!({ "Authorization": [both, both] })).await;
    assert_eq!(two.unwrap_err(), NotAuthorized::Token);
    let line: Value = serde_json::from_str(world.metrics.lock().unwrap().last().unwrap()).unwrap();
    assert_eq!((&line["Requests"], &line["Errors"]), (&json!(1), &json!(0)), "{line}");
}

#[tokio::test]
async fn what_cannot_be_verified_does_not_pass() {
    let world = World::new();
    world.keys.down.store(true, Ordering::Relaxed);
    assert_eq!(ask(&world, |_| {}).await.unwrap_err(), NotAuthorized::Unknown);
    let world = World::new();
    assert_eq!(ask(&world, |event| event["methodArn"] = json!("nonsense")).await.unwrap_err(), NotAuthorized::Unknown);
    assert_ne!(NotAuthorized::Unknown.to_string(), "Unauthorized");
}
