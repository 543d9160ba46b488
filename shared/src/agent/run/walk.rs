//! The way through the graph: from state to state until one has an effect.

use std::sync::Arc;

use serde_json::Value;

use super::super::phase::{Phase, Proposer};
use super::super::{
    ActionSpec, Decision, EvaluationError, GenerateSpec, RunFailure, Scope, State, StateName, StateRecord, StateStatus,
    Template, TemplatedValue,
};
use super::{AgentRun, ModelCall};
use crate::domain::{Message, Role, StepKind, Timestamp, ToolCall, ToolCallId, ToolName, Trust};

/// What entering a state leads to.
enum Entered {
    /// The next state.
    Next(StateName),
    /// An effect.
    Waits(Phase),
    /// The end.
    Output(String),
    /// The end, since the steps are used up.
    AtLimit,
}

impl AgentRun {
    /// Advances from state to state until one has an effect or the run ends.
    pub(super) fn enter(mut self, mut state: StateName, now: Timestamp) -> Self {
        // Cloned, so that the graph can be read while the run changes.
        let agent = Arc::clone(&self.agent);
        loop {
            let Some(node) = agent.graph.node(&state) else { return self.fail(RunFailure::LostState(state)) };
            self.state = state;
            let record = self.records.entry(self.state.clone()).or_default();
            record.visits = record.visits.saturating_add(1);
            let entered = match &node.state {
                // A checked graph has a successor here; a failed run is better than a panic all the same.
                State::Input => match &node.next {
                    Some(next) => Ok(Entered::Next(next.clone())),
                    None => return self.fail_lost(),
                },
                State::Action(action) => self.enter_action(action),
                State::Decision(decision) => self.decide(decision, now),
                State::Output(template) => {
                    // What is stored is marked as what it was made of, and as who chose it.
                    self.knowledge.marks.is_tainted |= self.knowledge.is_steered
                        || match template {
                            Some(template) => self.scope().reads_untrusted(template.names()),
                            None => self.last_is_untrusted,
                        };
                    self.output(template.as_ref()).map(Entered::Output)
                }
            };
            match entered {
                Ok(Entered::Next(next)) => state = next,
                Ok(Entered::Waits(phase)) => return self.wait(phase, now),
                Ok(Entered::Output(output)) => {
                    let stop_reason = self.last_finish;
                    return self.complete(output, stop_reason);
                }
                Ok(Entered::AtLimit) => return self.complete_at_limit(),
                Err(fault) => {
                    let state = self.state.clone();
                    return self.fail(RunFailure::Graph { state, fault });
                }
            }
        }
    }

    /// Enters the state behind the current one.
    pub(super) fn enter_next(self, now: Timestamp) -> Self {
        let next = self.agent.graph.node(&self.state).and_then(|node| node.next.clone());
        match next {
            Some(next) => self.enter(next, now),
            None => self.fail_lost(),
        }
    }

    /// Returns the state that follows a failure of the current one.
    pub(super) fn on_error(&self) -> Option<StateName> {
        self.agent.graph.node(&self.state)?.on_error.clone()
    }

    /// Notes how the visit of the current state has ended.
    pub(super) fn leave(&mut self, status: StateStatus, output: Option<Value>, is_untrusted: bool) {
        self.call = ModelCall::default();
        // Whether it fails is theirs, too.
        self.knowledge.is_steered |= is_untrusted && self.on_error().is_some();
        let record = self.records.entry(self.state.clone()).or_default();
        record.status = Some(status);
        record.output = output;
        record.is_untrusted = is_untrusted;
    }

    /// Fails a run whose state has no successor.
    fn fail_lost(self) -> Self {
        let state = self.state.clone();
        self.fail(RunFailure::LostState(state))
    }

    fn enter_action(&mut self, action: &ActionSpec) -> Result<Entered, EvaluationError> {
        if !self.count_step() {
            return Ok(Entered::AtLimit);
        }
        match action {
            ActionSpec::Generate(spec) => {
                self.call = self.model_call(spec)?;
                // The model is about to read what strangers may have written, or is asked this because they chose so.
                let reads = |template: &Template| self.scope().reads_untrusted(template.names());
                self.knowledge.marks.is_tainted |= self.knowledge.is_steered || spec.prompt.as_ref().is_some_and(reads);
                Ok(Entered::Waits(Phase::Generating))
            }
            ActionSpec::Call(spec) => {
                let scope = self.scope();
                let fill = |(name, value): (&String, &TemplatedValue)| Ok((name.clone(), value.evaluate(&scope)?));
                let arguments = Value::Object(spec.arguments.iter().map(fill).collect::<Result<_, EvaluationError>>()?);
                self.check_metadata(&spec.action, &arguments)?;
                // The step's number makes the id unique within the run and the same whenever the run is replayed.
                let id = ToolCallId::new(format!("{}-{}", self.state, self.steps_taken));
                let call = ToolCall { id, name: spec.action.clone(), arguments };
                Ok(Entered::Waits(Phase::Settling { proposer: Proposer::Graph, calls: vec![call] }))
            }
        }
    }

    /// Checks that the request has the metadata that the action's own templates read. The call itself would fail as if its
    /// target had refused it.
    fn check_metadata(&self, action: &ToolName, arguments: &Value) -> Result<(), EvaluationError> {
        let Some(action) = self.agent.actions.get(action) else { return Ok(()) };
        let args = action.settings.get("args").unwrap_or(&Value::Null);
        let scope = Scope::of_call(&self.input, arguments, args);
        for value in action.settings.values().filter_map(|setting| TemplatedValue::parse(setting).ok()) {
            let templates = value.templates().into_iter().map(|(_, template)| template);
            for template in templates.filter(|template| reads_metadata(template)) {
                if let Err(missing @ EvaluationError::UndefinedInput { .. }) = template.evaluate(&scope) {
                    return Err(missing);
                }
            }
        }
        Ok(())
    }

    fn model_call(&self, spec: &GenerateSpec) -> Result<ModelCall, EvaluationError> {
        let scope = self.scope();
        let system = spec.system.as_ref().map(|template| template.render(&scope)).transpose()?;
        let prompt = spec.prompt.as_ref().map(|template| template.render(&scope)).transpose()?;
        let has_output = |name: &str| {
            // Names of other values than outputs are taken for there, so that nothing is streamed too early.
            let state = name.strip_prefix("states.").and_then(|rest| rest.strip_suffix(".output"));
            state.is_none_or(|state| self.records.get(&StateName::new(state)).is_some_and(has_text))
        };
        Ok(ModelCall {
            system,
            own_messages: prompt.map(|text| vec![Message::text(Role::User, text)]),
            streams: self.agent.graph.streams(&self.state, has_output),
        })
    }

    fn decide(&mut self, decision: &Decision, now: Timestamp) -> Result<Entered, EvaluationError> {
        if !self.count_step() {
            return Ok(Entered::AtLimit);
        }
        let visits = self.records.get(&self.state).map_or(0, |record| record.visits);
        let mut target = None;
        let mut is_steered = false;
        if visits <= decision.max_visits {
            let scope = self.scope();
            for branch in &decision.branches {
                is_steered |= scope.depends_on_untrusted(branch.condition.names());
                if branch.condition.is_true(&scope)? {
                    target = Some(&branch.target);
                    break;
                }
            }
        }
        self.knowledge.is_steered |= is_steered;
        let target = target.unwrap_or(&decision.otherwise);
        self.record(StepKind::Decision, target.as_str(), now);
        Ok(Entered::Next(target.clone()))
    }

    fn output(&self, template: Option<&Template>) -> Result<String, EvaluationError> {
        template.map_or_else(|| Ok(self.last_text.clone()), |template| template.render(&self.scope()))
    }

    pub(super) fn scope(&self) -> Scope<'_> {
        let all_states = self.agent.graph.nodes().map(|(name, _)| name).collect();
        let is_input_untrusted = self.agent.safeguards.input == Trust::Untrusted;
        let is_steered = self.knowledge.is_steered;
        Scope { input: &self.input, is_input_untrusted, is_steered, states: &self.records, all_states, call: None }
    }
}

fn reads_metadata(template: &Template) -> bool {
    template.names().iter().any(|name| name.starts_with("input.metadata"))
}

fn has_text(record: &StateRecord) -> bool {
    record.output.as_ref().is_some_and(|output| output.as_str().is_none_or(|text| !text.is_empty()))
}
