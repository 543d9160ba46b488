//! The audit of one run: intents before calls run, outcomes after, and the entries that close the run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::RunContext;
use super::store_retry::wait;
use crate::agent::AgentDefinition;
use crate::audit::{
    AuditCaller, AuditEntry, AuditError, AuditItem, AuditOutbox, AuditTexts, EntryKind, pack, shard_of,
};
use crate::domain::{AgentName, ConversationId, Random, Settled, SettledOutcome, Timestamp, ToolCall, Usage};
use crate::policy::{ApprovedCall, Verdict};

/// How often an item is stored at most.
const MAX_ATTEMPTS: u32 = 3;

/// The audit of one run.
pub struct RunAudit<'a> {
    outbox: &'a dyn AuditOutbox,
    caller: AuditCaller,
    agent: AgentName,
    keeps_texts: bool,
    /// The id of the entry about the request. It is drawn once, so that the item that closes the run has one key, however
    /// often it is stored.
    invocation: String,
    arrived: Timestamp,
    /// The digest of the conversation, once it was needed.
    conversation: Mutex<Option<(ConversationId, String)>>,
    /// The entries that close the run together with the one about the request.
    pending: Mutex<Vec<AuditEntry>>,
    /// The calls whose intent may be stored and whose outcome is not known, by their key.
    open: Mutex<BTreeMap<String, OpenCall>>,
}

/// A call without an outcome.
struct OpenCall {
    action: String,
    input_digest: Option<String>,
    /// Whether it may have run.
    has_begun: bool,
}

/// How a run ended.
#[derive(Clone, Copy, derive_more::Debug)]
pub struct RunEnd<'a> {
    /// `succeeded`, or the name of what was wrong.
    pub status: &'a str,
    /// The prompt.
    #[debug("[hidden]")]
    pub prompt: &'a str,
    /// The answer.
    #[debug("[hidden]")]
    pub output: Option<&'a str>,
    /// The tokens.
    pub usage: Option<Usage>,
}

impl<'a> RunAudit<'a> {
    /// Starts the audit of a run.
    #[must_use]
    pub fn new(
        outbox: &'a dyn AuditOutbox,
        caller: AuditCaller,
        agent: &AgentDefinition,
        arrived: Timestamp,
        random: &dyn Random,
    ) -> Self {
        Self {
            outbox,
            caller,
            agent: agent.name.clone(),
            keeps_texts: agent.safeguards.audits_texts,
            invocation: random.uuid().to_string(),
            arrived,
            conversation: Mutex::default(),
            pending: Mutex::default(),
            open: Mutex::default(),
        }
    }

    /// Notes a call that is refused. The entry is stored when the run closes.
    pub(super) fn refuse(
        &self,
        context: &RunContext<'_>,
        (action, verdict): (&str, Verdict),
        policy_ids: &BTreeSet<String>,
        call: Option<&ToolCall>,
    ) {
        let mut entry = self.entry(EntryKind::Decision, context);
        entry.action = Some(action.to_owned());
        entry.decision = Some(decision(verdict).to_owned());
        entry.policy_ids.clone_from(policy_ids);
        if let Some(call) = call {
            self.describe(&mut entry, Some(&call.arguments.to_string()), None);
        }
        lock(&self.pending).push(entry);
    }

    /// Stores the intent of a call.
    ///
    /// # Errors
    /// [`AuditError`]; the call must not run.
    pub(super) async fn intend(&self, context: &RunContext<'_>, approved: &ApprovedCall) -> Result<(), AuditError> {
        let mut entry = self.entry(EntryKind::Intent, context);
        let action = approved.action().name.as_str().to_owned();
        entry.action = Some(action.clone());
        entry.decision = Some(decision(Verdict::Allow).to_owned());
        entry.policy_ids.clone_from(approved.policy_ids());
        self.describe(&mut entry, Some(&approved.arguments().to_string()), None);
        // Before it is stored, since an intent may be stored whose answer is lost.
        let open = OpenCall { action, input_digest: entry.input_digest.clone(), has_begun: false };
        lock(&self.open).insert(approved.key(), open);
        self.append(context, &[entry]).await
    }

    /// Notes that a call may have run from now on.
    pub(super) fn begin(&self, approved: &ApprovedCall) {
        if let Some(open) = lock(&self.open).get_mut(&approved.key()) {
            open.has_begun = true;
        }
    }

    /// Stores what became of a call. If that fails or is cancelled, the entry is stored when the run closes.
    pub(super) async fn record(&self, context: &RunContext<'_>, approved: &ApprovedCall, settled: &Settled) {
        let mut entry = self.entry(EntryKind::Outcome, context);
        entry.action = Some(approved.action().name.as_str().to_owned());
        let (status, output) = match &settled.outcome {
            SettledOutcome::Succeeded(output) => ("succeeded", output.text()),
            SettledOutcome::Failed { text, .. } => ("failed", text.clone()),
            SettledOutcome::Denied { text, .. } => ("denied", text.clone()),
        };
        entry.status = Some(status.to_owned());
        self.describe(&mut entry, None, Some(&output));
        let id = entry.id.clone();
        lock(&self.pending).push(entry.clone());
        lock(&self.open).remove(&approved.key());
        if self.append(context, &[entry]).await.is_ok() {
            lock(&self.pending).retain(|entry| entry.id != id);
        }
    }

    /// Returns what closes the run together with its turn.
    ///
    /// # Errors
    /// [`AuditError::Refused`] if an entry cannot be written.
    pub(super) fn closing(&self, context: &RunContext<'_>, end: RunEnd<'_>) -> Result<Vec<AuditItem>, AuditError> {
        pack(self.shard(context), &self.last_entries(context, end), context.clock.now())
    }

    /// Returns the entry about the request, then everything that is not stored yet.
    fn last_entries(&self, context: &RunContext<'_>, end: RunEnd<'_>) -> Vec<AuditEntry> {
        let mut entry = self.entry_of(self.invocation.clone(), EntryKind::Invocation, context);
        entry.time = self.arrived.to_string();
        entry.status = Some(end.status.to_owned());
        entry.usage = end.usage;
        self.describe(&mut entry, Some(end.prompt), end.output);
        let mut entries = vec![entry];
        self.close_calls(context);
        // Kept, since a commit that fails is followed by another end.
        entries.extend(lock(&self.pending).iter().cloned());
        entries
    }

    /// Gives each call without an outcome one that says whether it may have run.
    fn close_calls(&self, context: &RunContext<'_>) {
        for (_, call) in std::mem::take(&mut *lock(&self.open)) {
            let mut entry = self.entry(EntryKind::Outcome, context);
            entry.action = Some(call.action);
            entry.input_digest = call.input_digest;
            entry.status = Some(if call.has_begun { "unknown" } else { "not-run" }.to_owned());
            lock(&self.pending).push(entry);
        }
    }

    /// Closes a run that stores no turn: one that failed, or that was answered from an earlier one. Its entries hold no texts,
    /// since there may never be a conversation with which they could be erased.
    ///
    /// # Errors
    /// [`AuditError`]
    pub async fn close(&self, context: &RunContext<'_>, end: RunEnd<'_>) -> Result<(), AuditError> {
        let mut entries = self.last_entries(context, end);
        for entry in &mut entries {
            entry.texts = None;
        }
        self.append(context, &entries).await
    }

    fn entry(&self, kind: EntryKind, context: &RunContext<'_>) -> AuditEntry {
        self.entry_of(context.random.uuid().to_string(), kind, context)
    }

    fn entry_of(&self, id: String, kind: EntryKind, context: &RunContext<'_>) -> AuditEntry {
        let mut entry = self.caller.entry(kind, id, context.clock.now());
        entry.run = Some(context.run.to_string());
        entry.agent = Some(self.agent.to_string());
        entry.conversation = Some(self.conversation(context));
        entry
    }

    fn describe(&self, entry: &mut AuditEntry, input: Option<&str>, output: Option<&str>) {
        entry.input_digest = input.map(|text| self.caller.input(text));
        entry.output_digest = output.map(|text| self.caller.output(text));
        entry.texts = self.keeps_texts.then(|| AuditTexts::new(input, output));
    }

    fn conversation(&self, context: &RunContext<'_>) -> String {
        let mut known = lock(&self.conversation);
        match &*known {
            Some((conversation, digest)) if *conversation == context.conversation => digest.clone(),
            _ => {
                let digest = self.caller.conversation(&context.principal.user, context.conversation);
                *known = Some((context.conversation, digest.clone()));
                digest
            }
        }
    }

    fn shard(&self, context: &RunContext<'_>) -> u8 {
        shard_of(&self.conversation(context))
    }

    async fn append(&self, context: &RunContext<'_>, entries: &[AuditEntry]) -> Result<(), AuditError> {
        for item in pack(self.shard(context), entries, context.clock.now())? {
            self.store(context, &item).await?;
        }
        Ok(())
    }

    async fn store(&self, context: &RunContext<'_>, item: &AuditItem) -> Result<(), AuditError> {
        let mut attempt = 1;
        loop {
            match self.outbox.append(item).await {
                Err(AuditError::Unavailable) if attempt < MAX_ATTEMPTS => {
                    wait(context, attempt).await;
                    attempt += 1;
                }
                result => {
                    if let Err(error) = &result {
                        tracing::error!(fault = %error, "an entry of the audit cannot be stored");
                    }
                    return result;
                }
            }
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}
