//! The audit of one run: intents before calls run, outcomes after, and the entries that close the run.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::RunContext;
use super::store_retry::wait;
use crate::agent::AgentDefinition;
use crate::audit::{
    AuditCaller, AuditEntry, AuditError, AuditItem, AuditOutbox, AuditTexts, EntryKind, pack, shard_of,
};
use crate::domain::{AgentName, Random, Settled, SettledOutcome, Timestamp, ToolCall, Usage};
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
    /// The entries that close the run together with the one about the request.
    pending: Mutex<Vec<AuditEntry>>,
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
            pending: Mutex::default(),
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
        self.pending().push(entry);
    }

    /// Stores the intent of a call.
    ///
    /// # Errors
    /// [`AuditError`]; the call must not run.
    pub(super) async fn intend(&self, context: &RunContext<'_>, approved: &ApprovedCall) -> Result<(), AuditError> {
        let mut entry = self.entry(EntryKind::Intent, context);
        entry.action = Some(approved.action().name.as_str().to_owned());
        entry.decision = Some(decision(Verdict::Allow).to_owned());
        entry.policy_ids.clone_from(approved.policy_ids());
        self.describe(&mut entry, Some(&approved.arguments().to_string()), None);
        self.append(context, &[entry]).await
    }

    /// Stores what became of a call. If that fails, the entry is stored when the run closes.
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
        if self.append(context, std::slice::from_ref(&entry)).await.is_err() {
            self.pending().push(entry);
        }
    }

    /// Returns what closes the run: the entry about the request, then everything that is not stored yet.
    ///
    /// # Errors
    /// [`AuditError::Refused`] if an entry cannot be written.
    pub(super) fn closing(&self, context: &RunContext<'_>, end: RunEnd<'_>) -> Result<Vec<AuditItem>, AuditError> {
        let mut entry = self.entry(EntryKind::Invocation, context);
        entry.id.clone_from(&self.invocation);
        entry.time = self.arrived.to_string();
        entry.status = Some(end.status.to_owned());
        entry.usage = end.usage;
        self.describe(&mut entry, Some(end.prompt), end.output);
        let mut entries = vec![entry];
        // Kept, since a commit that fails is followed by another end.
        entries.extend(self.pending().iter().cloned());
        pack(self.shard(context), &entries, context.clock.now())
    }

    /// Closes a run that stores nothing else: one that failed, or that was answered from an earlier one.
    ///
    /// # Errors
    /// [`AuditError`]
    pub async fn close(&self, context: &RunContext<'_>, end: RunEnd<'_>) -> Result<(), AuditError> {
        for item in self.closing(context, end)? {
            self.store(context, &item).await?;
        }
        Ok(())
    }

    fn entry(&self, kind: EntryKind, context: &RunContext<'_>) -> AuditEntry {
        let mut entry = self.caller.entry(kind, context.random.uuid().to_string(), context.clock.now());
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
        self.caller.conversation(&context.principal.user, context.conversation)
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

    fn pending(&self) -> MutexGuard<'_, Vec<AuditEntry>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}
