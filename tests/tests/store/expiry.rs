//! Items whose time to live has ended: DynamoDB may delete them days later, and until then nothing reads them.

use std::time::Duration;

use openclaw::domain::{ConnectionId, Principal, PrincipalKind, TenantId, UserId};
use openclaw::store::{Base, Connection, ConnectionRegistry, ConversationStore, DynamoStore, ListRequest, StoreError};

use super::cloud::{self, ALL, NOW, client, key, turn};

#[tokio::test]
async fn an_expired_item_is_never_read() {
    let clock = cloud::clock();
    let store = DynamoStore::new(client(&cloud::endpoint()), cloud::table().await, clock.clone());
    let key = key();
    // The first turn is kept for 720 hours from now, the second for an hour more.
    let head = store.commit(&turn(&key, Base::New, "early")).await.unwrap();
    let mut later = turn(&key, Base::After(head), "late");
    later.expires_at = NOW.plus(Duration::from_hours(721));
    store.commit(&later).await.unwrap();
    let listing = ListRequest { tenant: key.tenant.clone(), owner: key.owner.clone(), limit: 1, cursor: None };

    clock.advance(Duration::from_hours(720) - Duration::from_secs(1));
    assert_eq!(store.load(&key, ALL).await.unwrap().messages.len(), 4);
    clock.advance(Duration::from_secs(1));
    let texts = |messages: Vec<openclaw::store::StoredMessage>| {
        messages.into_iter().map(|one| one.message.plain_text()).collect::<Vec<_>>()
    };
    assert_eq!(texts(store.load(&key, ALL).await.unwrap().messages), ["late", "re: late"]);
    assert_eq!(texts(store.transcript(&key, 0, 10, 1_000).await.unwrap().messages), ["late", "re: late"]);
    assert_eq!(store.list(&listing).await.unwrap().conversations.len(), 1);

    clock.advance(Duration::from_hours(1));
    assert!(matches!(store.load(&key, ALL).await, Err(StoreError::NotFound)));
    for limit in [1, 10] {
        assert!(matches!(store.transcript(&key, 0, limit, 1_000).await, Err(StoreError::NotFound)));
    }
    assert_eq!(store.list(&listing).await.unwrap().conversations, []);
}

#[tokio::test]
async fn an_expired_entry_of_the_list_does_not_end_it() {
    let clock = cloud::clock();
    let store = DynamoStore::new(client(&cloud::endpoint()), cloud::table().await, clock.clone());
    let (kept, expired) = (key(), key());
    let mut lasting = turn(&kept, Base::New, "kept");
    lasting.expires_at = NOW.plus(Duration::from_hours(1_000));
    store.commit(&lasting).await.unwrap();
    let mut newer = turn(&expired, Base::New, "expired");
    newer.now = NOW.plus(Duration::from_secs(1));
    store.commit(&newer).await.unwrap();
    clock.advance(Duration::from_hours(721));
    let mut request = ListRequest { tenant: kept.tenant.clone(), owner: kept.owner.clone(), limit: 1, cursor: None };
    let mut found = Vec::new();
    for _ in 0..3 {
        let page = store.list(&request).await.unwrap();
        found.extend(page.conversations.into_iter().map(|head| head.conversation));
        match page.next {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, [kept.conversation]);
}

#[tokio::test]
async fn an_expired_connection_is_closed() {
    let clock = cloud::clock();
    let store = DynamoStore::new(client(&cloud::endpoint()), cloud::table().await, clock.clone());
    let principal = Principal {
        kind: PrincipalKind::User,
        user: UserId::new("u"),
        tenant: TenantId::default(),
        groups: ["user".to_owned()].into(),
    };
    let expires_at = NOW.plus(Duration::from_hours(2));
    let (id, connection) =
        (ConnectionId::new("c"), Connection { principal, token_expires_at: NOW, token_origin: None, expires_at });
    store.open(&id, &connection).await.unwrap();
    assert!(store.find(&id).await.unwrap().is_some());
    clock.advance(Duration::from_hours(2));
    assert_eq!(store.find(&id).await.unwrap(), None);
}
