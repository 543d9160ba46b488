//! `/v1/conversations`: what a conversation is to its owner, and to everybody else.

use serde_json::{Value, json};

use crate::gateway::{Gateway, QUICK_AGENT};

fn path_of(turn: &Value) -> String {
    format!("/v1/conversations/{}", turn["conversation_id"].as_str().unwrap())
}

fn texts(transcript: &Value) -> Vec<(&str, &str)> {
    let messages = transcript["messages"].as_array().unwrap();
    messages.iter().map(|one| (one["role"].as_str().unwrap(), one["text"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_conversation_lives_from_its_first_turn_to_its_erasure() {
    let alice = Gateway::of("alice");
    let first = alice.turn(QUICK_AGENT, "My favourite colour is teal.", None).await;
    let id = first["conversation_id"].as_str().unwrap();
    let second = alice.turn(QUICK_AGENT, "Which colour is my favourite?", Some(id)).await;
    assert_eq!(second["conversation_id"], id);
    assert_ne!(first["id"], second["id"]);

    let transcript = alice.get(&path_of(&first)).await.json(200);
    let expected = [
        ("user", "My favourite colour is teal."),
        ("assistant", first["output"].as_str().unwrap()),
        ("user", "Which colour is my favourite?"),
        ("assistant", second["output"].as_str().unwrap()),
    ];
    assert_eq!(texts(&transcript), expected);
    assert_eq!((transcript["id"].as_str(), transcript["agent"].as_str()), (Some(id), Some(QUICK_AGENT)));
    assert_eq!(transcript["next_cursor"], Value::Null);

    assert_eq!(alice.delete(&path_of(&first)).await.status, 204);
    alice.get(&path_of(&first)).await.problem(404);
    assert_eq!(alice.delete(&path_of(&first)).await.status, 204, "its owner may ask again");
    Gateway::of("bob").delete(&path_of(&first)).await.problem(404);
    let further = json!({ "prompt": "Are you there?", "conversation_id": id });
    alice.invoke(QUICK_AGENT, &further).await.problem(404);
    let list = alice.get("/v1/conversations?limit=100").await.json(200);
    assert!(!list["conversations"].as_array().unwrap().iter().any(|one| one["id"] == id), "an erased one is listed");
}

#[tokio::test]
async fn the_list_has_the_newest_first_with_its_title() {
    let admin = Gateway::of("admin");
    let older = admin.turn(QUICK_AGENT, "The older one.", None).await;
    let newer = admin.turn(QUICK_AGENT, "The newer one.", None).await;
    let list = admin.get("/v1/conversations?limit=100").await.json(200);
    let listed = list["conversations"].as_array().unwrap();
    let place = |turn: &Value| listed.iter().position(|one| one["id"] == turn["conversation_id"]).unwrap();
    assert!(place(&newer) < place(&older), "{list}");
    assert_eq!(listed[place(&older)]["title"], "The older one.");
    assert_eq!(listed[place(&older)]["agent"], QUICK_AGENT);
    assert!(listed.is_sorted_by_key(|one| std::cmp::Reverse(one["updated_at"].as_str())), "{list}");
    admin.turn(QUICK_AGENT, "Come up.", older["conversation_id"].as_str()).await;
    let again = admin.get("/v1/conversations?limit=1").await.json(200);
    assert_eq!(again["conversations"][0]["id"], older["conversation_id"], "{again}");
    let cursor = again["next_cursor"].as_str().unwrap();
    let next = admin.get(&format!("/v1/conversations?limit=1&cursor={cursor}")).await.json(200);
    assert_eq!(next["conversations"][0]["id"], newer["conversation_id"], "{next}");
    for turn in [older, newer] {
        assert_eq!(admin.delete(&path_of(&turn)).await.status, 204);
    }
}

#[tokio::test]
async fn a_transcript_comes_in_pages() {
    let alice = Gateway::of("alice");
    let first = alice.turn(QUICK_AGENT, "One.", None).await;
    let second = alice.turn(QUICK_AGENT, "Two.", first["conversation_id"].as_str()).await;
    let mut read = Vec::new();
    let mut query = "?limit=1".to_owned();
    loop {
        let page = alice.get(&(path_of(&first) + &query)).await.json(200);
        read.extend(texts(&page).into_iter().map(|(_, text)| text.to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=1&cursor={cursor}");
    }
    assert_eq!(read, ["One.", first["output"].as_str().unwrap(), "Two.", second["output"].as_str().unwrap()]);
    for bad in ["?limit=0", "?limit=1001", "?limit=x", "?cursor=nonsense", "?page=2"] {
        alice.get(&(path_of(&first) + bad)).await.problem(400);
    }
    alice.delete(&path_of(&first)).await;
}

#[tokio::test]
async fn no_other_user_can_see_use_or_erase_it() {
    let alice = Gateway::of("alice");
    let turn = alice.turn(QUICK_AGENT, "This is mine.", None).await;
    for other in ["bob", "admin", "mallory"] {
        let other = Gateway::of(other);
        other.get(&path_of(&turn)).await.problem(404);
        other.delete(&path_of(&turn)).await.problem(404);
        let body = json!({ "prompt": "Tell me.", "conversation_id": turn["conversation_id"] });
        other.invoke(QUICK_AGENT, &body).await.problem(404);
        let list = other.get("/v1/conversations?limit=100").await.json(200);
        assert!(!list["conversations"].as_array().unwrap().iter().any(|one| one["id"] == turn["conversation_id"]));
    }
    assert_eq!(texts(&alice.get(&path_of(&turn)).await.json(200)).len(), 2);
    alice.delete(&path_of(&turn)).await;
}

#[tokio::test]
async fn an_id_of_another_form_is_not_found() {
    let alice = Gateway::of("alice");
    for id in ["x", "00000000-0000-4000-8000-000000000000", "%00", "..%2f..", &"a".repeat(2000)] {
        alice.get(&format!("/v1/conversations/{id}")).await.problem(404);
        alice.delete(&format!("/v1/conversations/{id}")).await.problem(404);
    }
}
