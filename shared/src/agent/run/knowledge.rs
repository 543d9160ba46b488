//! What a run knows of the texts that it has read: their marks, and the outputs of its calls.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::agent::{AgentDefinition, AgentRun, Origin, Sources, State};
use crate::domain::{Content, Marks, Message, ResultSource, Role, Settled, SettledOutcome, Trust, stored_bytes};

/// What a run knows of the texts that it has read.
#[derive(Clone, Default, PartialEq, derive_more::Debug)]
pub(super) struct Knowledge {
    /// What the model's texts carry from now on.
    pub(super) marks: Marks,
    /// Whether strangers may have decided which states were entered, by a condition on their text or by a failure.
    pub(super) is_steered: bool,
    /// The actions that were called and ran.
    pub(super) called: BTreeSet<String>,
    /// The number of calls that were settled.
    pub(super) calls_settled: u32,
    /// What actions have answered.
    #[debug("[{} outputs]", outputs.len())]
    outputs: Vec<(Origin, Arc<str>)>,
    output_bytes: usize,
}

impl Knowledge {
    /// Returns what a run knows before its first effect.
    pub(super) fn of(history: &[Message], input: Trust) -> Self {
        let mut marks = Marks { is_tainted: input == Trust::Untrusted, data: BTreeSet::new() };
        for message in history {
            marks.is_tainted |= message.marks.is_tainted || has_untrusted_result(message);
            marks.data.extend(message.marks.data.iter().cloned());
        }
        Self { marks, ..Self::default() }
    }

    /// Notes a settled call of an agent. Returns whether strangers may have written what the proposer reads of it.
    pub(super) fn learn(&mut self, settled: &Settled, agent: &AgentDefinition) -> bool {
        self.calls_settled = self.calls_settled.saturating_add(1);
        // A call that ran and failed may have had its effect.
        if matches!(settled.outcome, SettledOutcome::Succeeded(_) | SettledOutcome::Failed { has_run: true, .. }) {
            self.called.insert(settled.call.name.as_str().to_owned());
        }
        let (text, origin) = match &settled.outcome {
            SettledOutcome::Succeeded(output) => {
                self.marks.data.extend(output.data.iter().cloned());
                let origin = if output.trust == Trust::Trusted { Origin::Trusted } else { Origin::Untrusted };
                (output.text(), origin)
            }
            SettledOutcome::Failed { text, is_from_outside: true, .. } => {
                // What an error says may be of the same classes as what a success would have said.
                let action = agent.actions.get(&settled.call.name);
                self.marks.data.extend(action.into_iter().flat_map(|action| action.data.iter().cloned()));
                (text.clone(), Origin::Untrusted)
            }
            // What the gateway says is evidence of nothing.
            SettledOutcome::Failed { .. } | SettledOutcome::Denied { .. } => return false,
        };
        self.output_bytes = self.output_bytes.saturating_add(stored_bytes(&text));
        self.outputs.push((origin, text.into()));
        origin == Origin::Untrusted
    }
}

fn has_untrusted_result(message: &Message) -> bool {
    let is_untrusted =
        |part: &Content| matches!(part, Content::ToolResult(result) if result.source == ResultSource::Untrusted);
    message.content.iter().any(is_untrusted)
}

/// What a run has read, in the form in which values are looked for; kept while the run lasts, since a window is long.
#[derive(Debug, Default)]
pub struct RunSources {
    sources: Option<Sources>,
    outputs_read: usize,
}

impl RunSources {
    /// Returns what the run has read so far.
    pub fn of(&mut self, run: &AgentRun) -> &Sources {
        let outputs = &run.knowledge.outputs;
        let sources = self.sources.get_or_insert_with(|| first_sources(run));
        for (origin, text) in outputs.iter().skip(self.outputs_read) {
            sources.add(*origin, text);
        }
        self.outputs_read = outputs.len();
        sources
    }
}

/// Returns what a run has read besides the outputs of its calls.
fn first_sources(run: &AgentRun) -> Sources {
    let mut sources = Sources::default();
    let own = if run.agent.safeguards.input == Trust::Untrusted { Origin::Untrusted } else { Origin::Caller };
    for message in run.history() {
        for part in &message.content {
            match part {
                Content::Text(text) if message.role == Role::User => {
                    sources.add(if message.marks.is_tainted { Origin::Untrusted } else { Origin::Caller }, text);
                }
                Content::ToolResult(result) => match result.source {
                    ResultSource::Trusted => sources.add(Origin::Trusted, &result.text),
                    ResultSource::Untrusted => sources.add(Origin::Untrusted, &result.text),
                    ResultSource::Gateway => {}
                },
                // What a model writes is evidence of nothing.
                Content::Text(_) | Content::ToolCall(_) => {}
            }
        }
    }
    sources.add(own, &run.input.prompt);
    run.input.metadata.values().for_each(|value| sources.add(own, value));
    // Who the caller is comes from the token.
    let caller = &run.input.caller;
    sources.add(Origin::Operator, caller.user.as_str());
    sources.add(Origin::Operator, caller.tenant.as_str());
    run.agent.system.iter().for_each(|system| sources.add(Origin::Operator, system));
    for (_, node) in run.agent.graph.nodes() {
        // What outputs and decisions say never reaches a model.
        if matches!(node.state, State::Action(_)) {
            node.templates().iter().for_each(|(_, template)| sources.add(Origin::Operator, template.source()));
        }
    }
    sources
}

impl AgentRun {
    /// Returns whether strangers may have had a say in what the model writes.
    #[must_use]
    pub const fn is_tainted(&self) -> bool {
        self.knowledge.marks.is_tainted
    }

    /// Returns the data classes that the run carries.
    #[must_use]
    pub const fn data(&self) -> &BTreeSet<String> {
        &self.knowledge.marks.data
    }

    /// Returns the actions that the run has called.
    #[must_use]
    pub const fn called(&self) -> &BTreeSet<String> {
        &self.knowledge.called
    }

    /// Returns the number of calls that were settled.
    #[must_use]
    pub const fn calls_settled(&self) -> u32 {
        self.knowledge.calls_settled
    }

    /// Returns the bytes that the answers of actions take where they are stored.
    #[must_use]
    pub const fn output_bytes(&self) -> usize {
        self.knowledge.output_bytes
    }
}
