//! The manifest of a day: where each chain ended, so that a chain that is missing is noticed.

use serde::{Deserialize, Serialize};

/// The manifest of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The revision of this shape.
    pub revision: u32,
    /// The day, in UTC.
    pub day: String,
    /// The SHA-256 digest of the manifest of the day before; `None` on the first day.
    pub previous_manifest: Option<String>,
    /// Every chain, in the order of their numbers.
    pub shards: Vec<ShardManifest>,
}

/// A chain on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardManifest {
    /// The chain.
    pub shard: u8,
    /// The number of the first object, if the day has any.
    pub first_object: u64,
    /// The number of the last object: one less than the first on a day without entries.
    pub last_object: u64,
    /// The hash before the day's first entry.
    pub first_previous: String,
    /// The hash of the last entry.
    pub last_hash: String,
    /// The entries of the day.
    pub entries: u64,
}

/// Returns the key of a day's manifest.
#[must_use]
pub(super) fn manifest_key(day: &str) -> String {
    format!("manifests/{day}.json")
}

/// Returns the prefix of a day's objects.
#[must_use]
pub(super) fn day_prefix(day: &str) -> String {
    format!("entries/{day}/")
}

/// Returns the key of a chain's object.
#[must_use]
pub(super) fn object_key(day: &str, shard: u8, number: u64) -> String {
    format!("entries/{day}/{shard}/{number:012}.jsonl")
}

/// Returns the chain and the number of an object of a day.
pub(super) fn parse_object_key(day: &str, key: &str) -> Option<(u8, u64)> {
    let (shard, rest) = key.strip_prefix(&day_prefix(day))?.split_once('/')?;
    let (shard, number) = (shard.parse().ok()?, rest.strip_suffix(".jsonl")?.parse().ok()?);
    (object_key(day, shard, number) == key).then_some((shard, number))
}
