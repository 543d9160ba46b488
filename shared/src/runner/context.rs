//! What everything that acts for a run needs to know.

use super::{Deadline, EventSink, RunAudit, TurnEvent};
use crate::domain::{Clock, ConversationId, Principal, Random, RunId};
use crate::store::ConversationKey;

/// The run that is being performed: its caller, its conversation and its deadline.
///
/// It is passed to everything that acts for the run, so that a judge of an action knows the caller.
#[derive(Clone, Copy)]
pub struct RunContext<'a> {
    /// The caller.
    pub principal: &'a Principal,
    /// The run.
    pub run: RunId,
    /// The conversation that the turn is stored in.
    pub conversation: ConversationId,
    /// When the answer is due.
    pub deadline: Deadline,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Ids and jitter.
    pub random: &'a dyn Random,
    /// Receives the run's events; `None` where the caller waits for the whole answer.
    pub events: Option<&'a EventSink>,
    /// The run's audit; `None` where nothing is audited.
    pub audit: Option<&'a RunAudit<'a>>,
}

impl<'a> RunContext<'a> {
    /// Returns the context of a new run, in `conversation` or, where that is `None`, in a new conversation.
    #[must_use]
    pub fn new(
        principal: &'a Principal,
        conversation: Option<ConversationId>,
        deadline: Deadline,
        clock: &'a dyn Clock,
        random: &'a dyn Random,
        events: Option<&'a EventSink>,
    ) -> Self {
        // Drawn before anything is stored, so that every retry of the commit carries the same id.
        let run = RunId::new(random.uuid());
        let conversation = conversation.unwrap_or_else(|| ConversationId::new(random.uuid()));
        Self { principal, run, conversation, deadline, clock, random, events, audit: None }
    }

    /// Audits the run.
    #[must_use]
    pub const fn audited(self, audit: Option<&'a RunAudit<'a>>) -> Self {
        Self { audit, ..self }
    }

    /// Returns the event that starts the run's events.
    #[must_use]
    pub(super) const fn started(&self) -> TurnEvent {
        TurnEvent::Started { run: self.run, conversation: self.conversation }
    }

    /// Returns the key under which the conversation is stored.
    #[must_use]
    pub fn conversation_key(&self) -> ConversationKey {
        ConversationKey {
            tenant: self.principal.tenant.clone(),
            owner: self.principal.user.clone(),
            conversation: self.conversation,
        }
    }
}
