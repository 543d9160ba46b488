//! The chain: each entry's hash covers the entry, its chain's number and the hash before it.

use crate::domain::sha256_hex;

/// The hash before the first entry of a chain.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The characters of a hash.
const HASH_LENGTH: usize = 64;

const PREVIOUS: &str = ",\"previous\":\"";
const HASH: &str = "\",\"hash\":\"";
const END: &str = "\"}";

/// Why a line does not continue its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// It does not end in `previous` and `hash`.
    #[error("the line is not an entry with `previous` and `hash`")]
    NotALine,
    /// Its hash is not that of its content.
    #[error("the entry was changed: its hash does not fit")]
    Changed,
    /// It follows another entry than the one before it.
    #[error("an entry is missing before this one: its `previous` is not the hash before it")]
    Missing,
}

/// Appends an entry, a JSON object, to the chain behind `previous`. Returns its line and its hash.
#[must_use]
pub fn link(shard: u8, previous: &str, entry: &str) -> (String, String) {
    let hash = hash_of(shard, previous, entry);
    let open = entry.strip_suffix('}').unwrap_or(entry);
    (format!("{open}{PREVIOUS}{previous}{HASH}{hash}{END}"), hash)
}

/// Checks that a line continues its chain behind `previous`. Returns its hash and the entry without the chain's members.
///
/// # Errors
/// [`ChainFault`], the first that holds.
pub(super) fn check(shard: u8, previous: &str, line: &str) -> Result<(String, String), ChainFault> {
    let (entry, own_previous, hash) = split(line).ok_or(ChainFault::NotALine)?;
    if hash_of(shard, own_previous, &entry) != hash {
        return Err(ChainFault::Changed);
    }
    if own_previous != previous {
        return Err(ChainFault::Missing);
    }
    Ok((hash.to_owned(), entry))
}

/// Returns the entry, `previous` and `hash` of a line.
fn split(line: &str) -> Option<(String, &str, &str)> {
    let rest = line.strip_suffix(END)?;
    let (rest, hash) = split_hash(rest)?;
    let rest = rest.strip_suffix(HASH)?;
    let (rest, previous) = split_hash(rest)?;
    let open = rest.strip_suffix(PREVIOUS)?;
    Some((format!("{open}}}"), previous, hash))
}

fn split_hash(text: &str) -> Option<(&str, &str)> {
    let (rest, hash) = text.split_at_checked(text.len().checked_sub(HASH_LENGTH)?)?;
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some((rest, hash))
}

fn hash_of(shard: u8, previous: &str, entry: &str) -> String {
    sha256_hex(format!("{shard}\n{previous}\n{entry}").as_bytes())
}
