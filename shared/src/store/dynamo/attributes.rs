//! The names of attributes. Each name means one thing on every item. Of those in expressions only `ttl` is a reserved
//! word (Developer Guide, "Reserved words in DynamoDB"). Names on the items of a turn are short, because every turn pays for them.

/// The table's partition key.
pub(super) const PARTITION: &str = "PK";
/// The table's sort key.
pub(super) const SORT: &str = "SK";
/// The index of conversations by owner; not an attribute.
pub(super) const OWNER_INDEX: &str = "GSI1";
/// The index's partition key.
pub(super) const INDEX_PARTITION: &str = "GSI1PK";
/// The index's sort key.
pub(super) const INDEX_SORT: &str = "GSI1SK";

/// The revision of the item's shape.
pub(super) const REVISION: &str = "v";
/// Seconds since 1970 at which DynamoDB may delete the item.
pub(super) const TTL: &str = "ttl";
/// Milliseconds since 1970: when a message was stored, or the first turn of a conversation.
pub(super) const CREATED_AT: &str = "c";
/// The run that committed the last turn, or that claims a key.
pub(super) const RUN: &str = "g";
/// Milliseconds since 1970 at which a run has ended at the latest.
pub(super) const RUN_EXPIRES_AT: &str = "u";

/// A message's role.
pub(super) const ROLE: &str = "r";
/// A message's content if it is one text.
pub(super) const TEXT: &str = "t";
/// A message's content otherwise: its parts as JSON.
pub(super) const PARTS: &str = "p";
/// The number of continuations that follow a message, if there are any.
pub(super) const CONTINUATIONS: &str = "m";
/// 1 if strangers may have had a say in a message.
pub(super) const TAINTED: &str = "s";
/// The data classes that a message may hold, with spaces between them, if there are any.
pub(super) const DATA_CLASSES: &str = "l";
/// In a continuation: the next piece of the text or JSON.
pub(super) const PIECE: &str = "x";

/// The number of turns of a conversation.
pub(super) const VERSION: &str = "n";
/// The sequence number of a conversation's next message.
pub(super) const NEXT_SEQUENCE: &str = "q";
/// The agent that a conversation belongs to.
pub(super) const AGENT: &str = "a";
/// A conversation's title.
pub(super) const TITLE: &str = "h";
/// Thousandths of a byte of prompt for each token, if known.
pub(super) const MILLIBYTES_PER_TOKEN: &str = "k";
/// Milliseconds since 1970 at which a conversation was erased.
pub(super) const ERASED_AT: &str = "z";

/// The digest of the body that a key was claimed with.
pub(super) const BODY_DIGEST: &str = "b";
/// The facts of a completed run, as JSON.
pub(super) const FACTS: &str = "f";
/// The conversation that holds a completed run's output.
pub(super) const CONVERSATION: &str = "d";
/// The sequence number of the message that holds a completed run's output.
pub(super) const OUTPUT_SEQUENCE: &str = "o";

/// Whether a user or a client opened the connection.
pub(super) const PRINCIPAL_KIND: &str = "kind";
/// The user who opened the connection.
pub(super) const USER: &str = "user";
/// That user's tenant.
pub(super) const TENANT: &str = "tenant";
/// That user's groups, if there are any.
pub(super) const GROUPS: &str = "groups";
/// Milliseconds since 1970 at which that user's token expires.
pub(super) const TOKEN_EXPIRES_AT: &str = "token";
/// The id that the token shares with all that were refreshed from the same sign-in, if it has one.
pub(super) const TOKEN_ORIGIN: &str = "origin";
/// A connection's runs by request id.
pub(super) const RUNS: &str = "runs";
/// In a run of a connection: its dispatch id.
pub(super) const DISPATCH: &str = "dispatch";
/// In a run of a connection: the delivery that started it, if one has.
pub(super) const DELIVERY: &str = "delivery";
/// In a run of a connection: there if the client cancelled it.
pub(super) const CANCELLED: &str = "cancelled";
/// In the item of a scope: its leases, a set of texts.
pub(super) const LEASES: &str = "leases";

/// To whom a grant is given.
pub(super) const HOLDER: &str = "holder";
/// The name of a grant.
pub(super) const GRANT: &str = "grant";
/// Why a grant was given.
pub(super) const REASON: &str = "reason";
/// Who gave a grant.
pub(super) const CREATED_BY: &str = "by";
/// Milliseconds since 1970 from which on a grant does not hold.
pub(super) const EXPIRES_AT: &str = "until";
/// The calls of a day.
pub(super) const CALLS: &str = "calls";
/// Followed by two digits: the calls of an hour.
pub(super) const HOUR_PREFIX: &str = "h_";
/// In the audit's table: entries, as a JSON array.
pub(super) const ENTRIES: &str = "e";
/// In the audit's table: the head of a chain, as JSON.
pub(super) const CHAIN_HEAD: &str = "head";
/// In the audit's table: the number of a chain's last object.
pub(super) const LAST_OBJECT: &str = "objects";

#[cfg(test)]
#[path = "attributes_tests.rs"]
mod tests;
