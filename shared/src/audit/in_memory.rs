//! The ports in memory, for tests: what they store can be read, and they can be made to fail.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::entry::AuditEntry;
use super::outbox::{AuditError, AuditItem, AuditOutbox};
use super::ports::{AuditObjects, AuditReader, ChainHead, ChainHeads, ObjectError, Stored, TextObjects};

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An outbox in memory.
#[derive(Debug, Default)]
pub struct InMemoryOutbox {
    items: Mutex<Vec<AuditItem>>,
    /// How many operations still succeed, and how many fail then.
    failures: Mutex<(u32, u32)>,
    /// How many operations succeed before one never answers.
    hangs_after: Mutex<Option<u32>>,
}

impl InMemoryOutbox {
    /// Makes the next `count` operations fail.
    pub fn fail(&self, count: u32) {
        self.fail_after(0, count);
    }

    /// Makes `count` operations fail after `passes` that succeed.
    pub fn fail_after(&self, passes: u32, count: u32) {
        *lock(&self.failures) = (passes, count);
    }

    /// Makes one operation never answer, after `passes` that succeed.
    pub fn hang_after(&self, passes: u32) {
        *lock(&self.hangs_after) = Some(passes);
    }

    /// Returns whether the next operation never answers.
    fn hangs(&self) -> bool {
        let mut after = lock(&self.hangs_after);
        let hangs = *after == Some(0);
        *after = after.and_then(|passes| passes.checked_sub(1));
        hangs
    }

    /// Stores an item that another port has committed.
    pub fn store(&self, item: AuditItem) {
        let mut items = lock(&self.items);
        if !items.contains(&item) {
            items.push(item);
        }
    }

    /// Returns the items, in their order.
    #[must_use]
    pub fn items(&self) -> Vec<AuditItem> {
        lock(&self.items).clone()
    }

    /// Returns all entries, in their order.
    #[must_use]
    pub fn entries(&self) -> Vec<AuditEntry> {
        let read = |item: &AuditItem| serde_json::from_str::<Vec<AuditEntry>>(&item.entries).unwrap_or_default();
        lock(&self.items).iter().flat_map(read).collect()
    }
}

#[async_trait]
impl AuditOutbox for InMemoryOutbox {
    async fn append(&self, item: &AuditItem) -> Result<(), AuditError> {
        if self.hangs() {
            std::future::pending::<()>().await;
        }
        {
            let mut failures = lock(&self.failures);
            let (passes, count) = *failures;
            if passes == 0 && count > 0 {
                failures.1 -= 1;
                return Err(AuditError::Unavailable);
            }
            failures.0 = passes.saturating_sub(1);
        }
        self.store(item.clone());
        Ok(())
    }
}

/// Heads, objects and texts in memory.
#[derive(Debug, Default)]
pub struct InMemoryArchive {
    heads: Mutex<BTreeMap<u8, Vec<ChainHead>>>,
    objects: Mutex<BTreeMap<String, String>>,
    texts: Mutex<BTreeMap<String, String>>,
    forgotten: Mutex<Vec<String>>,
    /// After how many operations that change something all fail; `None` for never.
    budget: Mutex<Option<u32>>,
}

impl InMemoryArchive {
    /// Makes every change fail after `changes` more, or never.
    pub fn fail_after(&self, changes: Option<u32>) {
        *lock(&self.budget) = changes;
    }

    /// Returns the objects, which a test may change.
    pub fn objects(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        lock(&self.objects)
    }

    /// Returns the texts.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        lock(&self.texts).clone()
    }

    /// Returns the ids of the items that were deleted from the outbox.
    #[must_use]
    pub fn forgotten(&self) -> Vec<String> {
        lock(&self.forgotten).clone()
    }

    fn spend(&self) -> Result<(), ObjectError> {
        match lock(&self.budget).as_mut() {
            Some(0) => Err(ObjectError::Unavailable("made to fail".to_owned())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl ChainHeads for InMemoryArchive {
    async fn at(&self, shard: u8, day: &str) -> Result<Option<ChainHead>, ObjectError> {
        let heads = lock(&self.heads);
        let of_shard = heads.get(&shard).into_iter().flatten();
        Ok(of_shard.filter(|head| head.day.as_str() <= day).max_by_key(|head| head.day.clone()).cloned())
    }

    async fn advance(&self, shard: u8, from: Option<&ChainHead>, to: &ChainHead) -> Result<(), ObjectError> {
        self.spend()?;
        if self.at(shard, "9999-12-31").await?.as_ref() != from {
            return Err(ObjectError::Moved);
        }
        let mut heads = lock(&self.heads);
        let of_shard = heads.entry(shard).or_default();
        of_shard.retain(|head| head.day != to.day);
        of_shard.push(to.clone());
        Ok(())
    }

    async fn forget(&self, _shard: u8, item: &str) -> Result<(), ObjectError> {
        self.spend()?;
        lock(&self.forgotten).push(item.to_owned());
        Ok(())
    }
}

#[async_trait]
impl AuditObjects for InMemoryArchive {
    async fn put_new(&self, key: &str, body: String, _agent: Option<&str>) -> Result<Stored, ObjectError> {
        self.spend()?;
        let mut objects = lock(&self.objects);
        if objects.contains_key(key) {
            return Ok(Stored::Exists);
        }
        objects.insert(key.to_owned(), body);
        Ok(Stored::New)
    }
}

#[async_trait]
impl AuditReader for InMemoryArchive {
    async fn get(&self, key: &str) -> Result<Option<String>, ObjectError> {
        Ok(lock(&self.objects).get(key).cloned())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        Ok(lock(&self.objects).keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}

#[async_trait]
impl TextObjects for InMemoryArchive {
    async fn put(&self, key: &str, body: String) -> Result<(), ObjectError> {
        self.spend()?;
        lock(&self.texts).insert(key.to_owned(), body);
        Ok(())
    }

    async fn delete_all(&self, prefix: &str) -> Result<(), ObjectError> {
        self.spend()?;
        lock(&self.texts).retain(|key, _| !key.starts_with(prefix));
        Ok(())
    }
}
