//! The calls of a run: who proposes them, and where their results go.

use std::collections::{BTreeMap, BTreeSet};

use super::super::phase::{Phase, Proposer, tool_result};
use super::super::{
    ActionSpec, CallSpec, CallerInput, Consultation, EvaluationError, Origin, Parameters, RunFailure, Sources, State,
    StateStatus, TemplatedValue,
};
use super::AgentRun;
use crate::domain::{
    Content, Message, Role, Settled, SettledOutcome, Step, StepKind, Timestamp, ToolCall, ToolName, Trust,
};

impl AgentRun {
    /// Returns who proposes the calls that are being settled.
    #[must_use]
    pub const fn proposer(&self) -> Option<Proposer> {
        match &self.phase {
            Phase::Settling { proposer, .. } | Phase::AwaitingApproval { proposer, .. } => Some(*proposer),
            Phase::Generating | Phase::Finished(_) => None,
        }
    }

    /// Returns the number of steps so far.
    #[must_use]
    pub const fn steps_taken(&self) -> u32 {
        self.steps_taken
    }

    /// Returns the origin of each argument of a call that is being settled.
    ///
    /// # Errors
    /// [`EvaluationError`] if a template of the graph has no value, which it had when the call was made.
    pub fn origins(
        &self,
        call: &ToolCall,
        parameters: &Parameters,
        sources: &Sources,
    ) -> Result<BTreeMap<String, Origin>, EvaluationError> {
        if let (Some(Proposer::Graph), Some(spec)) = (self.proposer(), self.call_spec()) {
            let scope = self.scope();
            let origin = |(name, value): (&String, &TemplatedValue)| Ok((name.clone(), value.origin(&scope, sources)?));
            return spec.arguments.iter().map(origin).collect();
        }
        let arguments = call.arguments.as_object();
        Ok(arguments.map(|arguments| sources.origins(arguments, parameters.schema())).unwrap_or_default())
    }

    fn call_spec(&self) -> Option<&CallSpec> {
        match self.agent.graph.node(&self.state).map(|node| &node.state) {
            Some(State::Action(ActionSpec::Call(spec))) => Some(spec),
            _ => None,
        }
    }

    pub(super) fn take_settled(mut self, proposer: Proposer, settled: Vec<Settled>, now: Timestamp) -> Self {
        for one in &settled {
            self.record_call(one, now);
        }
        match proposer {
            Proposer::Model => {
                for one in &settled {
                    self.knowledge.marks.is_tainted |= self.knowledge.learn(one, &self.agent);
                }
                let content = settled.into_iter().map(|one| Content::ToolResult(tool_result(one))).collect();
                // Providers expect a tool's result in a message of the user.
                let message = Message::new(Role::User, content).with_marks(self.knowledge.marks.clone());
                self.current_messages().push(message);
                if !self.count_step() {
                    return self.complete_at_limit();
                }
                self.wait(Phase::Generating, now)
            }
            // An action state proposes one call.
            Proposer::Graph => match settled.into_iter().next() {
                Some(one) => self.take_result(one, now),
                None => self.enter_next(now),
            },
        }
    }

    /// Takes the result of a call that the graph has made. It taints the run once a model reads it.
    fn take_result(mut self, settled: Settled, now: Timestamp) -> Self {
        let is_from_strangers = self.knowledge.learn(&settled, &self.agent);
        let name = settled.call.name;
        let (status, failure) = match settled.outcome {
            SettledOutcome::Succeeded(output) => {
                self.last_text = output.text();
                self.last_is_generated = false;
                self.last_is_untrusted = is_from_strangers;
                self.last_was_streamed = false;
                self.knowledge.is_steered |= self.on_error().is_some() && self.strangers_may_fail_the_call();
                self.leave(StateStatus::Succeeded, Some(output.value), is_from_strangers);
                return self.enter_next(now);
            }
            SettledOutcome::Failed { .. } => (StateStatus::Failed, RunFailure::Action { action: name }),
            SettledOutcome::Denied { policy_ids, needs_approval, .. } => {
                let status = if needs_approval { StateStatus::NeedsApproval } else { StateStatus::Denied };
                (status, RunFailure::Forbidden { action: name, policy_ids })
            }
        };
        match self.on_error() {
            Some(next) => {
                let is_untrusted = is_from_strangers || self.strangers_may_fail_the_call();
                self.leave(status, None, is_untrusted);
                self.enter(next, now)
            }
            None => self.fail(failure),
        }
    }

    /// Returns whether strangers word what the graph's own call is given or what it answers, and so may make it fail.
    fn strangers_may_fail_the_call(&self) -> bool {
        let Some(spec) = self.call_spec() else { return false };
        let scope = self.scope();
        let mut templates = spec.arguments.values().flat_map(TemplatedValue::templates);
        self.agent.actions.get(&spec.action).is_some_and(|action| action.output == Trust::Untrusted)
            || templates.any(|(_, template)| scope.depends_on_untrusted(template.names()))
    }

    /// Records the models that were asked about the calls that are being settled.
    pub(super) fn take_consultations(mut self, consulted: Vec<Consultation>) -> Self {
        for one in consulted {
            self.usage = self.usage + one.usage.unwrap_or_default();
            self.steps.push(Step {
                kind: StepKind::Policy,
                name: one.name.to_owned(),
                provider: Some(one.served_by.provider),
                model: Some(one.served_by.model),
                latency_ms: u64::try_from(one.latency.as_millis()).unwrap_or(u64::MAX),
                usage: one.usage,
                outcome: one.outcome.to_owned(),
                policy_ids: BTreeSet::new(),
            });
        }
        self
    }

    /// Returns whether the current state offers this action to its model.
    #[must_use]
    pub fn offers(&self, name: &ToolName) -> bool {
        let own = self.generate_spec().and_then(|spec| spec.tools.as_ref());
        own.unwrap_or(&self.agent.tools).iter().any(|tool| tool.name == *name)
    }

    /// Returns what the caller has sent.
    #[must_use]
    pub const fn input(&self) -> &CallerInput {
        &self.input
    }

    /// Returns the caller's own words in this conversation, oldest first; the last is this turn's prompt, unless it counts as a
    /// stranger's.
    #[must_use]
    pub fn callers_words(&self) -> Vec<&str> {
        let own = self.history().iter().filter(|message| message.role == Role::User && !message.marks.is_tainted);
        let texts = own.flat_map(|message| &message.content).filter_map(|part| match part {
            Content::Text(text) => Some(text.as_str()),
            Content::ToolCall(_) | Content::ToolResult(_) => None,
        });
        let is_own = self.agent.safeguards.input == Trust::Trusted;
        texts.chain(is_own.then_some(self.input.prompt.as_str())).collect()
    }

    fn record_call(&mut self, settled: &Settled, now: Timestamp) {
        let (kind, outcome) = match &settled.outcome {
            SettledOutcome::Succeeded(_) => (StepKind::Action, "succeeded"),
            SettledOutcome::Failed { has_run: true, .. } => (StepKind::Action, "failed"),
            SettledOutcome::Failed { has_run: false, .. } => (StepKind::Policy, "failed"),
            SettledOutcome::Denied { needs_approval: true, .. } => (StepKind::Policy, "needs-approval"),
            SettledOutcome::Denied { .. } => (StepKind::Policy, "denied"),
        };
        // Calls are settled together, so each step has the latency of all of them.
        self.record(kind, outcome, now);
        // A model may name anything, and steps reach logs.
        let is_known = self.agent.actions.contains_key(&settled.call.name);
        if let Some(step) = self.steps.last_mut() {
            let name = if is_known { settled.call.name.as_str() } else { ToolName::UNKNOWN };
            name.clone_into(&mut step.name);
            match &settled.outcome {
                SettledOutcome::Denied { policy_ids, .. } => step.policy_ids.clone_from(policy_ids),
                SettledOutcome::Succeeded(output) => step.usage = output.usage,
                SettledOutcome::Failed { .. } => {}
            }
        }
        if let SettledOutcome::Succeeded(output) = &settled.outcome {
            self.usage = self.usage + output.usage.unwrap_or_default();
        }
    }
}
