//! A run of an agent: its state, its next effect, and the transitions that events cause.

mod knowledge;
mod settling;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::outcome::{event_name, finish_name, stop_reason};
use knowledge::Knowledge;
pub use knowledge::RunSources;

use super::phase::{Phase, Proposer, settles};
use super::prompt_messages::prompt_messages;
use super::{
    ActionSpec, AgentDefinition, CallerInput, Effect, GenerateSpec, Outcome, RunEvent, RunFailure, RunInput, RunOutput,
    State, StateName, StateRecord, StateStatus, TransitionError,
};
use crate::domain::{
    Content, FailureKind, FinishReason, Generation, GenerationRequest, LlmFailure, Marks, MaxTokens, Message, ModelRef,
    Prompt, Role, RunId, Step, StepKind, StopReason, Temperature, Timestamp, ToolCall, Trust, Usage,
};

/// A run, as a value: [`Self::apply`] consumes it and returns the next one.
#[derive(Clone, PartialEq, derive_more::Debug)]
pub struct AgentRun {
    id: RunId,
    agent: Arc<AgentDefinition>,
    input: CallerInput,
    temperature: Option<Temperature>,
    max_tokens: MaxTokens,
    /// The window, followed by this turn's messages.
    messages: Vec<Message>,
    turn_start: usize,
    state: StateName,
    /// What is known of the states that were visited.
    records: BTreeMap<StateName, StateRecord>,
    call: ModelCall,
    phase: Phase,
    /// The text of the last generation or action, which an output state returns.
    #[debug("[{} bytes]", last_text.len())]
    last_text: String,
    last_finish: StopReason,
    /// Whether the last text was streamed to the client.
    last_was_streamed: bool,
    /// Whether a model wrote the last text.
    last_is_generated: bool,
    /// Whether strangers may have written the last text.
    last_is_untrusted: bool,
    knowledge: Knowledge,
    served_by: ModelRef,
    steps: Vec<Step>,
    usage: Usage,
    steps_taken: u32,
    waiting_since: Timestamp,
}

/// What the current state asks its model, besides what stands in its definition.
#[derive(Clone, Default, PartialEq, derive_more::Debug)]
struct ModelCall {
    /// The state's own instructions, rendered.
    #[debug("{:?} bytes", system.as_ref().map(String::len))]
    system: Option<String>,
    /// The messages of a state with a prompt of its own, which are not stored; `None` where the state continues the
    /// conversation.
    own_messages: Option<Vec<Message>>,
    /// Whether the text is the run's output as it stands.
    streams: bool,
}

impl AgentRun {
    /// Starts a run and advances it to its first effect.
    #[must_use]
    pub fn start(agent: Arc<AgentDefinition>, id: RunId, input: RunInput, now: Timestamp) -> Self {
        // Marks where this turn begins, since only its own messages are stored.
        let turn_start = input.history.len();
        let mut messages = input.history;
        let knowledge = Knowledge::of(&messages, agent.safeguards.input);
        let marks = Marks { is_tainted: agent.safeguards.input == Trust::Untrusted, ..Marks::default() };
        messages.push(Message::text(Role::User, input.input.prompt.clone()).with_marks(marks));
        let run = Self {
            id,
            temperature: input.temperature.or(agent.temperature),
            max_tokens: input.max_tokens.unwrap_or(agent.max_tokens),
            input: input.input,
            messages,
            turn_start,
            state: agent.graph.start().clone(),
            records: BTreeMap::new(),
            call: ModelCall::default(),
            // A placeholder: `enter` sets the phase of the first state.
            phase: Phase::Generating,
            last_text: String::new(),
            last_finish: StopReason::EndTurn,
            last_was_streamed: false,
            last_is_generated: false,
            last_is_untrusted: false,
            knowledge,
            served_by: agent.model.clone(),
            steps: Vec::new(),
            usage: Usage::default(),
            steps_taken: 0,
            waiting_since: now,
            agent,
        };
        let start = run.state.clone();
        run.enter(start, now)
    }

    /// Returns the effect that the run needs next. It stays the same until [`Self::apply`] is called.
    #[must_use]
    pub fn next_effect(&self) -> Effect {
        match &self.phase {
            Phase::Generating => Effect::CallModel(self.generation_request()),
            // Cloned, since asking twice must return the same effect.
            Phase::Settling { calls, .. } => Effect::Settle(calls.clone()),
            Phase::AwaitingApproval { asks, .. } => Effect::AwaitApproval(asks.clone()),
            Phase::Finished(_) => Effect::Finish,
        }
    }

    /// Applies the result of the effect.
    ///
    /// # Errors
    /// [`TransitionError`] if the event does not belong to the phase, which is a bug of the caller.
    pub fn apply(mut self, event: RunEvent, now: Timestamp) -> Result<Self, TransitionError> {
        // The arms below consume the phase's calls. On an error the run is dropped, so the placeholder is never seen.
        let phase = std::mem::replace(&mut self.phase, Phase::Generating);
        match (phase, event) {
            (Phase::Generating, RunEvent::ModelReplied(generation)) => Ok(self.take_reply(generation, now)),
            (Phase::Generating, RunEvent::ModelFailed(failure)) => Ok(self.take_failure(failure, now)),
            (Phase::Generating, RunEvent::ContextExceeded { history_start, refused_by })
                if history_start <= self.turn_start =>
            {
                Ok(self.drop_history(history_start, refused_by, now))
            }
            (phase @ Phase::Settling { .. }, RunEvent::Consulted(consulted)) => {
                self.phase = phase;
                Ok(self.take_consultations(consulted))
            }
            // Providers refuse a call without its result, so the results must be those of these calls, in order.
            (Phase::Settling { proposer, calls }, RunEvent::Settled(settled)) if settles(&calls, &settled) => {
                Ok(self.take_settled(proposer, settled, now))
            }
            // An empty list would count as approved without any approval.
            (Phase::Settling { proposer, calls }, RunEvent::Parked(asks)) if !asks.is_empty() => {
                Ok(self.wait(Phase::AwaitingApproval { proposer, calls, asks }, now))
            }
            (Phase::AwaitingApproval { proposer, calls, asks }, RunEvent::Approved(approvals))
                if asks.iter().all(|ask| approvals.iter().any(|approval| approval.call == ask.call.id)) =>
            {
                // Approved calls are settled again, since only the settle effect executes calls.
                Ok(self.wait(Phase::Settling { proposer, calls }, now))
            }
            (Phase::Generating | Phase::Settling { .. } | Phase::AwaitingApproval { .. }, RunEvent::Cancelled) => {
                Ok(self.fail(RunFailure::Cancelled))
            }
            (phase, event) => Err(TransitionError { phase: phase.name(), event: event_name(&event) }),
        }
    }

    /// Returns the run's id.
    #[must_use]
    pub const fn id(&self) -> RunId {
        self.id
    }

    /// Returns the agent.
    #[must_use]
    pub fn agent(&self) -> &AgentDefinition {
        &self.agent
    }

    /// Returns the state that the run is in.
    #[must_use]
    pub const fn state(&self) -> &StateName {
        &self.state
    }

    /// Returns whether the text that the model is about to write is the run's output as it stands, so that the client may
    /// read it as it arrives.
    #[must_use]
    pub const fn streams(&self) -> bool {
        self.call.streams
    }

    /// Returns whether the client has read the output as it arrived, if it read what streams.
    #[must_use]
    pub fn output_was_streamed(&self) -> bool {
        let is_last_text =
            matches!(self.outcome(), Some(Outcome::Completed(answered)) if answered.output == self.last_text);
        self.last_was_streamed && is_last_text
    }

    /// Returns the outcome, or `None` while the run is in progress.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        if let Phase::Finished(outcome) = &self.phase { Some(outcome) } else { None }
    }

    /// Returns the earlier messages that the model reads, oldest first.
    #[must_use]
    pub fn history(&self) -> &[Message] {
        self.messages.get(..self.turn_start).unwrap_or_default()
    }

    /// Returns this turn's messages: the prompt, calls and their results, the reply.
    #[must_use]
    pub fn turn_messages(&self) -> &[Message] {
        self.messages.get(self.turn_start..).unwrap_or_default()
    }

    /// Returns the steps so far.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the tokens used so far.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.usage
    }

    /// Returns the model that was called last, or the agent's own before the first call.
    #[must_use]
    pub const fn served_by(&self) -> &ModelRef {
        &self.served_by
    }

    fn generation_request(&self) -> GenerationRequest {
        let spec = self.generate_spec();
        GenerationRequest {
            prompt: self.prompt(),
            temperature: spec.and_then(|spec| spec.temperature).or(self.temperature),
            max_tokens: spec.and_then(|spec| spec.max_tokens).unwrap_or(self.max_tokens),
        }
    }

    /// Returns what the current state's model reads, as it stands.
    #[must_use]
    pub fn prompt(&self) -> Prompt {
        let messages = match &self.call.own_messages {
            None => prompt_messages(&self.messages),
            Some(own) => prompt_messages(&[self.history(), own].concat()),
        };
        let tools = self.generate_spec().and_then(|spec| spec.tools.clone());
        Prompt {
            system: self.call.system.clone().or_else(|| self.agent.system.clone()),
            messages,
            tools: tools.unwrap_or_else(|| self.agent.tools.clone()),
        }
    }

    /// Returns the specification of the state, if it generates.
    fn generate_spec(&self) -> Option<&GenerateSpec> {
        match self.agent.graph.node(&self.state).map(|node| &node.state) {
            Some(State::Action(ActionSpec::Generate(spec))) => Some(spec),
            _ => None,
        }
    }

    /// Returns the messages that the current state adds to.
    fn current_messages(&mut self) -> &mut Vec<Message> {
        self.call.own_messages.as_mut().unwrap_or(&mut self.messages)
    }

    fn wait(mut self, phase: Phase, now: Timestamp) -> Self {
        self.phase = phase;
        self.waiting_since = now;
        self
    }

    fn fail(mut self, failure: RunFailure) -> Self {
        self.phase = Phase::Finished(Outcome::Failed(failure));
        self
    }

    fn complete(mut self, output: String, stop_reason: StopReason) -> Self {
        // A turn ends with the output: a later turn and the replay of an idempotency key read it there.
        let is_last = self.turn_messages().last().is_some_and(|last| {
            last.role == Role::Assistant && last.tool_calls().next().is_none() && last.plain_text() == output
        });
        if !is_last {
            let message = Message::text(Role::Assistant, output.clone());
            self.messages.push(message.with_marks(self.knowledge.marks.clone()));
        }
        self.phase = Phase::Finished(Outcome::Completed(RunOutput { output, stop_reason }));
        self
    }

    /// Completes a run that has reached its step limit, which is not an error: it answers with what it has.
    fn complete_at_limit(mut self) -> Self {
        // What is stored is marked as what it was made of.
        self.knowledge.marks.is_tainted |= self.last_is_untrusted;
        // What an action answered to the graph is not meant for the client, unless an output says so.
        let output = if self.last_is_generated { self.last_text.clone() } else { String::new() };
        self.complete(output, StopReason::ToolLimit)
    }

    /// Counts a step and returns whether the step limit allows it.
    fn count_step(&mut self) -> bool {
        self.steps_taken = self.steps_taken.saturating_add(1);
        self.steps_taken <= self.agent.max_steps
    }

    fn record(&mut self, kind: StepKind, outcome: &str, now: Timestamp) {
        let latency = now.since(self.waiting_since).as_millis();
        self.steps.push(Step {
            kind,
            name: self.state.to_string(),
            provider: None,
            model: None,
            latency_ms: u64::try_from(latency).unwrap_or(u64::MAX),
            usage: None,
            outcome: outcome.to_owned(),
            policy_ids: BTreeSet::new(),
        });
    }

    fn take_failure(mut self, failure: LlmFailure, now: Timestamp) -> Self {
        // The model that failed last, so that log and metrics name it.
        self.served_by = ModelRef { provider: failure.provider, model: failure.model.clone() };
        self.record(StepKind::Generate, "failed", now);
        // A run whose time is over has none left for another state.
        let is_final = failure.kind == FailureKind::DeadlineExceeded;
        match self.on_error().filter(|_| !is_final) {
            Some(next) => {
                self.leave(StateStatus::Failed, None, self.knowledge.marks.is_tainted);
                self.enter(next, now)
            }
            None => self.fail(RunFailure::Model(failure)),
        }
    }

    /// Drops the earlier messages before `start`; the next effect calls the model again.
    fn drop_history(mut self, start: usize, refused_by: Option<ModelRef>, now: Timestamp) -> Self {
        self.messages.drain(..start);
        self.turn_start -= start;
        if let Some(model) = refused_by {
            // A call as any other; the limit is enforced with the next one.
            self.steps_taken = self.steps_taken.saturating_add(1);
            self.record(StepKind::Generate, "failed", now);
            if let Some(step) = self.steps.last_mut() {
                step.provider = Some(model.provider);
                step.model = Some(model.model);
            }
        }
        self.wait(Phase::Generating, now)
    }

    fn take_reply(mut self, generation: Generation, now: Timestamp) -> Self {
        let Generation { mut message, finish, usage, served_by } = generation;
        // Every call is billed, so the tokens of all calls are added.
        self.usage = self.usage + usage;
        self.record(StepKind::Generate, finish_name(finish), now);
        if let Some(step) = self.steps.last_mut() {
            step.provider = Some(served_by.provider);
            step.model = Some(served_by.model.clone());
            step.usage = Some(usage);
        }
        self.served_by = served_by;
        self.last_text = message.plain_text();
        self.last_is_generated = true;
        self.last_was_streamed = self.call.streams;
        self.last_is_untrusted = self.knowledge.marks.is_tainted;
        message.marks = self.knowledge.marks.clone();
        if matches!(finish, FinishReason::MaxTokens | FinishReason::Policy) {
            // The rest of the reply is unknown, so none of its calls runs.
            message.content.retain(|part| !matches!(part, Content::ToolCall(_)));
        }
        let calls: Vec<ToolCall> = message.tool_calls().cloned().collect();
        if calls.is_empty() {
            if message.content.is_empty() {
                message.content = vec![Content::Text(String::new())];
            }
            self.current_messages().push(message);
            self.last_finish = stop_reason(finish);
            let output = Value::String(self.last_text.clone());
            let is_untrusted = self.last_is_untrusted;
            self.leave(StateStatus::Succeeded, Some(output), is_untrusted);
            return self.enter_next(now);
        }
        if !self.count_step() {
            // Providers refuse a stored call without its result, so only the text is kept.
            return self.complete_at_limit();
        }
        self.current_messages().push(message);
        self.wait(Phase::Settling { proposer: Proposer::Model, calls }, now)
    }
}
