//! The ports over one DynamoDB table.
//!
//! The table has the keys `PK` and `SK`, the index `GSI1` (`GSI1PK`, `GSI1SK`, all attributes), all of them strings,
//! and the time-to-live attribute `ttl`. Every item has `v` and `ttl`; what each name means is said in
//! `attributes.rs`. `?` marks attributes that are not always there.
//!
//! | item | `PK` | `SK` | attributes |
//! |---|---|---|---|
//! | message | `T#<tenant>#C#<conversation>` | `M#<sequence, 10 digits>` | `r` `c` `t` or `p` `m`? `s`? `l`? |
//! | continuation of a message over 350 KB | same | `M#<sequence>#<part, 3 digits>` | `x` |
//! | head | same | `Z#HEAD` | `n` `q` `a` `h` `c` `g` `k`? `GSI1PK` `GSI1SK` |
//! | head of an erased conversation | same | `Z#HEAD` | `n` `q` `a` `c` `g` `k`? `z` `GSI1PK` `GSI1SK`? |
//! | idempotency record | `T#<tenant>#I#<digest>` | `I` | `b` `g` and either `u` or `f` `d` `o` |
//! | connection | `W#<connection>` | `W` | `kind` `user` `tenant` `groups`? `token` `origin`? `runs` |
//! | grant | `T#<tenant>#G` | `G#<id>` | `holder` `grant` `reason` `by` `c` `until` |
//! | calls of a caller, an action and a day | `T#<tenant>#N#<user>` | `N#<action>#<day>` | `calls`, `h_` and two digits |
//! | leases of a scope | `L#<tenant>#R` or `…#W`, then `#U#<user>`? `#A#<agent>`? | `L` | `leases`? |
//!
//! The audit has a table of its own, since its stream must not carry prompts:
//!
//! | item | `PK` | `SK` | attributes |
//! |---|---|---|---|
//! | entries that wait to be archived | `A#<shard>` | `<id>` | `e` `c` |
//! | head of a chain | `H#<shard>` | `HEAD` | `head` `objects` |
//! | head of a chain on a day | `H#<shard>` | `D#<day>` | `head` `objects` |
//!
//! A head's `GSI1PK` is `T#<tenant>#U#<owner>` and its `GSI1SK` the time of the last turn, so the index lists an
//! owner's conversations. Once erased, its `GSI1PK` is `E#<digest of tenant and owner>`, and `GSI1SK` stays until nothing is
//! left to delete. `runs` maps the request id of each run to a map of `dispatch`, `u`, `delivery`? and
//! `cancelled`?.
//!
//! Requests of an operation: `load` 1 (more if the window is larger than 1 MB), `commit` 1, `list` 1, `transcript` 1 if
//! the page reaches the conversation's end, else 2, `erase` 1, `purge` 1 and 1 more for each 25 items and at
//! the end, `unpurged` 1, `claim` 1,
//! `release` 1, `check` 1. Operations on grants and counters need 1 each. Operations on connections need 1 each, except that `accept` needs 3 if a run that has expired
//! must make room. Leases need 1 each, except that `acquire` needs 2 and 1 for each full
//! scope if leases that have expired must make room.

mod attributes;
mod audit;
mod cancellation;
mod connections;
mod conversations;
mod counters;
mod failure;
mod grants;
mod idempotency;
mod item;
mod keys;
mod leases;
mod store;
mod values;

pub use audit::{DynamoAudit, outbox_record};
pub use store::DynamoStore;
