//! Builds what the calls of agents are judged by and executed with.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::models::ModelFactory;
use super::{AppContext, StartError};
use crate::actions::egress::SystemLookup;
use crate::actions::{Actions, BuildContext, executor};
use crate::config::env::{AUDIT_TABLE, FUNCTION_NAME, STREAM_FUNCTION};
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
    let own_functions = [FUNCTION_NAME, STREAM_FUNCTION].into_iter().filter_map(|name| environment.get(name));
    let reserved_functions: BTreeSet<String> = own_functions.map(str::to_owned).collect();
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
