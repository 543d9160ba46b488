//! A check and what it runs on.

use std::pin::Pin;
use std::sync::Arc;

use crate::store::{ConversationStore, IdempotencyLedger};

/// An adapter of both ports.
pub trait Store: ConversationStore + IdempotencyLedger {}

impl<T: ConversationStore + IdempotencyLedger + ?Sized> Store for T {}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One thing that an adapter must do.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The rule that is checked.
    pub name: &'static str,
    run: fn(Arc<dyn Store>) -> Running,
}

impl Check {
    pub(super) const fn new(name: &'static str, run: fn(Arc<dyn Store>) -> Running) -> Self {
        Self { name, run }
    }

    /// Runs the check.
    ///
    /// # Panics
    /// If the adapter does something else.
    pub async fn run(&self, store: Arc<dyn Store>) {
        (self.run)(store).await;
    }
}
