//! Many turns at once on one conversation: nothing lost, doubled or interleaved.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::gateway::{Answer, Gateway, QUICK_AGENT};

const TURNS: usize = 50;

async fn one(alice: Arc<Gateway>, conversation: Value, prompt: String) -> (String, Answer) {
    let body = json!({ "prompt": prompt, "conversation_id": conversation, "max_tokens": 3 });
    let answer = alice.invoke(QUICK_AGENT, &body).await;
    (prompt, answer)
}

#[tokio::test]
async fn fifty_turns_at_once_are_all_answered_and_stored_whole() {
    let alice = Arc::new(Gateway::of("alice"));
    let first = alice.turn(QUICK_AGENT, "Begin.", None).await;
    let mut turns = JoinSet::new();
    for number in 0..TURNS {
        turns.spawn(one(Arc::clone(&alice), first["conversation_id"].clone(), format!("Turn {number}.")));
    }
    let mut answered = BTreeMap::from([("Begin.".to_owned(), first["output"].clone())]);
    for (prompt, answer) in turns.join_all().await {
        answered.insert(prompt, answer.json(200)["output"].clone());
    }

    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let transcript = alice.get(&(path.clone() + "?limit=1000")).await.json(200);
    let messages = transcript["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2 * (TURNS + 1));
    let sequence: Vec<u64> = messages.iter().map(|message| message["sequence"].as_u64().unwrap()).collect();
    assert!(sequence.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a gap or a double: {sequence:?}");
    for turn in messages.chunks(2) {
        assert_eq!((turn[0]["role"].as_str(), turn[1]["role"].as_str()), (Some("user"), Some("assistant")));
        let prompt = turn[0]["text"].as_str().unwrap();
        assert_eq!(answered.remove(prompt).as_ref(), Some(&turn[1]["text"]), "not the answer that {prompt:?} got");
    }
    assert!(answered.is_empty(), "answered but not stored: {answered:?}");
    assert_eq!(alice.delete(&path).await.status, 204);
}
