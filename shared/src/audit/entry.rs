//! An entry of the audit, as it is stored and as auditors read it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::Usage;

/// The longest text that an entry of an agent with `audit: full` holds, in bytes.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A request to run an agent, with how it ended.
    Invocation,
    /// A call that policy has allowed, before it runs.
    Intent,
    /// A call that policy has denied, or that needs a person's approval.
    Decision,
    /// What became of an allowed call.
    Outcome,
    /// A grant that was given or ended.
    Grant,
    /// A conversation that was erased.
    Erasure,
    /// An item of the outbox that `archive` could not read.
    Unreadable,
}

/// An entry. All digests are keyed, so that nobody without the key can try texts or names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// When it happened, as RFC 3339 has it.
    pub time: String,
    /// The entry's id.
    pub id: String,
    /// What the entry is about.
    pub kind: EntryKind,
    /// The request's id, which is in the log too.
    pub request_id: String,
    /// The run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The caller's tenant.
    pub tenant: String,
    /// The digest of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// The digest of the caller, as in the log.
    pub subject: String,
    /// The digest of the token's origin; `None` for a token without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The digest of the network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The action; `unknown` for a name that is not configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// `allow`, `ask` or `deny`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The policies that decided.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub policy_ids: BTreeSet<String>,
    /// The digest of what came in: a prompt, or a call's arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_digest: Option<String>,
    /// The digest of what came out: an answer, or a call's output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_digest: Option<String>,
    /// The tokens of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// How it ended: `succeeded`, or the name of what was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The texts themselves, for agents with `audit: full`. `archive` stores them apart from the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<AuditTexts>,
}

impl AuditEntry {
    /// Makes an entry that says nothing but what it is about.
    pub(super) const fn blank(kind: EntryKind, id: String) -> Self {
        Self {
            time: String::new(),
            id,
            kind,
            request_id: String::new(),
            run: None,
            agent: None,
            tenant: String::new(),
            conversation: None,
            subject: String::new(),
            token: None,
            source: None,
            action: None,
            decision: None,
            policy_ids: BTreeSet::new(),
            input_digest: None,
            output_digest: None,
            usage: None,
            status: None,
            texts: None,
        }
    }
}

/// The texts behind an entry's digests.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
#[serde(deny_unknown_fields)]
pub struct AuditTexts {
    /// What came in.
    #[debug("[hidden]")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What came out.
    #[debug("[hidden]")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

impl AuditTexts {
    /// Keeps the first 64 KB of each text as JSON writes it, cut between characters, so that the entry fits an item.
    #[must_use]
    pub fn new(input: Option<&str>, output: Option<&str>) -> Self {
        Self { input: input.map(cut), output: output.map(cut) }
    }
}

fn cut(text: &str) -> String {
    let mut left = MAX_TEXT_BYTES;
    let is_kept = |character: &char| {
        let bytes = match character {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            // Written as an escape of six characters.
            '\0'..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        left.checked_sub(bytes).map(|rest| left = rest).is_some()
    };
    text.chars().take_while(is_kept).collect()
}
