use std::sync::Arc;

use super::InMemoryStore;
use crate::testing::conformance::conversations;

#[tokio::test]
async fn conforms() {
    conversations::run_all(async || Arc::new(InMemoryStore::new()) as Arc<dyn conversations::Store>).await;
}

#[tokio::test]
async fn conforms_when_shared() {
    let shared: Arc<dyn conversations::Store> = Arc::new(InMemoryStore::new());
    conversations::run_all(async || Arc::clone(&shared)).await;
}

#[tokio::test]
async fn agrees_with_itself() {
    conversations::compare_with_reference(Arc::new(InMemoryStore::new()), 1, 500).await;
}
