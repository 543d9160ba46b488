use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::super::{ClientGrant, CognitoSettings};
use super::{Algorithm, CognitoVerifier};
use crate::auth::test_support::{Script, ScriptedSource, StoppedClock};
use crate::auth::{AuthError, TokenFault, TokenVerifier};
use crate::domain::{Principal, PrincipalKind, TenantId};
use crate::testing::tokens::{EXPIRES_AT, ISSUED_AT, TestPool, TokenBuilder};

#[path = "cognito_attack_tests.rs"]
mod attacks;

static POOL: LazyLock<TestPool> = LazyLock::new(TestPool::new);
const ALICE: &str = "0f2c9e6a-4f0b-4a4e-8a9e-1b2c3d4e5f60";
const PROGRAM: &str = "program4567890";

struct World {
    source: Arc<ScriptedSource>,
    clock: Arc<StoppedClock>,
    verifier: CognitoVerifier,
}

impl World {
    fn new() -> Self {
        Self::accepting(vec![Algorithm::RS256])
    }

    fn accepting(algorithms: Vec<Algorithm>) -> Self {
        Self::with(|settings| settings.algorithms = algorithms)
    }

    fn with(change: impl FnOnce(&mut CognitoSettings)) -> Self {
        let source = ScriptedSource::new(Script::Document(POOL.jwks_json()));
        let clock = StoppedClock::new();
        let mut settings = POOL.settings();
        let grant = ClientGrant { tenant: TenantId::new("acme"), groups: BTreeSet::from(["robots".to_owned()]) };
        settings.clients = BTreeMap::from([(PROGRAM.to_owned(), grant)]);
        change(&mut settings);
        let verifier = CognitoVerifier::new(settings, source.clone(), clock.clone());
        Self { source, clock, verifier }
    }

    async fn verify(&self, token: &str) -> Result<Principal, AuthError> {
        self.verifier.verify(token).await.map(|verified| verified.principal)
    }
}

fn alice() -> TokenBuilder<'static> {
    POOL.access_token(ALICE)
}

async fn assert_fault(token: &str, fault: TokenFault, what: &str) {
    assert_eq!(World::new().verify(token).await, Err(AuthError::Token(fault)), "{what}");
}

#[tokio::test]
async fn access_and_id_tokens_of_a_user_give_the_same_principal() {
    let groups = ["tenant:acme", "user", "admin"];
    for token in [alice().groups(&groups), POOL.id_token(ALICE).groups(&groups)] {
        let principal = World::new().verify(&token.signed()).await.unwrap();
        assert_eq!(principal.kind, PrincipalKind::User);
        assert_eq!((principal.user.as_str(), principal.tenant.as_str()), (ALICE, "acme"));
        assert_eq!(principal.groups, BTreeSet::from(["user".to_owned(), "admin".to_owned()]));
    }
}

#[tokio::test]
async fn a_user_without_groups_is_of_the_default_tenant_and_has_no_role() {
    for token in [alice(), alice().groups(&[]), alice().claim("cognito:groups", Value::Null)] {
        let principal = World::new().verify(&token.signed()).await.unwrap();
        assert_eq!((principal.tenant.as_str(), principal.groups.len()), ("default", 0));
    }
}

#[tokio::test]
async fn the_tenant_is_one_well_formed_group() {
    let longest = format!("tenant:{}", "a".repeat(64));
    let principal = World::new().verify(&alice().groups(&[&longest]).signed()).await.unwrap();
    assert_eq!(principal.tenant.as_str().len(), 64);
    let too_long = format!("{longest}a");
    for groups in [
        vec!["tenant:a", "tenant:b"],
        vec!["tenant:"],
        vec!["tenant:a#U#b"],
        vec!["tenant:a b"],
        vec!["tenant:ä"],
        vec!["tenant:tenant:a"],
        vec![too_long.as_str()],
    ] {
        assert_fault(&alice().groups(&groups).signed(), TokenFault::Tenant, &format!("{groups:?}")).await;
    }
}

#[tokio::test]
async fn a_client_gets_tenant_and_groups_from_its_grant_alone() {
    let token = POOL.client_token(PROGRAM).groups(&["tenant:other", "admin"]);
    for token in [token.clone(), token.without_claim("sub")] {
        let principal = World::new().verify(&token.signed()).await.unwrap();
        assert_eq!(principal.kind, PrincipalKind::Client);
        assert_eq!((principal.user.as_str(), principal.tenant.as_str()), ("client:program4567890", "acme"));
        assert_eq!(principal.groups, BTreeSet::from(["robots".to_owned()]));
    }
}

#[tokio::test]
async fn clients_without_a_grant_and_users_with_a_clients_id_are_refused() {
    let users_own_client = POOL.client_id();
    for (what, token, fault) in [
        ("a client without a grant", POOL.client_token("stranger"), TokenFault::Client),
        ("the users' client on its own", POOL.client_token(users_own_client), TokenFault::Client),
        ("a user through a program's client", alice().claim("client_id", PROGRAM), TokenFault::Client),
        ("a user's token without a username", alice().without_claim("username"), TokenFault::Claims),
        ("a sub that is a client's user id", alice().claim("sub", "client:program4567890"), TokenFault::Claims),
        ("a sub with a key's separator", alice().claim("sub", "a#b"), TokenFault::Claims),
        ("an empty sub", alice().claim("sub", ""), TokenFault::Claims),
        ("no sub", alice().without_claim("sub"), TokenFault::Claims),
        ("an id token without a sub", POOL.id_token(ALICE).without_claim("sub"), TokenFault::Claims),
    ] {
        assert_fault(&token.signed(), fault, what).await;
    }
}

#[tokio::test]
async fn times_have_a_minute_of_leeway_to_the_second() {
    let world = World::new();
    let token = alice().expires_at(ISSUED_AT + 3600).claim("nbf", ISSUED_AT + 600).signed();
    for (now, fault) in [
        (ISSUED_AT + 600 - 61, Some(TokenFault::NotYetValid)),
        (ISSUED_AT + 600 - 60, None),
        (ISSUED_AT + 3600, None),
        (ISSUED_AT + 3600 + 59, None),
        (ISSUED_AT + 3600 + 60, Some(TokenFault::Expired)),
        (EXPIRES_AT * 2, Some(TokenFault::Expired)),
    ] {
        world.clock.set_seconds(now);
        assert_eq!(world.verify(&token).await.err(), fault.map(AuthError::Token), "{now}");
    }
    let forever = alice().expires_at(u64::MAX).signed();
    assert!(world.verify(&forever).await.is_ok());
}

#[tokio::test]
async fn an_unreachable_key_set_is_never_the_tokens_fault() {
    let world = World::new();
    world.source.set(Script::Down);
    assert_eq!(world.verify(&alice().signed()).await, Err(AuthError::KeySetUnavailable));
    assert_eq!(world.verifier.check().await, Err(AuthError::KeySetUnavailable));
    world.source.set(Script::Document(POOL.jwks_json()));
    world.clock.advance_seconds(30);
    assert!(world.verify(&alice().signed()).await.is_ok());
    assert_eq!(world.verifier.check().await, Ok(()));
}

#[tokio::test]
async fn an_audience_must_be_the_client_or_a_configured_one() {
    let own = POOL.client_id();
    for audience in [json!(own), json!([own]), json!(["https://other.example.com", own])] {
        let answer = World::new().verify(&alice().claim("aud", audience.clone()).signed()).await;
        assert!(answer.is_ok(), "{audience}: {answer:?}");
    }
    let resource = "https://gateway.example.com";
    let foreign = [json!(resource), json!([resource]), json!([]), json!(7), json!({ "0": own }), json!("")];
    for audience in foreign {
        let tokens = [
            alice().claim("aud", audience.clone()).signed(),
            POOL.client_token(PROGRAM).claim("aud", audience.clone()).signed(),
        ];
        for token in tokens {
            let answer = World::new().verify(&token).await;
            assert_eq!(answer, Err(AuthError::Token(TokenFault::Audience)), "{audience}");
        }
    }
    let world = World::with(|settings| settings.audiences = [resource.to_owned()].into());
    for token in [
        alice().claim("aud", resource).signed(),
        POOL.client_token(PROGRAM).claim("aud", resource).signed(),
        alice().signed(),
    ] {
        assert!(world.verify(&token).await.is_ok());
    }
    let other = world.verify(&alice().claim("aud", "https://gateway.example.com/").signed()).await;
    assert_eq!(other, Err(AuthError::Token(TokenFault::Audience)));
}

#[tokio::test]
async fn every_access_token_needs_the_required_scopes() {
    let world =
        World::with(|settings| settings.required_scopes = ["gateway/call".to_owned(), "openid".to_owned()].into());
    for scope in ["openid gateway/call", "gateway/call other openid"] {
        for token in [alice().claim("scope", scope).signed(), POOL.client_token(PROGRAM).claim("scope", scope).signed()]
        {
            assert!(world.verify(&token).await.is_ok(), "{scope}");
        }
    }
    for scope in ["", "openid", "gateway/call", "openid gateway/call2", "OPENID gateway/call", "openid,gateway/call"] {
        for token in [alice().claim("scope", scope).signed(), POOL.client_token(PROGRAM).claim("scope", scope).signed()]
        {
            assert_eq!(world.verify(&token).await, Err(AuthError::Token(TokenFault::Scope)), "{scope:?}");
        }
    }
    let none = [alice().without_claim("scope").signed(), POOL.id_token(ALICE).signed()];
    for token in none {
        assert_eq!(world.verify(&token).await, Err(AuthError::Token(TokenFault::Scope)));
    }
}
