use std::sync::Arc;

use super::{Fault, FaultyStore, Operation};
use crate::store::{ConversationStore, InMemoryStore, StoreError};
use crate::testing::conformance::conversations;

#[tokio::test]
async fn without_faults_it_behaves_as_the_wrapped_store() {
    conversations::run_all(async || Arc::new(FaultyStore::new(InMemoryStore::new())) as Arc<dyn conversations::Store>)
        .await;
}

#[tokio::test]
async fn it_fails_as_often_as_faults_were_injected() {
    let store = FaultyStore::new(InMemoryStore::new());
    store.inject(Operation::Check, Fault::Throttle, 2);
    store.inject(Operation::Check, Fault::LoseAnswer, 1);
    assert!(matches!(store.check().await, Err(StoreError::Throttled)));
    assert!(matches!(store.check().await, Err(StoreError::Throttled)));
    assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
    assert!(store.check().await.is_ok());
    assert_eq!(store.calls(Operation::Check), 4);
}
