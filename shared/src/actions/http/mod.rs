//! Actions that call a web service.

mod execute;
#[cfg(test)]
mod execute_tests;
mod headers;
mod secrets;
mod settings;
#[cfg(test)]
mod settings_tests;
mod url_template;

use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::{Map, Value};

use super::egress::EgressClient;
use super::executor::{ActionExecutor, BuildContext};
use crate::agent::{ActionDefinition, ActionEffect, TemplatedValue};
use crate::config::{ActionKind, ActionRights, ActionSettings, SettingFault};
use execute::HttpAction;
pub(super) use settings::Settings;
use settings::{KEYS, Request};

/// The kind `http`.
pub(super) struct Kind;

impl ActionKind for Kind {
    fn name(&self) -> &'static str {
        "http"
    }

    fn keys(&self) -> &'static [&'static str] {
        KEYS
    }

    fn default_effect(&self, settings: &Map<String, Value>) -> ActionEffect {
        let is_read =
            settings.get("method").and_then(Value::as_str).is_none_or(|method| matches!(method, "GET" | "HEAD"));
        if is_read { ActionEffect::Read } else { ActionEffect::Write }
    }

    fn check(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        Request::read(action.settings, action.parameters, action.is_local).err().unwrap_or_default()
    }

    fn rights(&self, settings: &Map<String, Value>) -> ActionRights {
        settings::rights(settings)
    }
}

/// Builds what executes the calls of an action.
pub(super) fn build(action: &ActionDefinition, context: BuildContext<'_>) -> Result<Arc<dyn ActionExecutor>, String> {
    let BuildContext { resolver, clock, random, lookup, is_local, .. } = context;
    let request = Request::read(&action.settings, &action.parameters, is_local);
    let request =
        request.map_err(|faults| faults.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>().join(", "))?;
    Ok(Arc::new(HttpAction {
        is_read: action.effect == ActionEffect::Read,
        request,
        resolver,
        clock,
        random,
        lookup,
        client: OnceLock::new(),
    }))
}

/// Returns whether a method sends no body.
fn is_bodiless(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The client of an action, built when its first call is made.
type LazyClient = OnceLock<Option<EgressClient>>;

/// A value of the request that is filled in.
type Filled = Vec<(String, TemplatedValue)>;
