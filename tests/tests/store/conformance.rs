//! The conformance suites, and random operations compared with the reference.

use std::sync::Arc;

use openclaw::testing::conformance::conversations::{Store, compare_with_reference, run_all};
use openclaw::testing::conformance::{connections, grants, leases};

use super::cloud;

#[tokio::test]
async fn the_table_passes_the_suite_for_conversations_and_keys() {
    let store: Arc<dyn Store> = Arc::new(cloud::store().await);
    run_all(async || Arc::clone(&store)).await;
}

#[tokio::test]
async fn the_table_passes_the_suite_for_connections() {
    let store = cloud::store().await;
    connections::run_all(&store, cloud::fresh_uuid).await;
}

#[tokio::test]
async fn the_table_passes_the_suite_for_leases() {
    let store = cloud::store().await;
    leases::run_all(&store, cloud::fresh_uuid).await;
}

#[tokio::test]
async fn random_operations_give_the_same_answers_as_the_reference() {
    let store: Arc<dyn Store> = Arc::new(cloud::store().await);
    for seed in 1..=8 {
        compare_with_reference(Arc::clone(&store), seed, 150).await;
    }
}

#[tokio::test]
async fn the_table_passes_the_suite_for_grants_and_counters() {
    let store = cloud::store().await;
    grants::run_all(&store, &store, cloud::fresh_uuid).await;
}
