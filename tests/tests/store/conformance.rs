//! The suite that every adapter must pass, and random operations against the reference.

use std::sync::Arc;

use openclaw::testing::conformance::connections;
use openclaw::testing::conformance::conversations::{Store, compare_with_reference, run_all};

use super::cloud;

#[tokio::test]
async fn the_table_conforms() {
    let store: Arc<dyn Store> = Arc::new(cloud::store().await);
    run_all(async || Arc::clone(&store)).await;
}

#[tokio::test]
async fn the_table_conforms_as_a_registry_of_connections() {
    let store = cloud::store().await;
    connections::run_all(&store, cloud::fresh_uuid).await;
}

#[tokio::test]
async fn random_operations_do_what_the_reference_does() {
    let store: Arc<dyn Store> = Arc::new(cloud::store().await);
    for seed in 1..=8 {
        compare_with_reference(Arc::clone(&store), seed, 150).await;
    }
}
