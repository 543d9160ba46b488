//! The audit of a request: who makes it, and entries about requests that do not run an agent.

use std::sync::Arc;

use super::{ApiError, RETRY_SOON, RequestContext, RunBody};
use crate::audit::{AuditCaller, AuditEntry, AuditError, AuditOutbox, EntryKind, pack, shard_of};
use crate::domain::{AgentName, ConversationId, Principal, Random, Timestamp, UserId};
use crate::http::{Problem, ProblemKind};
use crate::secrets::DigestKey;
use crate::store::GrantId;

/// Writes entries about one request.
pub(in crate::api) struct Auditor<'a> {
    outbox: &'a dyn AuditOutbox,
    caller: AuditCaller,
}

impl<'a> Auditor<'a> {
    /// Describes the caller of a request; returns `None` where nothing is audited.
    ///
    /// # Errors
    /// 503 if the key of the digests cannot be read.
    pub(in crate::api) fn new(
        outbox: Option<&'a dyn AuditOutbox>,
        context: &RequestContext<'_>,
    ) -> Result<Option<Self>, Problem> {
        let Some(outbox) = outbox else { return Ok(None) };
        let caller = audit_caller(context)?;
        Ok(Some(Self { outbox, caller }))
    }

    /// Stores an entry about a grant: `give`, with the grant's name, or `end`.
    ///
    /// # Errors
    /// 503; the grant must stay as it is.
    pub(in crate::api) async fn grant(
        &self,
        (what, name): (&str, Option<&str>),
        id: GrantId,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(), Problem> {
        let mut entry = self.entry(EntryKind::Grant, now, random);
        entry.status = Some(what.to_owned());
        entry.action = name.map(str::to_owned);
        // The same for both, so that they can be matched.
        entry.input_digest = Some(self.caller.input(&id.to_string()));
        self.store(&entry.id.clone(), entry, now).await
    }

    /// Stores an entry about the erasure of a conversation.
    ///
    /// # Errors
    /// 503; nothing may be erased.
    pub(in crate::api) async fn erasure(
        &self,
        owner: &UserId,
        conversation: ConversationId,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(), Problem> {
        let mut entry = self.entry(EntryKind::Erasure, now, random);
        let digest = self.caller.conversation(owner, conversation);
        entry.conversation = Some(digest.clone());
        // In the chain of the conversation, so that it follows the texts that it deletes.
        self.store(&digest, entry, now).await
    }

    fn entry(&self, kind: EntryKind, now: Timestamp, random: &dyn Random) -> AuditEntry {
        self.caller.entry(kind, random.uuid().to_string(), now)
    }

    async fn store(&self, chain: &str, entry: AuditEntry, now: Timestamp) -> Result<(), Problem> {
        let stored = async {
            for item in pack(shard_of(chain), &[entry], now)? {
                self.outbox.append(&item).await?;
            }
            Ok::<(), AuditError>(())
        };
        stored.await.map_err(|error| {
            tracing::error!(fault = %error, "an entry of the audit cannot be stored");
            not_audited()
        })
    }
}

/// Describes the caller of a request.
fn audit_caller(context: &RequestContext<'_>) -> Result<AuditCaller, Problem> {
    let key = context.digest_key.ok_or_else(not_audited)?;
    let RequestContext { request, principal, token, .. } = context;
    Ok(AuditCaller::new(key, &request.request_id, principal, token.as_deref(), request.client_address.as_deref()))
}

/// What the audit of a run needs to know about its request.
pub struct AuditFacts<'a> {
    /// The key of the digests.
    pub digest_key: Option<&'a DigestKey>,
    /// The origin of the token.
    pub token: Option<&'a str>,
    /// The client's network address.
    pub source: Option<&'a str>,
}

/// A request to run an agent that was refused after its body and its caller's access were checked, and before its run began.
pub struct RefusedRun<'a> {
    /// The id of the request.
    pub request_id: &'a str,
    /// The caller.
    pub principal: &'a Principal,
    /// The agent.
    pub agent: &'a AgentName,
    /// The checked body.
    pub body: &'a RunBody,
    /// The name of what was wrong.
    pub status: &'a str,
}

/// Audits runs that never begin.
pub struct RefusalAudit(Option<Arc<dyn AuditOutbox>>);

impl RefusalAudit {
    /// Writes into this outbox; `None` where nothing is audited.
    #[must_use]
    pub const fn new(outbox: Option<Arc<dyn AuditOutbox>>) -> Self {
        Self(outbox)
    }

    /// Stores the entry about a refused run. It holds no texts, whatever the agent says, since nothing of the run is kept.
    ///
    /// # Errors
    /// 503 if it cannot be stored.
    pub async fn record(
        &self,
        refused: &RefusedRun<'_>,
        facts: &AuditFacts<'_>,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(), Problem> {
        let Some(outbox) = self.0.as_deref() else { return Ok(()) };
        let RefusedRun { request_id, principal, agent, body, status } = *refused;
        let key = facts.digest_key.ok_or_else(not_audited)?;
        let auditor =
            Auditor { outbox, caller: AuditCaller::new(key, request_id, principal, facts.token, facts.source) };
        let mut entry = auditor.entry(EntryKind::Invocation, now, random);
        entry.agent = Some(agent.to_string());
        entry.conversation = body.conversation_id.map(|id| auditor.caller.conversation(&principal.user, id));
        entry.input_digest = Some(auditor.caller.input(&body.prompt));
        entry.status = Some(status.to_owned());
        let chain = entry.conversation.clone().unwrap_or_else(|| entry.id.clone());
        auditor.store(&chain, entry, now).await
    }
}

/// Returns the problem of a request that cannot be audited.
pub(in crate::api) fn not_audited() -> Problem {
    Problem::new(ProblemKind::Unavailable, "the audit cannot be written, so nothing was done; try again")
        .retry_after(RETRY_SOON)
}

/// Returns the problem of a run that could not be audited to its end, after calls that may have run.
pub(in crate::api) fn run_not_audited() -> Problem {
    let detail = "the audit cannot be written, so the run has ended and its answer is not stored; calls that it had made \
                  before are not undone";
    Problem::new(ProblemKind::Unavailable, detail).retry_after(RETRY_SOON)
}

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        Self { problem: run_not_audited(), internal: Some(error.to_string()) }
    }
}
