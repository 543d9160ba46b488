//! What `archive` works with: the heads of the chains, the objects of the chains, and the objects of texts.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::chain::GENESIS;

/// How far a chain has come on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The day, in UTC.
    pub day: String,
    /// The number of the day's first object; the numbers of a chain's objects rise over all days.
    pub first_object: u64,
    /// The number of the last object.
    pub last_object: u64,
    /// The hash before the day's first entry.
    pub first_previous: String,
    /// The hash of the last entry.
    pub hash: String,
    /// The entries of the day.
    pub entries: u64,
    /// The ids of the items that were archived last and of their entries, by which repeated ones are recognised.
    pub items: Vec<String>,
    /// The ids of entries that an attempt has archived which then failed, and whose items have not been delivered again.
    #[serde(default)]
    pub ahead: Vec<String>,
}

impl ChainHead {
    /// Returns the head of a chain without entries.
    #[must_use]
    pub fn genesis(day: &str) -> Self {
        Self {
            day: day.to_owned(),
            first_object: 1,
            last_object: 0,
            first_previous: GENESIS.to_owned(),
            hash: GENESIS.to_owned(),
            entries: 0,
            items: Vec::new(),
            ahead: Vec::new(),
        }
    }

    /// Returns the head at the start of a later day.
    #[must_use]
    pub(super) fn on(self, day: &str) -> Self {
        if self.day == day {
            return self;
        }
        Self {
            day: day.to_owned(),
            first_object: self.last_object + 1,
            first_previous: self.hash.clone(),
            entries: 0,
            ..self
        }
    }
}

/// Why something could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The store cannot be reached, or refuses.
    #[error("{0}")]
    Unavailable(String),
    /// Another invocation has moved the chain.
    #[error("another invocation has moved the chain")]
    Moved,
    /// The object, named by its key, has bytes that nobody of ours has written.
    #[error("{0} is not UTF-8")]
    NotText(String),
}

/// Whether an object was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    New,
    /// There is an object with this key, which was left as it is.
    Exists,
}

/// Keeps the heads of the chains.
#[async_trait]
pub trait ChainHeads: Send + Sync {
    /// Returns the chain's last head on a day or before it, read consistently.
    ///
    /// # Errors
    /// Transient ones.
    async fn at(&self, shard: u8, day: &str) -> Result<Option<ChainHead>, ObjectError>;

    /// Replaces the head `from` (`None` for a chain without one) by `to`.
    ///
    /// # Errors
    /// [`ObjectError::Moved`] if the chain has another head.
    async fn advance(&self, shard: u8, from: Option<&ChainHead>, to: &ChainHead) -> Result<(), ObjectError>;

    /// Deletes an item of the outbox, since its texts are stored elsewhere.
    ///
    /// # Errors
    /// Transient ones.
    async fn forget(&self, shard: u8, item: &str) -> Result<(), ObjectError>;
}

/// Stores the chains' objects, which are never changed.
#[async_trait]
pub trait AuditObjects: AuditReader {
    /// Stores an object unless there is one with this key. `agent` becomes its tag `agent_name`.
    ///
    /// # Errors
    /// Transient ones.
    async fn put_new(&self, key: &str, body: String, agent: Option<&str>) -> Result<Stored, ObjectError>;
}

/// Reads the chains' objects.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// Returns an object; `None` if there is none with this key.
    ///
    /// # Errors
    /// [`ObjectError::NotText`] for an object that is not UTF-8; others are transient.
    async fn get(&self, key: &str) -> Result<Option<String>, ObjectError>;

    /// Returns all keys with a prefix, sorted.
    ///
    /// # Errors
    /// Transient ones.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError>;
}

/// Keeps texts, so that they can be deleted with their conversation.
#[async_trait]
pub trait TextObjects: Send + Sync {
    /// Stores texts.
    ///
    /// # Errors
    /// Transient ones.
    async fn put(&self, key: &str, body: String) -> Result<(), ObjectError>;

    /// Deletes every object with a prefix.
    ///
    /// # Errors
    /// Transient ones; some may be deleted then.
    async fn delete_all(&self, prefix: &str) -> Result<(), ObjectError>;
}
