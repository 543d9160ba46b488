//! The gateway's own tables and functions, as far as they are known without an environment.

use super::arn::{function_name, table_name};

/// The ends of the names of the gateway's functions.
pub const OWN_FUNCTIONS: [&str; 8] =
    ["agent", "agents", "archive", "authorizer", "conversations", "health", "stream", "websocket"];

/// The tables of the gateway and of its audit, unless the environment names others.
const DEFAULT_TABLES: [&str; 2] = ["openclaw", "openclaw-audit"];

/// Returns whether a table, named by its name or its ARN, is one of the gateway's own by default.
pub(super) fn is_default_table(table: &str) -> bool {
    DEFAULT_TABLES.contains(&table_name(table))
}

/// Returns whether a function, named by its name or its ARN, is called as Terraform calls the gateway's own by default:
/// `openclaw-<environment>-<function>`; on the local cloud it is `openclaw-<function>`.
pub(super) fn is_default_function(function: &str) -> bool {
    let Some(rest) = function_name(function).strip_prefix("openclaw-") else { return false };
    let environment = |own: &str| rest.strip_suffix(own)?.strip_suffix('-');
    OWN_FUNCTIONS.iter().any(|own| rest == *own || environment(own).is_some_and(|environment| !environment.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::Environment;

    #[test]
    fn the_default_tables_are_known_by_name_and_arn() {
        assert!(is_default_table(Environment::default().table()));
        for table in ["openclaw", "openclaw-audit", "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-audit"] {
            assert!(is_default_table(table), "{table}");
        }
        for table in ["tickets", "openclaw-tickets", "arn:aws:dynamodb:eu-central-1:123456789012:table/tickets"] {
            assert!(!is_default_table(table), "{table}");
        }
    }

    #[test]
    fn the_functions_of_an_environment_are_known_by_name_alias_and_arn() {
        for function in OWN_FUNCTIONS {
            assert!(is_default_function(&format!("openclaw-prod-{function}")), "{function}");
        }
        for function in [
            "openclaw-my-dev-stream:live",
            "openclaw-stream",
            "123456789012:function:openclaw-dev-agent",
            "arn:aws:lambda:eu-central-1:123456789012:function:openclaw-dev-archive:live",
        ] {
            assert!(is_default_function(function), "{function}");
        }
        for function in ["openclaw-reagent", "openclaw-dev-refund", "refund-agent", "openclaw--agent", "translate"] {
            assert!(!is_default_function(function), "{function}");
        }
    }
}
