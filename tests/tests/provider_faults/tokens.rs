//! Tokens, and a key set that cannot be fetched.

use openclaw_tests::issuer::Issuer;
use openclaw_tests::server::{Server, answer};
use serde_json::{Value, json};

use crate::scene::{Running, Scene};

/// Returns a token with accepted claims, changed by `changes`.
fn token(agent: &Running, changes: &Value) -> String {
    let issuer = &agent.scene.issuer;
    let mut claims = json!({
        "iss": issuer.issuer(), "client_id": "faults", "token_use": "access", "sub": "someone",
        "username": "someone",         "cognito:groups": ["user"], "iat": 1_700_000_000, "exp": 4_102_444_800_u64,
    });
    let claimed = claims.as_object_mut().unwrap();
    claimed.extend(changes.as_object().unwrap().clone());
    issuer.sign(&claims).unwrap()
}

#[tokio::test]
async fn every_wrong_claim_is_named() {
    let mut agent = Scene::new().await.start().await;
    agent.token = token(&agent, &json!({}));
    assert_eq!(agent.ask("Hello").await.status_code, 200);
    let cases = [
        (json!({ "exp": 1_700_000_100 }), "expired"),
        (json!({ "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other" }), "issuer"),
        (json!({ "client_id": "another" }), "client"),
        (json!({ "token_use": "refresh" }), "use"),
        (json!({ "cognito:groups": ["tenant:a", "tenant:b"] }), "tenant"),
    ];
    for (changes, word) in cases {
        agent.token = token(&agent, &changes);
        let answer = agent.ask("Hello").await;
        assert_eq!(answer.status_code, 401, "{changes}: {answer:?}");
        let challenge = &answer.headers["www-authenticate"];
        assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description="), "{challenge}");
        assert!(challenge.contains(word), "{changes}: {challenge}");
    }
}

#[tokio::test]
async fn another_pools_signature_is_refused() {
    let mut agent = Scene::new().await.start().await;
    let forger = Issuer::start("us-east-1_faults", "faults").await.unwrap();
    agent.token = forger.access_token("someone", &["admin"]).unwrap();
    assert_eq!(agent.ask("Hello").await.status_code, 401);
}

#[tokio::test]
async fn a_key_set_that_redirects_is_not_followed() {
    let scene = Scene::new().await;
    let target = scene.issuer.jwks_url();
    let redirecting = Server::start(move |_| {
        let mut answer = answer(302, "application/json", "");
        answer.headers_mut().insert("location", target.parse().unwrap());
        async move { Ok(answer) }
    })
    .await
    .unwrap();
    let url = format!("{}/.well-known/jwks.json", redirecting.url());
    // The keys behind the redirection would verify the token.
    let mut agent = scene.with("OPENCLAW__AUTHENTICATION__JWKS_URL", &url).start().await;
    assert_eq!(agent.ask("Hello").await.status_code, 503);
}

#[tokio::test]
async fn a_key_set_that_cannot_be_reached_is_not_the_callers_fault() {
    let nobody = "http://127.0.0.1:1/.well-known/jwks.json";
    let mut agent = Scene::new().await.with("OPENCLAW__AUTHENTICATION__JWKS_URL", nobody).start().await;
    let answer = agent.ask("Hello").await;
    assert_eq!(answer.status_code, 503, "{answer:?}");
    assert!(answer.headers.contains_key("retry-after") && !answer.headers.contains_key("www-authenticate"));
}
