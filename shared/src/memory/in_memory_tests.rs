use std::sync::Arc;

use super::InMemoryStore;
use crate::testing::conformance::memory;

#[tokio::test]
async fn conforms() {
    memory::run_all(async || Arc::new(InMemoryStore::new()) as Arc<dyn memory::Store>).await;
}

#[tokio::test]
async fn conforms_when_shared() {
    let shared: Arc<dyn memory::Store> = Arc::new(InMemoryStore::new());
    memory::run_all(async || Arc::clone(&shared)).await;
}

#[tokio::test]
async fn agrees_with_itself() {
    memory::compare_with_reference(Arc::new(InMemoryStore::new()), 1, 500).await;
}
