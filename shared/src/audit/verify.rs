//! Verifies the chains of a day and names the first broken link.

use std::collections::BTreeMap;

use super::chain::{ChainFault, GENESIS, check};
use super::days::day_before;
use super::manifest::{Manifest, ShardManifest, day_prefix, manifest_key, object_key, parse_object_key};
use super::outbox::SHARDS;
use super::ports::{AuditReader, ObjectError};
use crate::domain::sha256_hex;

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
    Unreadable(#[from] ObjectError),
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
}

/// Verifies a day. `today` says whether the day may lack its manifest.
///
/// # Errors
/// [`VerifyError`]: the first broken link.
pub async fn verify_day(objects: &dyn AuditReader, day: &str, today: &str) -> Result<Verified, VerifyError> {
    let before = match day_before(day) {
        Some(before) => manifest(objects, &before).await?,
        None => None,
    };
    let own = manifest(objects, day).await?;
    let mut keys: BTreeMap<u8, Vec<(u64, String)>> = BTreeMap::new();
    for key in objects.list(&day_prefix(day)).await? {
        let Some((shard, number)) = parse_object_key(day, &key).filter(|(shard, _)| *shard < SHARDS) else {
            return Err(VerifyError::Stranger(key));
        };
        keys.entry(shard).or_default().push((number, key));
    }
    match &own {
        Some((manifest, _)) => check_manifest(manifest, day, before.as_ref())?,
        None if keys.is_empty() => return Err(VerifyError::Nothing(day.to_owned())),
        None if day < today => return Err(VerifyError::NoManifest(day.to_owned())),
        None => {}
    }
    let mut verified = Verified { entries: 0, objects: 0, is_closed: own.is_some() };
    for shard in 0..SHARDS {
        let of = |(manifest, _): &(Manifest, String)| manifest.shards.get(usize::from(shard)).cloned();
        let expected = Expected { own: own.as_ref().and_then(of), before: before.as_ref().and_then(of) };
        let keys = keys.remove(&shard).unwrap_or_default();
        verified.objects += keys.len() as u64;
        verified.entries += verify_shard(objects, (day, shard), keys, &expected).await?;
    }
    Ok(verified)
}

/// What the manifests say of a chain.
struct Expected {
    own: Option<ShardManifest>,
    before: Option<ShardManifest>,
}

impl Expected {
    /// Returns the number of the first object and the hash before it, if a manifest says so.
    fn start(&self) -> Option<(u64, &str)> {
        let own = self.own.as_ref().map(|own| (own.first_object, own.first_previous.as_str()));
        own.or_else(|| self.before.as_ref().map(|before| (before.last_object + 1, before.last_hash.as_str())))
    }
}

async fn verify_shard(
    objects: &dyn AuditReader,
    (day, shard): (&str, u8),
    keys: Vec<(u64, String)>,
    expected: &Expected,
) -> Result<u64, VerifyError> {
    let mut entries = 0;
    let start = expected.start().map(|(number, hash)| (number, hash.to_owned()));
    let (mut number, mut hash) = match start {
        Some(start) => start,
        // The first day of an audit has neither manifest yet, and its chains begin with object 1.
        None => (1, GENESIS.to_owned()),
    };
    if keys.is_empty() && expected.own.as_ref().is_some_and(|own| own.entries > 0) {
        return Err(VerifyError::NoShard(shard));
    }
    for (own_number, key) in keys {
        if own_number != number {
            return Err(VerifyError::NoObject(object_key(day, shard, number)));
        }
        let text = objects.get(&key).await?.ok_or_else(|| VerifyError::NoObject(key.clone()))?;
        for (line, text) in (1..).zip(text.lines()) {
            let checked = check(shard, &hash, text);
            (hash, _) = checked.map_err(|fault| VerifyError::Link { key: key.clone(), line, fault })?;
            entries += 1;
        }
        number += 1;
    }
    match &expected.own {
        Some(own) if own.last_object + 1 > number => Err(VerifyError::NoObject(object_key(day, shard, number))),
        Some(own) if own.last_hash != hash || own.entries != entries || own.last_object + 1 != number => {
            Err(VerifyError::End { shard, found: entries, expected: own.entries })
        }
        _ => Ok(entries),
    }
}

/// Returns the manifest of a day, and the digest of its text.
async fn manifest(objects: &dyn AuditReader, day: &str) -> Result<Option<(Manifest, String)>, VerifyError> {
    let key = manifest_key(day);
    let Some(text) = objects.get(&key).await? else { return Ok(None) };
    let digest = sha256_hex(text.as_bytes());
    match serde_json::from_str(&text) {
        Ok(manifest) => Ok(Some((manifest, digest))),
        Err(error) => Err(VerifyError::Manifest { key, detail: format!("it cannot be read: {error}") }),
    }
}

fn check_manifest(manifest: &Manifest, day: &str, before: Option<&(Manifest, String)>) -> Result<(), VerifyError> {
    let fault = |detail: String| Err(VerifyError::Manifest { key: manifest_key(day), detail });
    if manifest.day != day {
        return fault(format!("it says {}", manifest.day));
    }
    if !manifest.shards.iter().map(|shard| shard.shard).eq(0..SHARDS) {
        return fault(format!("it does not list the shards 0 to {}", SHARDS - 1));
    }
    match (before, &manifest.previous_manifest) {
        (Some((_, digest)), Some(previous)) if digest == previous => {}
        (None, None) => {}
        (Some(_), _) => return fault("the manifest of the day before is not the one that it follows".to_owned()),
        (None, Some(_)) => return fault("the manifest of the day before is missing".to_owned()),
    }
    let Some((before, _)) = before else { return Ok(()) };
    for (own, earlier) in manifest.shards.iter().zip(&before.shards) {
        if own.first_previous != earlier.last_hash || own.first_object != earlier.last_object + 1 {
            return fault(format!("shard {} does not continue the day before", own.shard));
        }
    }
    Ok(())
}
