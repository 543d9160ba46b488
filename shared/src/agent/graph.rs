//! The state graph of an agent: Input, Action, Decision, Output.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::graph_check;
use super::{GraphFault, ModelChoice, Template, TemplatedValue};
use crate::domain::{MaxTokens, Temperature, ToolName, ToolSpec};

/// A state's name within its graph.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateName(String);

impl StateName {
    /// Wraps the text unchecked.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a state does.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Accepts the prompt.
    Input,
    /// Generates, or calls an action.
    Action(ActionSpec),
    /// Continues at the target of the first branch whose condition holds.
    Decision(Decision),
    /// Ends the run with this text for the client; `None` for that of the last generation or action.
    Output(Option<Template>),
}

/// What an action state does.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionSpec {
    /// Calls a model until it proposes no more calls.
    Generate(Box<GenerateSpec>),
    /// Calls one action.
    Call(CallSpec),
}

/// A call of an action by the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSpec {
    /// The action.
    pub action: ToolName,
    /// Its arguments.
    pub arguments: BTreeMap<String, TemplatedValue>,
}

/// How a state generates, where it differs from its agent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GenerateSpec {
    /// The model and its fallbacks.
    pub model: Option<ModelChoice>,
    /// The instructions.
    pub system: Option<Template>,
    /// The text that the model reads in place of the caller's prompt. Its messages are not stored then.
    pub prompt: Option<Template>,
    /// The tools that the model may call.
    pub tools: Option<Vec<ToolSpec>>,
    /// The temperature, whatever the caller asks for.
    pub temperature: Option<Temperature>,
    /// The token limit, whatever the caller asks for.
    pub max_tokens: Option<MaxTokens>,
}

/// Where a run continues.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The branches, tried in order.
    pub branches: Vec<Branch>,
    /// The next state where no condition holds, or after `max_visits` visits.
    pub otherwise: StateName,
    /// The number of visits after which the branches are no longer tried.
    pub max_visits: u32,
}

/// A branch of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The condition under which it is taken.
    pub condition: Template,
    /// The next state.
    pub target: StateName,
}

/// A state and its successors.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What the state does.
    pub state: State,
    /// The next state; `None` for decisions, which have branches, and for outputs, which end the run.
    pub next: Option<StateName>,
    /// The next state after a failure, of an action state alone; `None` where a failure ends the run.
    pub on_error: Option<StateName>,
}

/// A checked state graph: every named state exists and can be reached, an output can be reached from each, and each cycle
/// ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    start: StateName,
    nodes: BTreeMap<StateName, Node>,
}

impl Graph {
    /// Checks the states and builds a graph.
    ///
    /// # Errors
    /// All faults that were found.
    pub fn new(nodes: BTreeMap<StateName, Node>) -> Result<Self, Vec<GraphFault>> {
        let start = graph_check::check(&nodes, &BTreeSet::new())?;
        Ok(Self { start, nodes })
    }

    /// Returns the faults of states of which some are not known as a whole. Those in `unread` may be of any type and lead
    /// anywhere, besides to what their nodes name.
    #[must_use]
    pub fn faults_beside(nodes: &BTreeMap<StateName, Node>, unread: &BTreeSet<StateName>) -> Vec<GraphFault> {
        graph_check::check(nodes, unread).err().unwrap_or_default()
    }

    /// Returns the graph of an agent that configures none: input → generate with tools → output.
    #[must_use]
    pub fn default_graph() -> Self {
        let name = |text: &str| StateName::new(text);
        let node = |state, next: Option<StateName>| Node { state, next, on_error: None };
        let generate = State::Action(ActionSpec::Generate(Box::default()));
        let nodes = [
            (name("input"), node(State::Input, Some(name("generate")))),
            (name("generate"), node(generate, Some(name("output")))),
            (name("output"), node(State::Output(None), None)),
        ];
        // Built without the check, since the graph is fixed; a test proves that the check accepts it.
        Self { start: name("input"), nodes: nodes.into_iter().collect() }
    }

    /// Returns the state in which a run begins.
    #[must_use]
    pub const fn start(&self) -> &StateName {
        &self.start
    }

    /// Returns the state of this name.
    #[must_use]
    pub fn node(&self, name: &StateName) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// Returns all states by name.
    pub fn nodes(&self) -> impl Iterator<Item = (&StateName, &Node)> {
        self.nodes.iter()
    }

    /// Returns the states that generate.
    pub fn generations(&self) -> impl Iterator<Item = (&StateName, &GenerateSpec)> {
        self.nodes.iter().filter_map(|(name, node)| match &node.state {
            State::Action(ActionSpec::Generate(spec)) => Some((name, &**spec)),
            _ => None,
        })
    }

    /// Returns the states that call an action.
    pub fn calls(&self) -> impl Iterator<Item = (&StateName, &CallSpec)> {
        self.nodes.iter().filter_map(|(name, node)| match &node.state {
            State::Action(ActionSpec::Call(spec)) => Some((name, spec)),
            _ => None,
        })
    }

    /// Returns the states that generate with a model of their own.
    pub fn models(&self) -> impl Iterator<Item = (&StateName, &ModelChoice)> {
        self.generations().filter_map(|(name, spec)| Some((name, spec.model.as_ref()?)))
    }

    /// Returns whether the text of a generation in `state` is the run's output as it stands, whatever it says: the state leads
    /// to an output that returns it. `outputs` says whether another state has an output.
    pub(super) fn streams(&self, state: &StateName, outputs: impl Fn(&str) -> bool) -> bool {
        let Some(node) = self.nodes.get(state) else { return false };
        // What has been sent cannot be taken back when the generation fails half-way.
        if node.on_error.is_some() {
            return false;
        }
        let next = node.next.as_ref().and_then(|next| self.nodes.get(next));
        let Some(State::Output(template)) = next.map(|node| &node.state) else { return false };
        let Some(template) = template else { return true };
        let Some(mut alternatives) = template.alternatives() else { return false };
        let own = format!("states.{state}.output");
        // The first that is there is the output.
        alternatives.find(|name| *name == own || outputs(name)) == Some(own.as_str())
    }
}

impl Node {
    /// Returns the keys under which the state names others, and those states.
    pub(super) fn targets(&self) -> Vec<(String, &StateName)> {
        let mut targets = Vec::new();
        targets.extend(self.next.iter().map(|target| ("next".to_owned(), target)));
        targets.extend(self.on_error.iter().map(|target| ("on_error".to_owned(), target)));
        if let State::Decision(decision) = &self.state {
            let branches = decision.branches.iter().enumerate();
            targets.extend(branches.map(|(index, branch)| (format!("branches[{index}].next"), &branch.target)));
            targets.push(("otherwise".to_owned(), &decision.otherwise));
        }
        targets
    }

    /// Returns the states that a run may enter next.
    #[must_use]
    pub fn successors(&self) -> BTreeSet<&StateName> {
        self.targets().into_iter().map(|(_, target)| target).collect()
    }

    /// Returns the keys of the state's templates, and those templates.
    pub(super) fn templates(&self) -> Vec<(String, &Template)> {
        match &self.state {
            State::Action(ActionSpec::Generate(spec)) => {
                let system = spec.system.iter().map(|template| ("system".to_owned(), template));
                system.chain(spec.prompt.iter().map(|template| ("prompt".to_owned(), template))).collect()
            }
            State::Decision(decision) => {
                let branches = decision.branches.iter().enumerate();
                branches.map(|(index, branch)| (format!("branches[{index}].when"), &branch.condition)).collect()
            }
            State::Output(template) => template.iter().map(|template| ("text".to_owned(), template)).collect(),
            State::Action(ActionSpec::Call(spec)) => {
                let mut templates = Vec::new();
                for (name, value) in &spec.arguments {
                    let inner = value.templates().into_iter();
                    templates.extend(inner.map(|(path, template)| (format!("arguments.{name}{path}"), template)));
                }
                templates
            }
            State::Input => Vec::new(),
        }
    }
}
