//! Moves entries from the outbox into chained objects. A crash between any two steps loses nothing and repeats nothing: an
//! object that an earlier attempt has stored is found under its number and taken over.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{ChainFault, check, link};
use super::days::{day_before, day_of, next_day};
use super::entry::AuditEntry;
use super::manifest::{Manifest, ShardManifest, manifest_key, object_key};
use super::memory::Memory;
use super::outbox::SHARDS;
use super::ports::{AuditObjects, ChainHead, ChainHeads, ObjectError, Stored, TextObjects};
use super::record::{OutboxRecord, Record};
use super::texts::TextChanges;
use crate::domain::{Timestamp, sha256_hex};

/// How many days back a manifest that is missing is written.
const MANIFEST_DAYS: usize = 7;

/// What was archived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchiveReport {
    /// The entries that were archived now.
    pub entries: u64,
    /// The objects that were stored now.
    pub objects: u64,
    /// The records that had been archived before.
    pub repeated: u64,
    /// The records that could not be read.
    pub unreadable: u64,
}

/// Why a batch was not archived. The stream delivers it again.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] ObjectError),
    /// What is stored does not continue the chain, which only a person can explain.
    #[error("the chain of shard {shard} is broken at {key}: {fault}")]
    Broken {
        /// The chain.
        shard: u8,
        /// The object.
        key: String,
        /// What is wrong.
        fault: ChainFault,
    },
    /// An entry cannot be written.
    #[error("an entry cannot be written as JSON")]
    Unwritable,
}

/// Archives entries.
pub struct Archive<'a> {
    /// The heads of the chains.
    pub heads: &'a dyn ChainHeads,
    /// The chains' objects.
    pub objects: &'a dyn AuditObjects,
    /// The texts of agents with `audit: full`.
    pub texts: &'a dyn TextObjects,
}

impl Archive<'_> {
    /// Archives a batch. Records of one chain keep their order; within the batch they are grouped by agent.
    ///
    /// # Errors
    /// [`ArchiveError`]; the same batch must be delivered again then.
    pub async fn archive(&self, records: Vec<OutboxRecord>, now: Timestamp) -> Result<ArchiveReport, ArchiveError> {
        let mut report = ArchiveReport::default();
        let mut shards: BTreeMap<u8, Vec<OutboxRecord>> = BTreeMap::new();
        for record in records {
            shards.entry(record.shard).or_default().push(record);
        }
        for (shard, records) in shards {
            self.archive_shard(shard, records, &day_of(now), &mut report).await?;
        }
        Ok(report)
    }

    async fn archive_shard(
        &self,
        shard: u8,
        records: Vec<OutboxRecord>,
        today: &str,
        report: &mut ArchiveReport,
    ) -> Result<(), ArchiveError> {
        let records: Vec<Record> = records.into_iter().map(Record::read).collect();
        let stored = self.heads.at(shard, LAST_DAY).await?;
        let mut chain = Chain::new(self, shard, stored.clone());
        chain.take_over_earlier_days(today).await?;
        // A clock that is set back must not put entries behind those of a later day.
        let day = chain.head.as_ref().map_or(today, |head| today.max(head.day.as_str())).to_owned();
        loop {
            let head = chain.head.clone().unwrap_or_else(|| ChainHead::genesis(&day)).on(&day);
            match chain.store(head, &records, report).await? {
                Stored::New => break,
                // An earlier attempt came this far.
                Stored::Exists => {
                    let next = chain.head.as_ref().map_or(1, |head| head.last_object + 1);
                    chain.take_over(&day, next).await?;
                }
            }
        }
        // Of all records, since an attempt that failed may have stored an entry and not what its texts or its erasure need.
        let entries = records.iter().flat_map(|record| &record.entries);
        TextChanges::of(entries).apply(self.texts).await?;
        let memory = chain.memory.after(&records);
        if let Some(head) = chain.head.as_mut() {
            memory.keep_in(head);
        }
        match &chain.head {
            Some(head) if stored.as_ref() != Some(head) => self.heads.advance(shard, stored.as_ref(), head).await?,
            _ => {}
        }
        // Last, since the texts are stored by now, and the outbox must not keep what an erasure deletes.
        for record in records.iter().filter(|record| record.entries.iter().any(|entry| entry.texts.is_some())) {
            self.heads.forget(shard, &record.id).await?;
        }
        Ok(())
    }

    /// Writes the manifests of the days before `now` that have none. Returns the days.
    ///
    /// # Errors
    /// [`ArchiveError`]; calling it again continues.
    pub async fn write_manifests(&self, now: Timestamp) -> Result<Vec<String>, ArchiveError> {
        for shard in 0..SHARDS {
            self.take_over_earlier_days(shard, &day_of(now)).await?;
        }
        let mut missing = Vec::new();
        let mut day = day_of(now);
        for _ in 0..MANIFEST_DAYS {
            let Some(before) = day_before(&day) else { break };
            if self.objects.get(&manifest_key(&before)).await?.is_some() {
                break;
            }
            missing.push(before.clone());
            day = before;
        }
        let mut written = Vec::new();
        for day in missing.into_iter().rev() {
            if self.write_manifest(&day).await? {
                written.push(day);
            }
        }
        Ok(written)
    }

    /// Takes over what an attempt before midnight has stored, since the manifest of its day must have it.
    async fn take_over_earlier_days(&self, shard: u8, today: &str) -> Result<(), ArchiveError> {
        let stored = self.heads.at(shard, LAST_DAY).await?;
        let mut chain = Chain::new(self, shard, stored.clone());
        chain.take_over_earlier_days(today).await?;
        let Some(mut head) = chain.head.filter(|head| stored.as_ref() != Some(head)) else { return Ok(()) };
        // The stream delivers their items again.
        chain.memory.keep_in(&mut head);
        self.heads.advance(shard, stored.as_ref(), &head).await?;
        Ok(())
    }

    /// Writes the manifest of a day, unless nothing had been archived by then.
    async fn write_manifest(&self, day: &str) -> Result<bool, ArchiveError> {
        let mut shards = Vec::new();
        let mut is_empty = true;
        for shard in 0..SHARDS {
            let head = self.heads.at(shard, day).await?;
            is_empty &= head.is_none();
            let head = head.unwrap_or_else(|| ChainHead::genesis(day)).on(day);
            let ChainHead { first_object, last_object, first_previous, hash, entries, .. } = head;
            shards.push(ShardManifest { shard, first_object, last_object, first_previous, last_hash: hash, entries });
        }
        if is_empty {
            return Ok(false);
        }
        let before = day_before(day).unwrap_or_default();
        let previous_manifest = self.objects.get(&manifest_key(&before)).await?.map(|text| sha256_hex(text.as_bytes()));
        let manifest = Manifest { revision: 1, day: day.to_owned(), previous_manifest, shards };
        let text = serde_json::to_string_pretty(&manifest).map_err(|_| ArchiveError::Unwritable)?;
        Ok(self.objects.put_new(&manifest_key(day), text, None).await? == Stored::New)
    }
}

/// A day after all others.
const LAST_DAY: &str = "9999-12-31";

/// A chain while a batch is appended to it.
struct Chain<'a> {
    archive: &'a Archive<'a>,
    shard: u8,
    head: Option<ChainHead>,
    memory: Memory,
}

impl<'a> Chain<'a> {
    fn new(archive: &'a Archive<'a>, shard: u8, head: Option<ChainHead>) -> Self {
        let memory = head.as_ref().map(Memory::of).unwrap_or_default();
        Self { archive, shard, head, memory }
    }

    /// Takes over objects that an attempt before midnight has stored.
    async fn take_over_earlier_days(&mut self, today: &str) -> Result<(), ArchiveError> {
        let mut day = match &self.head {
            Some(head) => head.day.clone(),
            // The first attempt of all may have been one of the last days.
            None => (0..MANIFEST_DAYS).try_fold(today.to_owned(), |day, _| day_before(&day)).unwrap_or_default(),
        };
        while day.as_str() < today {
            let next = self.head.as_ref().map_or(1, |head| head.last_object + 1);
            if self.take_over(&day, next).await? {
                continue;
            }
            let Some(following) = next_day(&day) else { break };
            day = following;
        }
        Ok(())
    }

    /// Takes over an object if it exists.
    async fn take_over(&mut self, day: &str, number: u64) -> Result<bool, ArchiveError> {
        let key = object_key(day, self.shard, number);
        let Some(text) = self.archive.objects.get(&key).await? else { return Ok(false) };
        let mut head = self.head.clone().unwrap_or_else(|| ChainHead::genesis(day)).on(day);
        for line in text.lines() {
            let (hash, entry) = check(self.shard, &head.hash, line).map_err(|fault| ArchiveError::Broken {
                shard: self.shard,
                key: key.clone(),
                fault,
            })?;
            head.hash = hash;
            head.entries += 1;
            if let Ok(entry) = serde_json::from_str::<AuditEntry>(&entry) {
                self.memory.stored(entry.id);
            }
        }
        head.last_object = number;
        self.head = Some(head);
        Ok(true)
    }

    /// Stores what is new in the records behind `head`, an object for each agent.
    async fn store(
        &mut self,
        mut head: ChainHead,
        records: &[Record],
        report: &mut ArchiveReport,
    ) -> Result<Stored, ArchiveError> {
        let mut seen = BTreeSet::new();
        let mut agents: BTreeMap<Option<String>, Vec<AuditEntry>> = BTreeMap::new();
        let mut counted = ArchiveReport::default();
        for record in records {
            let is_new = |entry: &&AuditEntry| !self.memory.knows(record, entry) && seen.insert(entry.id.clone());
            let new: Vec<&AuditEntry> = record.entries.iter().filter(is_new).collect();
            if new.is_empty() {
                counted.repeated += 1;
                continue;
            }
            counted.unreadable += u64::from(!record.is_readable);
            for entry in new {
                // The texts are stored apart from the chain.
                let entry = AuditEntry { texts: None, ..entry.clone() };
                agents.entry(entry.agent.clone()).or_default().push(entry);
            }
        }
        for (agent, entries) in agents {
            let mut body = String::new();
            for entry in &entries {
                let text = serde_json::to_string(entry).map_err(|_| ArchiveError::Unwritable)?;
                let (line, hash) = link(self.shard, &head.hash, &text);
                body.push_str(&line);
                body.push('\n');
                head.hash = hash;
            }
            head.entries += entries.len() as u64;
            head.last_object += 1;
            let key = object_key(&head.day, self.shard, head.last_object);
            if self.archive.objects.put_new(&key, body, agent.as_deref()).await? == Stored::Exists {
                return Ok(Stored::Exists);
            }
            counted.objects += 1;
            counted.entries += entries.len() as u64;
            // What is stored is known, should a later object of the batch exist already.
            for entry in entries {
                self.memory.stored(entry.id);
            }
            self.head = Some(head.clone());
        }
        report.entries += counted.entries;
        report.objects += counted.objects;
        report.repeated += counted.repeated;
        report.unreadable += counted.unreadable;
        Ok(Stored::New)
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
