//! `limit` and `cursor`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;

fn ids(page: &Value) -> Vec<String> {
    page["conversations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn conversations_come_newest_first_page_by_page() {
    let world = World::new();
    let mut expected = Vec::new();
    for number in 0..5 {
        world.clock.advance(Duration::from_secs(1));
        let answer = world.turn("alice", "default", json!({"prompt": format!("number {number}")})).await;
        expected.insert(0, answer.text_of("conversation_id").to_owned());
    }
    let mut seen = Vec::new();
    let mut path = "/v1/conversations?limit=2".to_owned();
    loop {
        let page = world.get("alice", &path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        seen.extend(ids(&page.body));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/conversations?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    assert_eq!(ids(&world.get("alice", "/v1/conversations").await.body), expected);
}

#[tokio::test]
async fn a_transcript_comes_oldest_first_page_by_page() {
    let world = World::new();
    let id = world.turn("alice", "default", json!({"prompt": "0"})).await.text_of("conversation_id").to_owned();
    for number in 1..4 {
        world.turn("alice", "default", json!({"prompt": number.to_string(), "conversation_id": id})).await;
    }
    let mut sequences = Vec::new();
    let mut path = format!("/v1/conversations/{id}?limit=3");
    loop {
        let page = world.get("alice", &path).await;
        sequences.extend(page.body["messages"].as_array().unwrap().iter().map(|one| one["sequence"].as_u64().unwrap()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/conversations/{id}?limit=3&cursor={cursor}");
    }
    assert_eq!(sequences, (1..=8).collect::<Vec<u64>>());
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let world = World::new();
    let id = world.turn("alice", "default", json!({"prompt": "0"})).await.text_of("conversation_id").to_owned();
    let list = "/v1/conversations".to_owned();
    let one = format!("/v1/conversations/{id}");
    // "m:5", "x:5" and "l:1:…" in base64url: a cursor of one endpoint is invalid for another.
    for (path, query, named) in [
        (&list, "limit=0", "limit"),
        (&list, "limit=101", "1 to 100"),
        (&list, "limit=-1", "limit"),
        (&list, "limit=ten", "limit"),
        (&list, "limit=1&limit=2", "twice"),
        (&list, "cursor=nonsense", "cursor"),
        (&list, "cursor=", "cursor"),
        (&list, "cursor=bTo1", "cursor"),
        (&list, "page=2", "page is unknown"),
        (&one, "limit=1001", "1 to 1000"),
        (&one, "cursor=%00", "cursor"),
        (&one, "cursor=eDo1", "cursor"),
        (&one, "cursor=bDoxOjNkMWMxZjJlLTc3NzctNGFiYy05ZGVmLTAwMDAwMDAwMDAwMQ", "cursor"),
    ] {
        let answer = world.get("alice", &format!("{path}?{query}")).await;
        let detail = answer.is_problem(400, "invalid-parameter");
        assert!(detail.contains(named), "{query}: {detail}");
    }
    assert_eq!(world.get("alice", &format!("{list}?limit=100")).await.status, 200);
    assert_eq!(world.get("alice", &format!("{one}?limit=1000&cursor=bTo1")).await.body["messages"], json!([]));
}
