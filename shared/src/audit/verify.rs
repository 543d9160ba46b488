//! Verifies the chains of a day and names the first broken link of each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::chain::{ChainFault, GENESIS, check};
use super::days::day_before;
use super::manifest::{Manifest, ShardManifest, day_prefix, manifest_key, object_key, parse_object_key};
use super::outbox::SHARDS;
use super::ports::{AuditReader, ObjectError};
use crate::domain::sha256_hex;

/// How many days before a day the last manifest is looked for. `archive` writes those of the last week.
const LOOK_BACK_DAYS: usize = 8;

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The entries of the day.
    pub entries: u64,
    /// The objects of the day.
    pub objects: u64,
    /// Whether the day has its manifest. Without one, what is missing at the end of a chain cannot be noticed.
    pub is_closed: bool,
}

/// Why a day is not as it was archived.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The objects cannot be read.
    #[error("the audit cannot be read: {0}")]
    Unreadable(ObjectError),
    /// There is nothing of the day.
    #[error("{0} has neither entries nor a manifest")]
    Nothing(String),
    /// The day is over and has no manifest.
    #[error("manifests/{0}.json is missing, though the day is over")]
    NoManifest(String),
    /// The manifest is not the day's.
    #[error("{key} is not the manifest of this day: {detail}")]
    Manifest {
        /// The manifest.
        key: String,
        /// What is wrong.
        detail: String,
    },
    /// An object does not belong to the audit.
    #[error("{0} is not an object of the audit")]
    Stranger(String),
    /// All objects of a chain are missing.
    #[error("shard {0}: all of its objects are missing")]
    NoShard(u8),
    /// An object is not text.
    #[error("{0} was changed: it is not UTF-8")]
    NotText(String),
    /// An object is missing.
    #[error("{0} is missing")]
    NoObject(String),
    /// A link is broken.
    #[error("{key}, line {line}: {fault}")]
    Link {
        /// The object.
        key: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        fault: ChainFault,
    },
    /// An entry was archived twice.
    #[error("{key}, line {line}: the entry {id} stands here a second time")]
    Twice {
        /// The object.
        key: String,
        /// The line, from 1.
        line: usize,
        /// The entry.
        id: String,
    },
    /// A chain ends elsewhere than its manifest says.
    #[error("shard {shard}: the chain ends with {found} entries; its manifest has {expected}")]
    End {
        /// The chain.
        shard: u8,
        /// The entries that were found.
        found: u64,
        /// Those of the manifest.
        expected: u64,
    },
    /// Several chains are broken.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<Self>),
}

impl From<ObjectError> for VerifyError {
    fn from(error: ObjectError) -> Self {
        match error {
            // It is there, and it is not what was archived.
            ObjectError::NotText(key) => Self::NotText(key),
            ObjectError::Unavailable(_) | ObjectError::Moved => Self::Unreadable(error),
        }
    }
}

/// Verifies a day. All days before `first_open` must have their manifest; see [`super::first_open_day`].
///
/// # Errors
/// [`VerifyError`]: the first broken link of each chain.
pub async fn verify_day(objects: &dyn AuditReader, day: &str, first_open: &str) -> Result<Verified, VerifyError> {
    let own = manifest_of(objects, day).await?;
    let keys = keys_of(objects, day).await?;
    let mut walk = Walk::new(objects);
    match &own {
        Some((manifest, _)) => {
            let before = match day_before(day) {
                Some(before) => manifest_of(objects, &before).await?,
                None => None,
            };
            check_manifest(manifest, day, before.as_ref())?;
            walk.ends = manifest.shards.iter().map(ChainEnd::before).collect();
        }
        None if keys.is_empty() => return Err(VerifyError::Nothing(day.to_owned())),
        None if day < first_open => return Err(VerifyError::NoManifest(day.to_owned())),
        None => walk.up_to(day, first_open).await?,
    }
    let mut verified = Verified { entries: 0, objects: 0, is_closed: own.is_some() };
    let mut broken = Vec::new();
    for shard in 0..SHARDS {
        let keys = keys.get(&shard).map(Vec::as_slice).unwrap_or_default();
        let own = own.as_ref().and_then(|(manifest, _)| manifest.shards.get(usize::from(shard)));
        match walk.whole_shard((day, shard), keys, own).await {
            Ok(entries) => verified.entries += entries,
            Err(error @ VerifyError::Unreadable(_)) => return Err(error),
            // The others are chains of their own.
            Err(error) => broken.push(error),
        }
        verified.objects += keys.len() as u64;
    }
    let Some(last) = broken.pop() else { return Ok(verified) };
    if broken.is_empty() {
        return Err(last);
    }
    broken.push(last);
    Err(VerifyError::Several(broken))
}

/// The objects of a day by their shards.
type Keys = BTreeMap<u8, Vec<(u64, String)>>;

async fn keys_of(objects: &dyn AuditReader, day: &str) -> Result<Keys, VerifyError> {
    let mut keys = Keys::new();
    for key in objects.list(&day_prefix(day)).await? {
        let Some((shard, number)) = parse_object_key(day, &key).filter(|(shard, _)| *shard < SHARDS) else {
            return Err(VerifyError::Stranger(key));
        };
        keys.entry(shard).or_default().push((number, key));
    }
    Ok(keys)
}

/// How far a chain was followed.
struct ChainEnd {
    /// The number of the next object.
    next: u64,
    /// The hash of the last entry.
    hash: String,
}

impl ChainEnd {
    /// Returns where a chain was at the start of a manifest's day.
    fn before(manifest: &ShardManifest) -> Self {
        Self { next: manifest.first_object, hash: manifest.first_previous.clone() }
    }

    /// Returns where a chain was at the end of a manifest's day.
    fn after(manifest: &ShardManifest) -> Self {
        Self { next: manifest.last_object + 1, hash: manifest.last_hash.clone() }
    }
}

/// Follows the chains from object to object.
struct Walk<'a> {
    objects: &'a dyn AuditReader,
    /// The end of each chain.
    ends: Vec<ChainEnd>,
    /// The ids of the entries so far.
    ids: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    /// Begins before the first entry of an audit.
    fn new(objects: &'a dyn AuditReader) -> Self {
        let ends = (0..SHARDS).map(|_| ChainEnd { next: 1, hash: GENESIS.to_owned() }).collect();
        Self { objects, ends, ids: BTreeSet::new() }
    }

    /// Follows the chains from the last manifest before a day up to that day.
    async fn up_to(&mut self, day: &str, first_open: &str) -> Result<(), VerifyError> {
        let (mut last, mut between, mut earlier) = (None, Vec::new(), day_before(day));
        for _ in 0..LOOK_BACK_DAYS {
            let Some(day) = earlier else { break };
            last = manifest_of(self.objects, &day).await?;
            if let Some((manifest, _)) = &last {
                check_shape(manifest, &day)?;
                self.ends = manifest.shards.iter().map(ChainEnd::after).collect();
                break;
            }
            earlier = day_before(&day);
            between.push(day);
        }
        for day in between.iter().rev() {
            let keys = keys_of(self.objects, day).await?;
            // The days before the first entry of an audit have no manifest.
            if day.as_str() < first_open && (last.is_some() || !keys.is_empty()) {
                return Err(VerifyError::NoManifest(day.clone()));
            }
            for (shard, keys) in keys {
                self.shard((day, shard), &keys).await?;
            }
        }
        Ok(())
    }

    /// Follows a chain through a day, to the end that the day's manifest gives. Returns the number of entries.
    async fn whole_shard(
        &mut self,
        (day, shard): (&str, u8),
        keys: &[(u64, String)],
        own: Option<&ShardManifest>,
    ) -> Result<u64, VerifyError> {
        if keys.is_empty() && own.is_some_and(|own| own.entries > 0) {
            return Err(VerifyError::NoShard(shard));
        }
        let entries = self.shard((day, shard), keys).await?;
        if let Some(own) = own {
            self.check_end((day, shard), entries, own)?;
        }
        Ok(entries)
    }

    /// Follows a chain through the objects of a day. Returns the number of entries.
    async fn shard(&mut self, (day, shard): (&str, u8), keys: &[(u64, String)]) -> Result<u64, VerifyError> {
        let mut entries = 0;
        let Some(end) = self.ends.get_mut(usize::from(shard)) else { return Ok(entries) };
        for (number, key) in keys {
            if *number != end.next {
                return Err(VerifyError::NoObject(object_key(day, shard, end.next)));
            }
            let text = self.objects.get(key).await?.ok_or_else(|| VerifyError::NoObject(key.clone()))?;
            // A carriage return is a part of its line, which the archive has not written.
            for (line, text) in (1..).zip(text.split_terminator('\n')) {
                let checked = check(shard, &end.hash, text);
                let named = serde_json::from_str(text).ok().map(|Named { id }| id);
                // One that was copied does not continue the chain either.
                let is_intact = matches!(checked, Ok(_) | Err(ChainFault::Missing));
                if let Some(id) = named.filter(|id| is_intact && !self.ids.insert(id.clone())) {
                    return Err(VerifyError::Twice { key: key.clone(), line, id });
                }
                (end.hash, _) = checked.map_err(|fault| VerifyError::Link { key: key.clone(), line, fault })?;
                entries += 1;
            }
            end.next += 1;
        }
        Ok(entries)
    }

    /// Checks that a chain ends where the manifest of the day says.
    fn check_end(&self, (day, shard): (&str, u8), entries: u64, own: &ShardManifest) -> Result<(), VerifyError> {
        let Some(end) = self.ends.get(usize::from(shard)) else { return Ok(()) };
        if own.last_object + 1 > end.next {
            return Err(VerifyError::NoObject(object_key(day, shard, end.next)));
        }
        if own.last_hash != end.hash || own.entries != entries || own.last_object + 1 != end.next {
            return Err(VerifyError::End { shard, found: entries, expected: own.entries });
        }
        Ok(())
    }
}

/// What of an entry says which one it is.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Returns the manifest of a day, and the digest of its text.
async fn manifest_of(objects: &dyn AuditReader, day: &str) -> Result<Option<(Manifest, String)>, VerifyError> {
    let key = manifest_key(day);
    let Some(text) = objects.get(&key).await? else { return Ok(None) };
    let digest = sha256_hex(text.as_bytes());
    match serde_json::from_str(&text) {
        Ok(manifest) => Ok(Some((manifest, digest))),
        Err(error) => Err(VerifyError::Manifest { key, detail: format!("it cannot be read: {error}") }),
    }
}

/// Checks that a manifest is that of a day and lists all shards.
fn check_shape(manifest: &Manifest, day: &str) -> Result<(), VerifyError> {
    if manifest.day != day {
        return fault(day, format!("it says {}", manifest.day));
    }
    if !manifest.shards.iter().map(|shard| shard.shard).eq(0..SHARDS) {
        return fault(day, format!("it does not list the shards 0 to {}", SHARDS - 1));
    }
    Ok(())
}

fn check_manifest(manifest: &Manifest, day: &str, before: Option<&(Manifest, String)>) -> Result<(), VerifyError> {
    check_shape(manifest, day)?;
    match (before, &manifest.previous_manifest) {
        (Some((_, digest)), Some(previous)) if digest == previous => {}
        (None, None) => {}
        (Some(_), _) => return fault(day, "the manifest of the day before is not the one that it follows".to_owned()),
        (None, Some(_)) => return fault(day, "the manifest of the day before is missing".to_owned()),
    }
    let Some((before, _)) = before else {
        // It follows nothing, so that its chains begin with it.
        let later = manifest.shards.iter().find(|own| own.first_object != 1 || own.first_previous != GENESIS);
        return match later {
            Some(own) => fault(day, format!("shard {} does not begin with object 1", own.shard)),
            None => Ok(()),
        };
    };
    for (own, earlier) in manifest.shards.iter().zip(&before.shards) {
        if own.first_previous != earlier.last_hash || own.first_object != earlier.last_object + 1 {
            return fault(day, format!("shard {} does not continue the day before", own.shard));
        }
    }
    Ok(())
}

fn fault(day: &str, detail: String) -> Result<(), VerifyError> {
    Err(VerifyError::Manifest { key: manifest_key(day), detail })
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
