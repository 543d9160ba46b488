//! Builds what the calls of agents are judged by and executed with.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::models::ModelFactory;
use super::{AppContext, StartError};
use crate::actions::egress::SystemLookup;
use crate::actions::{Actions, BuildContext, OWN_FUNCTIONS, executor};
use crate::config::env::{AUDIT_TABLE, FUNCTION_NAME};
use crate::config::{Config, ExtendedSet};
use crate::policy::{Extends, Policies};

/// Builds the actions.
pub(super) async fn actions(
    config: &Config,
    context: &AppContext,
    factory: &mut ModelFactory<'_>,
) -> Result<Actions, StartError> {
    let environment = &context.environment;
    let reserved_tables: BTreeSet<String> =
        [Some(environment.table()), environment.get(AUDIT_TABLE)].into_iter().flatten().map(str::to_owned).collect();
    let reserved_functions = environment.get(FUNCTION_NAME).map(own_functions).unwrap_or_default();
    let mut built = Vec::with_capacity(config.actions.len());
    for (name, action) in &config.actions {
        let model = match &action.model {
            Some(choice) => Some(factory.with_fallbacks(choice).await?),
            None => None,
        };
        let from = BuildContext {
            aws: &context.aws,
            resolver: Arc::clone(&context.resolver),
            clock: Arc::clone(&context.clock),
            random: Arc::clone(&context.random),
            lookup: Arc::new(SystemLookup),
            model,
            is_local: environment.is_local(),
            reserved_tables: &reserved_tables,
            reserved_functions: &reserved_functions,
        };
        built.push((name.clone(), executor(action, from)?));
    }
    Ok(built.into_iter().collect())
}

/// Returns the names of the functions that are deployed beside the one of this name.
fn own_functions(name: &str) -> BTreeSet<String> {
    let deployment = OWN_FUNCTIONS.iter().find_map(|function| name.strip_suffix(function)?.strip_suffix('-'));
    let beside = |deployment: &str| OWN_FUNCTIONS.iter().map(|function| format!("{deployment}-{function}")).collect();
    let mut names: BTreeSet<String> = deployment.map(beside).unwrap_or_default();
    names.insert(name.to_owned());
    names
}

/// Builds the sets of policies, which are parsed when they are first needed.
#[must_use]
pub fn policies(config: &Config) -> Policies {
    Policies::new(config.policies.iter().map(|(name, set)| {
        let extends = match set.extends {
            ExtendedSet::Strict => Extends::Strict,
            ExtendedSet::Permissive => Extends::Permissive,
            ExtendedSet::None => Extends::None,
        };
        (name.clone(), set.texts.clone(), extends)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_a_deployment_are_known_by_the_name_of_one() {
        let names = own_functions("openclaw-dev-stream");
        assert!(names.contains("openclaw-dev-archive") && names.contains("openclaw-dev-websocket"), "{names:?}");
        assert_eq!(names.len(), OWN_FUNCTIONS.len());
        assert_eq!(own_functions("renamed"), ["renamed".to_owned()].into());
    }
}
