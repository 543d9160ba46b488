use std::sync::Arc;

use crate::store::InMemoryStore;
use crate::testing::conformance::conversations;

#[tokio::test]
async fn it_passes_the_conformance_suite() {
    conversations::run_all(async || Arc::new(InMemoryStore::new()) as Arc<dyn conversations::Store>).await;
}

#[tokio::test]
async fn it_passes_the_suite_with_one_store_for_all_checks() {
    let shared: Arc<dyn conversations::Store> = Arc::new(InMemoryStore::new());
    conversations::run_all(async || Arc::clone(&shared)).await;
}

#[tokio::test]
async fn it_agrees_with_itself() {
    conversations::compare_with_reference(Arc::new(InMemoryStore::new()), 1, 500).await;
}
