//! The keys of an action of type `sql`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::statement::{self, SqlEngine};
use crate::actions::arn::Arn;
use crate::actions::settings;
use crate::agent::ActionEffect;
use crate::config::{ActionKind, ActionRights, ActionSettings, SettingFault};

pub(super) const KEYS: &[&str] = &["cluster", "database", "engine", "read_only_user", "secret", "statement"];

/// The longest statement and name of a database (RDS Data API Reference, `ExecuteStatement`).
const MAX_STATEMENT_CHARS: usize = 65_536;
const MAX_DATABASE_CHARS: usize = 64;

/// The keys of an action of type `sql`.
#[derive(Deserialize, JsonSchema, derive_more::Debug)]
pub(in crate::actions) struct Settings {
    /// Of `sql`: the ARN of the Aurora cluster, whose Data API must be on; required.
    pub(super) cluster: String,
    /// Of `sql`: the ARN of the secret with the database's user and password; required.
    pub(super) secret: String,
    /// Of `sql`: the name of the database; required.
    pub(super) database: String,
    /// Of `sql`: one statement that reads, in which `:name` stands for an argument; required. It is literal: arguments are
    /// sent beside it.
    #[debug("[{} bytes]", statement.len())]
    pub(super) statement: String,
    /// Of `sql`: the database's engine. Default `postgresql`, whose statement runs in a read-only transaction.
    #[serde(default)]
    pub(super) engine: SqlEngine,
    /// Of `sql`: states that the secret's user may only read. MySQL demands it, because the gateway opens no read-only
    /// transaction there. Default `false`.
    #[serde(default)]
    read_only_user: bool,
}

impl Settings {
    fn faults(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        let mut require = |is_good: bool, path: &str, found: &str, allowed: &str| {
            faults.extend((!is_good).then(|| SettingFault::new(path, found, allowed)));
        };
        require(action.effect == ActionEffect::Read, "effect", "write", "read, since the type only reads");
        require(
            is_arn(&self.cluster, "rds", "cluster:"),
            "cluster",
            "a text that is not a cluster's ARN",
            "as in arn:aws:rds:eu-central-1:123456789012:cluster:orders",
        );
        require(
            is_arn(&self.secret, "secretsmanager", "secret:"),
            "secret",
            "a text that is not a secret's ARN",
            "as in arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf",
        );
        let database_chars = self.database.chars().count();
        require(
            (1..=MAX_DATABASE_CHARS).contains(&database_chars),
            "database",
            "a name of another length",
            "1 to 64 characters",
        );
        require(
            self.statement.chars().count() <= MAX_STATEMENT_CHARS,
            "statement",
            "a longer text",
            "up to 65536 characters",
        );
        require(
            self.engine == SqlEngine::Postgresql || self.read_only_user,
            "read_only_user",
            "a MySQL database without it",
            "true, once the secret's user may only read",
        );
        match statement::parameters(&self.statement, self.engine) {
            Err(fault) => faults.push(SettingFault::new("statement", fault.found, fault.allowed)),
            Ok(names) => {
                for name in names.into_iter().filter(|name| action.parameters.of(name).is_none()) {
                    let known: Vec<&str> = action.parameters.names().collect();
                    let allowed = if known.is_empty() {
                        "a statement without :name, since the action has no arguments".to_owned()
                    } else {
                        format!(":name of one of the action's arguments: {}", known.join(", "))
                    };
                    faults.push(SettingFault::new("statement", format!(":{name}"), allowed));
                }
            }
        }
        faults
    }
}

/// The kind `sql`.
pub(in crate::actions) struct Kind;

impl ActionKind for Kind {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn keys(&self) -> &'static [&'static str] {
        KEYS
    }

    fn default_effect(&self, _: &Map<String, Value>) -> ActionEffect {
        ActionEffect::Read
    }

    fn check(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        match settings::read::<Settings>(action.settings, KEYS) {
            Ok(settings) => settings.faults(action),
            Err(fault) => vec![fault],
        }
    }

    fn rights(&self, settings: &Map<String, Value>) -> ActionRights {
        let Ok(settings) = settings::read::<Settings>(settings, KEYS) else { return ActionRights::default() };
        ActionRights {
            clusters: [settings.cluster].into(),
            database_secrets: [settings.secret].into(),
            ..ActionRights::default()
        }
    }
}

/// Returns whether a text is the ARN of a resource whose name stands behind this prefix.
fn is_arn(text: &str, service: &str, prefix: &str) -> bool {
    let name = Arn::parse(text).filter(|arn| arn.service == service).and_then(|arn| arn.resource.strip_prefix(prefix));
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
