//! Who acts, as entries name them.

use super::entry::{AuditEntry, EntryKind};
use crate::domain::{ConversationId, Principal, TenantId, Timestamp, UserId};
use crate::secrets::{DigestKey, DigestPurpose};

/// The caller of a request, and the key of the digests in its entries.
#[derive(Debug, Clone)]
pub struct AuditCaller {
    request_id: String,
    tenant: TenantId,
    subject: String,
    token: Option<String>,
    source: Option<String>,
    key: DigestKey,
}

impl AuditCaller {
    /// Describes a caller by digests. `token` is the id of the token's origin, `source` the network address.
    #[must_use]
    pub fn new(
        key: &DigestKey,
        request_id: &str,
        principal: &Principal,
        token: Option<&str>,
        source: Option<&str>,
    ) -> Self {
        let digest = |purpose, text: &str| short(key.digest(purpose, &[text.as_bytes()]));
        Self {
            request_id: request_id.to_owned(),
            tenant: principal.tenant.clone(),
            subject: key.subject(principal),
            token: token.map(|token| digest(DigestPurpose::AuditToken, token)),
            source: source.map(|source| digest(DigestPurpose::AuditSource, source)),
            key: key.clone(),
        }
    }

    /// Starts an entry about this caller.
    #[must_use]
    pub fn entry(&self, kind: EntryKind, id: String, time: Timestamp) -> AuditEntry {
        AuditEntry {
            time: time.to_string(),
            request_id: self.request_id.clone(),
            tenant: self.tenant.to_string(),
            subject: self.subject.clone(),
            token: self.token.clone(),
            source: self.source.clone(),
            ..AuditEntry::blank(kind, id)
        }
    }

    /// Returns the digest of a conversation.
    #[must_use]
    pub fn conversation(&self, owner: &UserId, conversation: ConversationId) -> String {
        let parts = [self.tenant.as_str(), owner.as_str(), &conversation.to_string()];
        short(self.key.digest(DigestPurpose::AuditConversation, &parts.map(str::as_bytes)))
    }

    /// Returns the digest of what came in.
    #[must_use]
    pub fn input(&self, text: &str) -> String {
        self.key.digest(DigestPurpose::AuditInput, &[text.as_bytes()])
    }

    /// Returns the digest of what came out.
    #[must_use]
    pub fn output(&self, text: &str) -> String {
        self.key.digest(DigestPurpose::AuditOutput, &[text.as_bytes()])
    }
}

/// Returns 128 bits of a digest, which distinguish all callers and conversations.
fn short(mut digest: String) -> String {
    digest.truncate(32);
    digest
}
