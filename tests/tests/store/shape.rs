//! The shape of the items in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use openclaw::store::{Base, ConversationKey, ConversationStore, DynamoStore, StoreError};

use super::cloud::{self, ALL, NOW, client, key, turn};

type Item = HashMap<String, AttributeValue>;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn items(client: &Client, table: &str) -> Vec<Item> {
    let scanned = client.scan().table_name(table).consistent_read(true).send().await.unwrap();
    let mut items = scanned.items.unwrap_or_default();
    items.sort_by_key(|item| item["SK"].as_s().unwrap().clone());
    items
}

fn partition(key: &ConversationKey) -> String {
    format!("T#{}#C#{}", key.tenant, key.conversation)
}

async fn set_up() -> (Client, String, DynamoStore) {
    let (client, table) = (client(&cloud::endpoint()), cloud::table().await);
    let store = DynamoStore::new(client.clone(), table.clone(), cloud::clock());
    (client, table, store)
}

#[tokio::test]
async fn keys_index_and_time_to_live_have_the_documented_shape() {
    let (client, table, store) = set_up().await;
    let key = key();
    let turn = turn(&key, Base::New, "hello");
    store.commit(&turn).await.unwrap();
    let stored = items(&client, &table).await;
    let sort_keys: Vec<&str> = stored.iter().map(|item| item["SK"].as_s().unwrap().as_str()).collect();
    assert_eq!(sort_keys, ["M#0000000001", "M#0000000002", "Z#HEAD"]);
    for item in &stored {
        assert_eq!(item["PK"], text(&partition(&key)));
        assert_eq!(item["ttl"], AttributeValue::N(turn.expires_at.seconds().to_string()));
    }
    assert_eq!(stored[0]["t"], text("hello"), "plain text is stored as it is");
    assert_eq!(stored[2]["GSI1PK"], text(&format!("T#default#U#{}", key.owner)));
    assert_eq!(stored[2]["GSI1SK"], text(&format!("{:015}", NOW.millis())));

    store.erase(&key, NOW).await.unwrap();
    let stored = items(&client, &table).await;
    let tombstone = stored.last().unwrap();
    let owner = tombstone["GSI1PK"].as_s().unwrap();
    assert!(owner.starts_with("E#") && owner.len() == 66, "a digest in place of the owner: {owner}");
    assert!(tombstone.contains_key("GSI1SK") && !tombstone.contains_key("h"), "{tombstone:?}");
    while !store.purge(&key).await.unwrap() {}
    let stored = items(&client, &table).await;
    assert_eq!(stored.len(), 1, "the tombstone stays until its time to live ends");
    assert!(stored[0].contains_key("ttl") && !stored[0].contains_key("GSI1SK"), "{:?}", stored[0]);
}

#[tokio::test]
async fn other_items_of_a_conversation_are_not_read_as_messages() {
    let (client, table, store) = set_up().await;
    let key = key();
    let head = store.commit(&turn(&key, Base::New, "hello")).await.unwrap();
    for sort_key in ["A#RUN#1", "N#later", "M#later", "M#00000000010"] {
        let put = client.put_item().table_name(&table).item("PK", text(&partition(&key)));
        put.item("SK", text(sort_key)).send().await.unwrap();
    }
    assert_eq!(store.load(&key, ALL).await.unwrap().messages.len(), 2);
    let page = store.transcript(&key, 0, 100, 1_000).await.unwrap();
    assert_eq!((page.messages.len(), page.next_after), (2, None));
    store.commit(&turn(&key, Base::After(head), "on")).await.unwrap();
    store.erase(&key, NOW).await.unwrap();
    while !store.purge(&key).await.unwrap() {}
    assert_eq!(items(&client, &table).await.len(), 1, "a purge deletes them all");
}

async fn set(client: &Client, table: &str, key: &ConversationKey, sort_key: &str, name: &str, value: AttributeValue) {
    let update = client.update_item().table_name(table).key("PK", text(&partition(key))).key("SK", text(sort_key));
    let update = update.update_expression("SET #n = :v").expression_attribute_names("#n", name);
    update.expression_attribute_values(":v", value).send().await.unwrap();
}

#[tokio::test]
async fn attributes_of_a_newer_version_are_ignored_and_kept() {
    let (client, table, store) = set_up().await;
    let key = key();
    let head = store.commit(&turn(&key, Base::New, "hello")).await.unwrap();
    for sort_key in ["M#0000000001", "Z#HEAD"] {
        set(&client, &table, &key, sort_key, "open_run", text("run")).await;
    }
    assert_eq!(store.load(&key, ALL).await.unwrap().head, head);
    store.commit(&turn(&key, Base::After(head), "on")).await.unwrap();
    let stored = items(&client, &table).await;
    assert_eq!(stored.last().unwrap()["open_run"], text("run"));
    // An item of a newer revision is an error.
    set(&client, &table, &key, "M#0000000001", "v", AttributeValue::N("2".to_owned())).await;
    let newer = store.load(&key, ALL).await;
    assert!(matches!(newer, Err(StoreError::Corrupt(_))), "{newer:?}");
}

#[tokio::test]
async fn an_expired_message_ends_the_window() {
    let (client, table, store) = set_up().await;
    let key = key();
    let head = store.commit(&turn(&key, Base::New, "1")).await.unwrap();
    store.commit(&turn(&key, Base::After(head), "2")).await.unwrap();
    let delete = client.delete_item().table_name(&table).key("PK", text(&partition(&key)));
    delete.key("SK", text("M#0000000002")).send().await.unwrap();
    let sequences =
        |messages: &[openclaw::store::StoredMessage]| messages.iter().map(|stored| stored.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(&store.load(&key, ALL).await.unwrap().messages), [3, 4]);
    assert_eq!(sequences(&store.transcript(&key, 0, 10, 1_000).await.unwrap().messages), [1, 3, 4]);
}
