//! An agent's `states` resolved into its graph.

use std::collections::{BTreeMap, BTreeSet};

use super::agents::Agents;
use super::bounded::bounded;
use super::file::AgentSection;
use super::shown::quoted;
use super::state_file::{StateKind, StateSection};
use crate::agent::{
    ActionSpec, Branch, Decision, GenerateSpec, Graph, ModelChoice, Node, State, StateName, Template, TemplateFault,
};
use crate::domain::{MaxTokens, ModelRef, Temperature};

/// The action of a state that calls a model.
const GENERATE: &str = "generate";

/// Returns the keys of each type of state besides `type`.
const fn keys(kind: StateKind) -> &'static [&'static str] {
    match kind {
        StateKind::Input => &["next"],
        StateKind::Action => &[
            "action",
            "arguments",
            "llm",
            "max_tokens",
            "next",
            "on_error",
            "prompt",
            "system",
            "temperature",
            "tools",
        ],
        StateKind::Decision => &["branches", "max_visits", "otherwise"],
        StateKind::Output => &["text"],
    }
}

impl Agents<'_> {
    /// Resolves an agent's states; those of an agent without any are the default graph. The rest are the agent's own settings.
    pub(super) fn graph(
        &mut self,
        path: &str,
        section: &AgentSection,
        model: &ModelRef,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Graph {
        if section.states.is_empty() {
            return Graph::default_graph();
        }
        let path = format!("{path}states");
        let mut nodes = BTreeMap::new();
        for (name, state) in &section.states {
            let at = format!("{path}.{name}");
            if !is_state_name(name) {
                self.faults.add_key(&at, quoted(name), "a name of 1 to 64 of a-z, A-Z, 0-9 and _, not a digit first");
            }
            let node = self.node(&at, section, state);
            if let State::Action(ActionSpec::Generate(spec)) = &node.state {
                self.check_settings(&at, spec, model, temperature, max_tokens);
            }
            nodes.insert(StateName::new(name), node);
        }
        // A state that is not a mapping was left out of the section, and others may name it.
        for name in self.faults.below(&path).filter(|name| !name.contains('.')) {
            nodes.entry(StateName::new(name)).or_insert_with(unread);
        }
        let unread: BTreeSet<StateName> =
            nodes.keys().filter(|name| self.is_unread(&format!("{path}.{name}"))).cloned().collect();
        let graph = if unread.is_empty() { Graph::new(nodes) } else { Err(Graph::faults_beside(&nodes, &unread)) };
        graph.unwrap_or_else(|faults| {
            for fault in faults {
                let state = fault.state.map_or_else(String::new, |state| format!(".{state}"));
                let key = if fault.key.is_empty() { String::new() } else { format!(".{}", fault.key) };
                self.faults.add(format!("{path}{state}{key}"), fault.found, fault.allowed);
            }
            // A placeholder: the configuration is refused.
            Graph::default_graph()
        })
    }

    /// Returns whether a fault hides the type of a state, or a state that it leads to.
    fn is_unread(&self, at: &str) -> bool {
        let hides = |place: &str| {
            let key = place.split(['.', '[']).next().unwrap_or_default();
            ["branches", "next", "on_error", "otherwise", "type"].contains(&key)
                && place.rsplit('.').next() != Some("when")
        };
        self.faults.is_known(at) || self.faults.below(at).any(hides)
    }

    fn node(&mut self, at: &str, agent: &AgentSection, section: &StateSection) -> Node {
        let target = |name: &Option<String>| name.as_deref().map(StateName::new);
        let Some(kind) = section.kind else {
            self.faults.add(format!("{at}.type"), "nothing", "input, action, decision or output");
            return Node { next: target(&section.next), on_error: target(&section.on_error), ..unread() };
        };
        for key in section.given().into_iter().filter(|key| !keys(kind).contains(key)) {
            let allowed = format!("in a state of type {}: type, {}", kind.as_str(), keys(kind).join(", "));
            self.faults.add_key(format!("{at}.{key}"), format!("{key} in a state of another type"), allowed);
        }
        let state = match kind {
            StateKind::Input => State::Input,
            StateKind::Action => State::Action(self.action(at, agent, section)),
            StateKind::Decision => State::Decision(self.decision(at, section)),
            StateKind::Output => State::Output(self.template(at, "text", section.text.as_deref(), Template::text)),
        };
        Node { state, next: target(&section.next), on_error: target(&section.on_error) }
    }

    fn action(&mut self, at: &str, agent: &AgentSection, section: &StateSection) -> ActionSpec {
        let Some(action) = section.action.as_deref() else {
            self.faults.add(format!("{at}.action"), "nothing", "generate, or the name of an action");
            // A placeholder, so that the states around it are checked as well.
            return ActionSpec::Generate(Box::default());
        };
        if action != GENERATE {
            return ActionSpec::Call(self.call(at, action, section));
        }
        if section.arguments.is_some() {
            self.faults.add_key(format!("{at}.arguments"), "arguments of generate", "prompt and system");
        }
        let tools = section.tools.as_ref().map(|tools| {
            for (index, tool) in tools.iter().enumerate().filter(|(_, tool)| !agent.tools.contains(tool)) {
                self.faults.add(format!("{at}.tools[{index}]"), quoted(tool), "one of the agent's tools");
            }
            self.tools(&format!("{at}."), tools)
        });
        ActionSpec::Generate(Box::new(GenerateSpec {
            model: self.state_model(at, agent, section),
            system: self.template(at, "system", section.system.as_deref(), Template::text),
            prompt: self.template(at, "prompt", section.prompt.as_deref(), Template::text),
            tools,
            temperature: self.state_temperature(at, section),
            max_tokens: self.state_max_tokens(at, section),
        }))
    }

    /// Resolves a state's own model; the keys that it leaves out are the agent's.
    fn state_model(&mut self, at: &str, agent: &AgentSection, section: &StateSection) -> Option<ModelChoice> {
        // Without its provider, the model would be taken for one of the agent's.
        if self.faults.is_known(&format!("{at}.llm.provider")) {
            return None;
        }
        let llm = section.llm.as_ref()?.within(&agent.llm, self.llm.provider);
        Some(self.model_choice(&format!("{at}.llm"), &llm))
    }

    /// Checks that the model of a state takes the settings that it is called with.
    fn check_settings(
        &mut self,
        at: &str,
        spec: &GenerateSpec,
        model: &ModelRef,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) {
        let model = spec.model.as_ref().map_or(model, |choice| &choice.model);
        let (own_temperature, own_tokens) = (spec.temperature.or(temperature), spec.max_tokens.unwrap_or(max_tokens));
        let is_agents_own = spec.model.is_none() && spec.temperature.is_none() && spec.max_tokens.is_none();
        // The agent's own settings are checked where they stand, and what a state means by a faulty `llm` is unknown.
        if is_agents_own || self.faults.below(&format!("{at}.llm")).next().is_some() {
            return;
        }
        if let Err((member, allowed)) = self.rules.check_sampling(model, own_temperature, own_tokens) {
            self.faults.add(format!("{at}.{member}"), format!("a {member} that {} refuses", model.model), allowed);
        }
    }

    fn state_temperature(&mut self, at: &str, section: &StateSection) -> Option<Temperature> {
        let value = section.temperature?;
        let checked = Temperature::try_from(value);
        checked.map_err(|fault| self.faults.add(format!("{at}.temperature"), value.to_string(), fault.allowed)).ok()
    }

    fn state_max_tokens(&mut self, at: &str, section: &StateSection) -> Option<MaxTokens> {
        let checked = MaxTokens::try_from(section.max_tokens?);
        checked.map_err(|fault| self.faults.add(format!("{at}.max_tokens"), "0", fault.allowed)).ok()
    }

    fn decision(&mut self, at: &str, section: &StateSection) -> Decision {
        if section.otherwise.is_none() {
            self.faults.add(format!("{at}.otherwise"), "nothing", "the state to enter where no condition holds");
        }
        let max_visits = bounded(section.max_visits, 3, 1..=100, &format!("{at}.max_visits"), self.faults);
        let mut branches = Vec::new();
        for (index, branch) in section.branches.iter().enumerate() {
            let at = format!("{at}.branches[{index}]");
            if self.faults.is_known(&at) {
                continue;
            }
            let condition = branch.when.as_deref().and_then(|source| self.condition(&format!("{at}.when"), source));
            if branch.when.is_none() {
                self.faults.add(format!("{at}.when"), "nothing", "an expression");
            }
            if branch.next.is_none() {
                self.faults.add(format!("{at}.next"), "nothing", "the state to enter where the condition holds");
            }
            // A placeholder, so that the state does not seem out of reach.
            let condition = condition.or_else(|| Template::expression("false").ok());
            branches.extend(condition.map(|condition| Branch { condition, target: target(branch.next.as_deref()) }));
        }
        Decision { branches, otherwise: target(section.otherwise.as_deref()), max_visits }
    }

    fn condition(&mut self, at: &str, source: &str) -> Option<Template> {
        let fault = match Template::expression(source) {
            Ok(condition) => return Some(condition),
            Err(_) if source.contains("{{") || source.contains("{%") => "braces in an expression".to_owned(),
            Err(fault) => fault.to_string(),
        };
        self.faults.add(at, fault, "an expression without braces, such as 'refund' in input.prompt");
        None
    }

    fn template(
        &mut self,
        at: &str,
        key: &str,
        source: Option<&str>,
        parse: fn(&str) -> Result<Template, TemplateFault>,
    ) -> Option<Template> {
        parse(source?).map_err(|fault| self.faults.add(format!("{at}.{key}"), fault.to_string(), "a template")).ok()
    }
}

/// Returns a placeholder for a state that cannot be read.
const fn unread() -> Node {
    Node { state: State::Output(None), next: None, on_error: None }
}

/// Returns the state of this name. One that is not given has the name of no state, and a fault at the same place.
fn target(name: Option<&str>) -> StateName {
    StateName::new(name.unwrap_or_default())
}

fn is_state_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
