//! The list of kinds.

use std::sync::Arc;

use serde_json::Value;

use super::executor::{ActionExecutor, BuildContext, BuildError};
use super::{dynamodb, http, lambda, llm, sql};
use crate::agent::ActionDefinition;
use crate::config::ActionKind;

/// Lists the kinds. Each is a module with a `Kind`, which implements [`ActionKind`], `Settings`, whose JSON Schema describes its
/// keys, and `build`, which makes its executor.
macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// Returns the kinds of actions, for the check of a configuration.
        #[must_use]
        pub fn action_kinds() -> &'static [&'static dyn ActionKind] {
            &[$(&$kind::Kind),+]
        }

        /// Returns the JSON Schemas of the kinds' keys, by their names, for the schema of the file. Functions do not link it.
        #[must_use]
        pub fn kind_schemas() -> Vec<(&'static str, Value)> {
            vec![$((ActionKind::name(&$kind::Kind), schemars::schema_for!($kind::Settings).to_value())),+]
        }

        /// Builds what executes the calls of an action.
        ///
        /// # Errors
        /// [`BuildError`]; the function must not serve.
        pub fn executor(
            action: &ActionDefinition,
            context: BuildContext<'_>,
        ) -> Result<Arc<dyn ActionExecutor>, BuildError> {
            let built = match action.kind {
                $(name if name == ActionKind::name(&$kind::Kind) => $kind::build(action, context),)+
                _ => Err("its type is not known".to_owned()),
            };
            built.map_err(|why| BuildError { action: action.name.to_string(), why })
        }
    };
}

kinds![dynamodb, http, lambda, llm, sql];
