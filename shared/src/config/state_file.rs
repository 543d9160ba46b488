//! The states of an agent as people write them, as [`super::file`] is the rest.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::llm_file::{FallbackSection, GuardrailSection, LlmSection};
use crate::domain::Provider;

/// A state of a run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
// An `Option` in the type, so that a missing type is reported with all other faults.
#[schemars(extend("required" = ["type"]))]
pub(super) struct StateSection {
    /// What the state does; required.
    #[serde(rename = "type")]
    pub(super) kind: Option<StateKind>,
    /// The next state. Required in `input` and `action`.
    pub(super) next: Option<String>,
    /// Of `action`: `generate`, which calls a model, or the name of an action. Required there.
    pub(super) action: Option<String>,
    /// Of `action`: the arguments of an action. Templates in their values are filled in.
    pub(super) arguments: Option<BTreeMap<String, serde_json::Value>>,
    /// Of `action`: the next state if the model or the action fails. Default: the run fails.
    pub(super) on_error: Option<String>,
    /// Of `generate`: the model, if it is not the agent's. A key that is left out has the agent's value; `model` only if the
    /// provider is the same.
    pub(super) llm: Option<StateLlmSection>,
    /// Of `generate`: a template of the instructions, which may read `caller` alone. Default: the agent's.
    pub(super) system: Option<String>,
    /// Of `generate`: a template of the text that the model reads in place of the caller's prompt. The messages of such a state
    /// are not stored. Default: the conversation continues.
    pub(super) prompt: Option<String>,
    /// Of `generate`: the tools that the model may call. Default: the agent's.
    pub(super) tools: Option<Vec<String>>,
    /// Of `generate`: the temperature, whatever the caller asks for. Default: the caller's, or the agent's.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub(super) temperature: Option<f64>,
    /// Of `generate`: the largest answer, in tokens, whatever the caller asks for. Default: the caller's, or the agent's.
    #[schemars(range(min = 1))]
    pub(super) max_tokens: Option<u32>,
    /// Of `decision`: the branches, tried in order.
    pub(super) branches: Vec<BranchSection>,
    /// Of `decision`: the next state where no condition holds. Required there.
    pub(super) otherwise: Option<String>,
    /// Of `decision`: the number of visits after which `otherwise` is taken, whatever holds. Default 3.
    #[schemars(range(min = 1, max = 100))]
    pub(super) max_visits: Option<u32>,
    /// Of `output`: a template of the answer. Default: the text of the last generation or action.
    pub(super) text: Option<String>,
}

impl StateSection {
    /// Returns the keys that are given, besides `type`.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let keys = [
            ("next", self.next.is_some()),
            ("action", self.action.is_some()),
            ("arguments", self.arguments.is_some()),
            ("on_error", self.on_error.is_some()),
            ("llm", self.llm.is_some()),
            ("system", self.system.is_some()),
            ("prompt", self.prompt.is_some()),
            ("tools", self.tools.is_some()),
            ("temperature", self.temperature.is_some()),
            ("max_tokens", self.max_tokens.is_some()),
            ("branches", !self.branches.is_empty()),
            ("otherwise", self.otherwise.is_some()),
            ("max_visits", self.max_visits.is_some()),
            ("text", self.text.is_some()),
        ];
        keys.into_iter().filter(|(_, is_given)| *is_given).map(|(key, _)| key).collect()
    }
}

/// The type of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StateKind {
    /// The start, which accepts the prompt; one in each graph.
    Input,
    /// Calls a model or an action.
    Action,
    /// Chooses the next state.
    Decision,
    /// Ends the run with an answer.
    Output,
}

impl StateKind {
    /// Returns the name, as it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Action => "action",
            Self::Decision => "decision",
            Self::Output => "output",
        }
    }
}

/// A branch of a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["when", "next"]))]
pub(super) struct BranchSection {
    /// The expression that must be true; required.
    pub(super) when: Option<String>,
    /// The state that is entered then; required.
    pub(super) next: Option<String>,
}

/// The model of a state.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StateLlmSection {
    /// The provider. Default: the agent's.
    pub(super) provider: Option<Provider>,
    /// The provider's name of the model, as in the agent's `llm`. Default: the agent's if the provider is the same, else
    /// `providers.<name>.model`.
    pub(super) model: Option<String>,
    /// The model's context in tokens. Default: the context that the gateway knows.
    #[schemars(range(min = 256))]
    pub(super) context_tokens: Option<u32>,
    /// The models that are called, in order, if this one fails. Default: the agent's if the provider is the same.
    pub(super) fallbacks: Vec<FallbackSection>,
    /// A guardrail of Bedrock. Default: the agent's if the provider is the same.
    pub(super) guardrail: Option<GuardrailSection>,
}

impl StateLlmSection {
    /// Returns the section with what it inherits from the agent's.
    pub(super) fn within(&self, agent: &LlmSection, top: Option<Provider>) -> LlmSection {
        let Self { provider, model, context_tokens, fallbacks, guardrail } = self.clone();
        let own = LlmSection { provider, model, context_tokens, fallbacks, guardrail, ..LlmSection::default() };
        let agents = agent.provider.or(top);
        // The agent's model is for its own provider alone, as the top-level one is.
        if own.provider.is_some() && own.provider != agents {
            return own;
        }
        LlmSection {
            provider: agents,
            // The agent's context is that of its model alone.
            context_tokens: own.context_tokens.or(if own.model.is_none() { agent.context_tokens } else { None }),
            model: own.model.or_else(|| agent.model.clone()),
            fallbacks: if own.fallbacks.is_empty() { agent.fallbacks.clone() } else { own.fallbacks },
            guardrail: own.guardrail.or_else(|| agent.guardrail.clone()),
            ..own
        }
    }
}
