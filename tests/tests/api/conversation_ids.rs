//! The conversations that a caller can name.

use serde_json::json;

use crate::world::{Request, World};

const UNKNOWN: &str = "3d1c1f2e-7777-4abc-9def-000000000001";

#[tokio::test]
async fn a_conversation_continues() {
    let world = World::new();
    let first = world.turn("alice", "default", json!({"prompt": "one"})).await;
    let id = first.text_of("conversation_id").to_owned();
    let second = world.turn("alice", "default", json!({"prompt": "two", "conversation_id": id})).await;
    assert_eq!(second.text_of("conversation_id"), id);
    assert_eq!(world.model.requests()[1].prompt.messages.len(), 3);
    let shown = world.get("alice", &format!("/v1/conversations/{id}")).await;
    let texts: Vec<(u64, &str, &str)> = shown.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["sequence"].as_u64().unwrap(), one["role"].as_str().unwrap(), one["text"].as_str().unwrap()))
        .collect();
    assert_eq!(texts, [(1, "user", "one"), (2, "assistant", "one"), (3, "user", "two"), (4, "assistant", "two")]);
    assert_eq!((shown.text_of("agent"), shown.text_of("title")), ("default", "one"));
    assert!(shown.text_of("created_at").ends_with('Z'));
    assert!(shown.body["next_cursor"].is_null());
}

#[tokio::test]
async fn a_conversation_of_another_user_does_not_exist() {
    let world = World::new();
    let id = world.turn("alice", "default", json!({"prompt": "secret"})).await.text_of("conversation_id").to_owned();
    // bob is of another tenant, carol of alice's, the administrator too.
    for (who, id) in [("bob", id.as_str()), ("carol", &id), ("admin", &id), ("alice", UNKNOWN)] {
        let expected = "there is no such conversation, or you may not see it";
        let used = world.turn(who, "default", json!({"prompt": "hi", "conversation_id": id})).await;
        assert_eq!(used.is_problem(404, "not-found"), expected);
        for method in ["GET", "DELETE"] {
            let request = Request::new(method, &format!("/v1/conversations/{id}")).token(world.token(who));
            assert_eq!(world.send(&request).await.is_problem(404, "not-found"), expected, "{who} {method}");
        }
        assert_eq!(world.get("bob", "/v1/conversations").await.body["conversations"], json!([]));
    }
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn the_same_sub_in_another_tenant_is_another_user() {
    let world = World::new();
    let id = world.turn("alice", "default", json!({"prompt": "hi"})).await.text_of("conversation_id").to_owned();
    let other_tenant = world.pool.access_token("alice").groups(&["tenant:other", "user"]).signed();
    let request = Request::new("GET", &format!("/v1/conversations/{id}")).token(other_tenant);
    world.send(&request).await.is_problem(404, "not-found");
}

#[tokio::test]
async fn a_path_without_a_valid_id_is_not_found() {
    let world = World::new();
    for id in ["nonsense", "3D1C1F2E-7777-4ABC-9DEF-000000000001", "3d1c1f2e77774abc9def000000000001", "%00", "..%2F.."]
    {
        world.get("alice", &format!("/v1/conversations/{id}")).await.is_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_conversation_belongs_to_its_agent() {
    let world = World::new();
    let id = world.turn("alice", "default", json!({"prompt": "hi"})).await.text_of("conversation_id").to_owned();
    let answer = world.turn("alice", "acme-only", json!({"prompt": "hi", "conversation_id": id})).await;
    answer.is_problem(422, "invalid-request");
    assert_eq!(answer.body["errors"][0]["pointer"], "/conversation_id");
}

#[tokio::test]
async fn an_erased_conversation_is_gone_at_once() {
    let world = World::new();
    let id = world.turn("alice", "default", json!({"prompt": "hi"})).await.text_of("conversation_id").to_owned();
    let path = format!("/v1/conversations/{id}");
    let erase = Request::new("DELETE", &path).token(world.token("alice"));
    let erased = world.send(&erase).await;
    assert_eq!((erased.status, erased.text.as_str(), erased.header("content-type")), (204, "", None));
    world.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(world.send(&erase).await.status, 204, "its owner may ask again");
    world.send(&erase.clone().token(world.token("bob"))).await.is_problem(404, "not-found");
    world.get("alice", &path).await.is_problem(404, "not-found");
    let body = json!({"prompt": "hi", "conversation_id": id});
    world.turn("alice", "default", body).await.is_problem(404, "not-found");
    assert_eq!(world.get("alice", "/v1/conversations").await.body["conversations"], json!([]));
}
