//! Grants: given by administrators within their tenant, for a time.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Answer, Request, World};

fn body() -> Value {
    json!({ "principal": "agent:default", "grant": "deploy", "reason": "a release", "expires_in": "PT4H" })
}

async fn post(world: &World, who: &str, body: Value) -> Answer {
    world.send(&Request::with_body("POST", "/v1/grants", body).token(world.token(who))).await
}

async fn delete(world: &World, who: &str, id: &str) -> Answer {
    world.send(&Request::new("DELETE", &format!("/v1/grants/{id}")).token(world.token(who))).await
}

#[tokio::test]
async fn an_administrator_gives_lists_and_ends_a_grant() {
    let world = World::new();
    let given = post(&world, "admin", body()).await;
    assert_eq!((given.status, given.text_of("principal"), given.text_of("grant")), (201, "agent:default", "deploy"));
    let id = given.text_of("id").to_owned();
    assert_eq!(given.header("location"), Some(format!("/v1/grants/{id}").as_str()));
    assert_eq!((given.text_of("created_by"), given.text_of("reason")), ("admin", "a release"));
    let list = world.get("admin", "/v1/grants").await;
    assert_eq!(list.body, json!({ "grants": [given.body], "next_cursor": null }));
    assert_eq!(delete(&world, "admin", &id).await.status, 204);
    assert_eq!(delete(&world, "admin", &id).await.status, 404);
    assert_eq!(world.get("admin", "/v1/grants").await.body["grants"], json!([]));
}

#[tokio::test]
async fn a_grant_is_gone_when_it_expires() {
    let world = World::new();
    post(&world, "admin", body()).await;
    world.clock.advance(Duration::from_mins(59));
    assert_eq!(world.get("admin", "/v1/grants").await.body["grants"].as_array().unwrap().len(), 1);
    let mut short = body();
    short["expires_in"] = json!("PT1S");
    post(&world, "admin", short).await;
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.get("admin", "/v1/grants").await.body["grants"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn only_administrators_of_the_tenant_reach_grants() {
    let world = World::new();
    let id = post(&world, "admin", body()).await.text_of("id").to_owned();
    for who in ["alice", "bob", "operator"] {
        let request = Request::new("GET", "/v1/grants").token(world.token(who));
        for answer in [post(&world, who, body()).await, world.send(&request).await, delete(&world, who, &id).await] {
            assert_eq!((answer.status, &answer.body["policy_ids"]), (403, &json!(["admin-only"])), "{who}");
        }
    }
    let boss = world.pool.access_token("boss").groups(&["tenant:other", "admin"]).signed();
    let request = Request::new("DELETE", &format!("/v1/grants/{id}")).token(boss.clone());
    assert_eq!(world.send(&request).await.status, 404, "of another tenant");
    let request = Request::new("GET", "/v1/grants").token(boss);
    assert_eq!(world.send(&request).await.body["grants"], json!([]));
}

#[tokio::test]
async fn every_fault_of_a_grant_is_reported() {
    let world = World::new();
    let bad = json!({ "principal": "alice", "grant": "a b", "reason": " ", "expires_in": "P8D", "more": 1 });
    let answer = post(&world, "admin", bad).await;
    let pointers: Vec<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!((answer.status, pointers), (422, vec!["/principal", "/grant", "/reason", "/expires_in", "/more"]));
    assert_eq!(post(&world, "admin", json!({})).await.body["errors"].as_array().unwrap().len(), 4);
    assert_eq!(post(&world, "admin", json!([])).await.status, 422);
    for path in ["/v1/grants?cursor=x", "/v1/grants?limit=0", "/v1/grants?other=1"] {
        assert_eq!(world.get("admin", path).await.status, 400, "{path}");
    }
    assert_eq!(delete(&world, "admin", "not-a-uuid").await.status, 404);
}

#[tokio::test]
async fn a_value_is_taken_as_it_is_or_refused() {
    let world = World::new();
    for (name, good) in body().as_object().unwrap() {
        let good = good.as_str().unwrap();
        for bad in [format!("{good}\n"), format!(" {good}"), format!("{good}\u{a0}"), format!("{good}\u{0}x")] {
            let mut body = body();
            body[name] = json!(bad);
            let answer = post(&world, "admin", body).await;
            assert_eq!(
                (answer.status, answer.body["errors"][0]["pointer"].as_str()),
                (422, Some(&*format!("/{name}")))
            );
            assert_eq!(answer.body["errors"].as_array().unwrap().len(), 1, "{bad:?}");
        }
    }
    let mut body = body();
    body["reason"] = json!("é".repeat(500));
    assert_eq!(post(&world, "admin", body).await.status, 201);
}

#[tokio::test]
async fn grants_come_in_pages() {
    let world = World::new();
    for _ in 0..3 {
        post(&world, "admin", body()).await;
    }
    let first = world.get("admin", "/v1/grants?limit=2").await;
    assert_eq!(first.body["grants"].as_array().unwrap().len(), 2);
    let cursor = first.text_of("next_cursor");
    let second = world.get("admin", &format!("/v1/grants?limit=2&cursor={cursor}")).await;
    assert_eq!((second.body["grants"].as_array().unwrap().len(), &second.body["next_cursor"]), (1, &Value::Null));
}
