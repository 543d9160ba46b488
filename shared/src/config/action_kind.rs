//! What the check of a configuration asks of the kinds of actions, which live outside this room.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::stage::Stage;
use crate::agent::{ActionEffect, Parameters};
use crate::domain::Trust;

/// A kind of actions, such as `http`.
pub trait ActionKind: Sync {
    /// Returns its name, as `type` has it.
    fn name(&self) -> &'static str;

    /// Returns its keys, besides those that every action has.
    fn keys(&self) -> &'static [&'static str];

    /// Returns whether its actions call a model, which their key `llm` names.
    fn calls_model(&self) -> bool {
        false
    }

    /// Returns what an action does whose `effect` is not written.
    fn default_effect(&self, settings: &Map<String, Value>) -> ActionEffect;

    /// Checks the keys of an action and returns every fault. Keys that the kind does not have are left out.
    fn check(&self, action: &ActionSettings<'_>) -> Vec<SettingFault>;

    /// Returns what a deployment has to grant for an action that has passed its check.
    fn rights(&self, settings: &Map<String, Value>) -> ActionRights;
}

/// An action to be checked by its kind.
pub struct ActionSettings<'a> {
    /// The keys of the kind, as they are written.
    pub settings: &'a Map<String, Value>,
    /// The arguments.
    pub parameters: &'a Parameters,
    /// What the action does.
    pub effect: ActionEffect,
    /// Whether strangers may have written its output.
    pub output: Trust,
    /// Where the configuration is checked.
    pub stage: Stage,
    /// Whether the local cloud runs it.
    pub is_local: bool,
}

/// A fault of a key of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFault {
    /// The path within the action, such as `private.cidr`.
    pub path: String,
    /// What was found there; never the value of a key or a header.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
}

impl SettingFault {
    /// Returns a fault.
    pub fn new(path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { path: path.into(), found: found.into(), allowed: allowed.into() }
    }
}

/// What a deployment has to grant for an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionRights {
    /// The hosts that it calls, as `host:port`.
    pub hosts: BTreeSet<String>,
    /// The networks that it reaches, as `cidr:port`, inside the deployment's own.
    pub private: BTreeSet<String>,
    /// The functions that it invokes.
    pub functions: BTreeSet<String>,
    /// The tables that it reads.
    pub tables: BTreeSet<String>,
    /// The database clusters that it asks, as ARNs.
    pub clusters: BTreeSet<String>,
    /// The secrets that it names as ARNs, of databases.
    pub database_secrets: BTreeSet<String>,
    /// Texts that may hold `{{ secrets['…'] }}` and the like, with their paths.
    pub templates: Vec<(String, String)>,
}
