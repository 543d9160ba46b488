//! An agent's `states` resolved into its graph.

use std::collections::BTreeMap;

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
    /// Resolves an agent's states; those of an agent without any are the default graph.
    pub(super) fn graph(&mut self, path: &str, section: &AgentSection) -> Graph {
        if section.states.is_empty() {
            return Graph::default_graph();
        }
        let path = format!("{path}states");
        let mut nodes = BTreeMap::new();
        let mut is_complete = true;
        for (name, state) in &section.states {
            let at = format!("{path}.{name}");
            if !is_state_name(name) {
                self.faults.add_key(&at, quoted(name), "a name of 1 to 64 of a-z, A-Z, 0-9 and _, not a digit first");
            }
            match self.node(&at, section, state) {
                Some(node) => drop(nodes.insert(StateName::new(name), node)),
                None => is_complete = false,
            }
        }
        // With a state missing, others would seem to lead nowhere.
        if !is_complete {
            return Graph::default_graph();
        }
        Graph::new(nodes).unwrap_or_else(|faults| {
            for fault in faults {
                let state = fault.state.map_or_else(String::new, |state| format!(".{state}"));
                let key = if fault.key.is_empty() { String::new() } else { format!(".{}", fault.key) };
                self.faults.add(format!("{path}{state}{key}"), fault.found, fault.allowed);
            }
            // A placeholder: the configuration is refused.
            Graph::default_graph()
        })
    }

    fn node(&mut self, at: &str, agent: &AgentSection, section: &StateSection) -> Option<Node> {
        let Some(kind) = section.kind else {
            self.faults.add(format!("{at}.type"), "nothing", "input, action, decision or output");
            return None;
        };
        for key in section.given().into_iter().filter(|key| !keys(kind).contains(key)) {
            let allowed = format!("in a state of type {}: type, {}", kind.as_str(), keys(kind).join(", "));
            self.faults.add_key(format!("{at}.{key}"), format!("{key} in a state of another type"), allowed);
        }
        let target = |name: &Option<String>| name.as_deref().map(StateName::new);
        let state = match kind {
            StateKind::Input => State::Input,
            StateKind::Action => State::Action(self.action(at, agent, section)?),
            StateKind::Decision => State::Decision(self.decision(at, section)?),
            StateKind::Output => State::Output(self.template(at, "text", section.text.as_deref(), Template::text)),
        };
        Some(Node { state, next: target(&section.next), on_error: target(&section.on_error) })
    }

    fn action(&mut self, at: &str, agent: &AgentSection, section: &StateSection) -> Option<ActionSpec> {
        let Some(action) = section.action.as_deref() else {
            self.faults.add(format!("{at}.action"), "nothing", "generate, or the name of an action");
            return None;
        };
        if action != GENERATE {
            return self.call(at, action, section).map(ActionSpec::Call);
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
        Some(ActionSpec::Generate(Box::new(GenerateSpec {
            model: self.state_model(at, agent, section),
            system: self.template(at, "system", section.system.as_deref(), Template::text),
            prompt: self.template(at, "prompt", section.prompt.as_deref(), Template::text),
            tools,
            temperature: self.state_temperature(at, section),
            max_tokens: self.state_max_tokens(at, section),
        })))
    }

    /// Resolves a state's own model; the keys that it leaves out are the agent's.
    fn state_model(&mut self, at: &str, agent: &AgentSection, section: &StateSection) -> Option<ModelChoice> {
        let llm = section.llm.as_ref()?.within(&agent.llm, self.llm.provider);
        Some(self.model_choice(&format!("{at}.llm"), &llm))
    }

    /// Checks that the models of states take the settings that they are called with.
    pub(super) fn check_states(
        &mut self,
        path: &str,
        graph: &Graph,
        model: &ModelRef,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) {
        for (name, spec) in graph.generations() {
            let model = spec.model.as_ref().map_or(model, |choice| &choice.model);
            let (own_temperature, own_tokens) =
                (spec.temperature.or(temperature), spec.max_tokens.unwrap_or(max_tokens));
            let is_agents_own = spec.model.is_none() && spec.temperature.is_none() && spec.max_tokens.is_none();
            // The agent's own settings are checked where they stand.
            if is_agents_own {
                continue;
            }
            if let Err((member, allowed)) = self.rules.check_sampling(model, own_temperature, own_tokens) {
                let found = format!("a {member} that {} refuses", model.model);
                self.faults.add(format!("{path}states.{name}.{member}"), found, allowed);
            }
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

    fn decision(&mut self, at: &str, section: &StateSection) -> Option<Decision> {
        let Some(otherwise) = section.otherwise.as_deref() else {
            self.faults.add(format!("{at}.otherwise"), "nothing", "the state to enter where no condition holds");
            return None;
        };
        let max_visits = bounded(section.max_visits, 3, 1..=100, &format!("{at}.max_visits"), self.faults);
        let mut branches = Vec::new();
        let mut is_complete = true;
        for (index, branch) in section.branches.iter().enumerate() {
            let at = format!("{at}.branches[{index}]");
            let condition = branch.when.as_deref().and_then(|source| self.condition(&format!("{at}.when"), source));
            if branch.when.is_none() {
                self.faults.add(format!("{at}.when"), "nothing", "an expression");
            }
            if branch.next.is_none() {
                self.faults.add(format!("{at}.next"), "nothing", "the state to enter where the condition holds");
            }
            // A placeholder, so that the state does not seem out of reach.
            let condition = condition.or_else(|| Template::expression("false").ok());
            match (condition, branch.next.as_deref()) {
                (Some(condition), Some(next)) => branches.push(Branch { condition, target: StateName::new(next) }),
                _ => is_complete = false,
            }
        }
        is_complete.then(|| Decision { branches, otherwise: StateName::new(otherwise), max_visits })
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

fn is_state_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
