//! The keys of an action of type `dynamodb`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::actions::arn::Arn;
use crate::actions::reserved::is_default_table;
use crate::actions::settings;
use crate::agent::{ActionEffect, Parameters, TemplatedValue};
use crate::config::{ActionKind, ActionRights, ActionSettings, SettingFault};

pub(super) const KEYS: &[&str] = &["index", "key", "limit", "operation", "table"];

/// The most items of one query.
const MAX_LIMIT: u32 = 100;
/// The items of a query whose `limit` is not written.
const DEFAULT_LIMIT: u32 = 25;

/// The keys of an action of type `dynamodb`.
#[derive(Deserialize, JsonSchema, derive_more::Debug)]
pub(in crate::actions) struct Settings {
    /// Of `dynamodb`: `get` reads one item by its whole key, `query` the items of one partition. Default `get`.
    #[serde(default)]
    pub(super) operation: ReadOperation,
    /// Of `dynamodb`: the table's name or ARN; required.
    pub(super) table: String,
    /// Of `dynamodb`: the attributes of the key by name, at most two, each with a text, a number or a template; required. A
    /// query demands the partition key; with the sort key too, it reads the items that have exactly this one.
    #[debug("[{} attributes]", key.len())]
    pub(super) key: Map<String, Value>,
    /// Of `dynamodb`: the index that a query reads. Default the table itself.
    pub(super) index: Option<String>,
    /// Of `dynamodb`: the most items of a query. Default 25.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// How a table is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReadOperation {
    /// One item by its whole key.
    #[default]
    Get,
    /// The items of one partition.
    Query,
}

impl Settings {
    /// Returns the most items of a query.
    pub(super) fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// Parses the templates of the key.
    ///
    /// # Errors
    /// The faults, with their paths within the action.
    pub(super) fn key(&self, parameters: &Parameters) -> Result<Vec<(String, TemplatedValue)>, Vec<SettingFault>> {
        let (mut attributes, mut faults) = (Vec::new(), Vec::new());
        for (name, value) in &self.key {
            let path = format!("key.{name}");
            if !(1..=255).contains(&name.len()) {
                faults.push(SettingFault::new(
                    &path,
                    "a name of another length",
                    "an attribute's name, up to 255 bytes",
                ));
            }
            if !value.is_number() && value.as_str().is_none_or(str::is_empty) {
                faults.push(SettingFault::new(&path, "another value", "a text, a number or a template"));
                continue;
            }
            match settings::templated(&path, value, parameters) {
                Ok(value) => attributes.push((name.clone(), value)),
                Err(found) => faults.extend(found),
            }
        }
        if !(1..=2).contains(&self.key.len()) {
            let found = format!("{} attributes", self.key.len());
            faults.push(SettingFault::new("key", found, "the partition key, and the sort key where the table has one"));
        }
        if faults.is_empty() { Ok(attributes) } else { Err(faults) }
    }

    fn faults(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        let mut faults = self.key(action.parameters).err().unwrap_or_default();
        if action.effect != ActionEffect::Read {
            faults.push(SettingFault::new("effect", "write", "read, since the type only reads"));
        }
        let table = match &self.table {
            table if !is_table(table) => Some("a text that is not a table's name"),
            table if is_default_table(table) => Some("one of the gateway's own tables"),
            _ => None,
        };
        let allowed = "a table's name or ARN, without a template; not one of the gateway's own";
        faults.extend(table.map(|found| SettingFault::new("table", found, allowed)));
        if self.operation == ReadOperation::Get {
            let query_only = [("index", self.index.is_some()), ("limit", self.limit.is_some())];
            let written = query_only.into_iter().filter(|(_, is_written)| *is_written);
            faults.extend(
                written.map(|(key, _)| SettingFault::new(key, "a key that `get` does not have", "operation: query")),
            );
        }
        if let Some(limit) = self.limit.filter(|limit| !(1..=MAX_LIMIT).contains(limit)) {
            faults.push(SettingFault::new("limit", limit.to_string(), format!("1 to {MAX_LIMIT}")));
        }
        if self.index.as_deref().is_some_and(|index| !is_table_name(index)) {
            faults.push(SettingFault::new("index", "a text that is not an index's name", "an index's name"));
        }
        faults
    }
}

/// The kind `dynamodb`.
pub(in crate::actions) struct Kind;

impl ActionKind for Kind {
    fn name(&self) -> &'static str {
        "dynamodb"
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
        let settings = settings::read::<Settings>(settings, KEYS);
        ActionRights {
            tables: settings.into_iter().map(|settings| settings.table).collect(),
            ..ActionRights::default()
        }
    }
}

/// Returns whether a text is a table's name or ARN.
fn is_table(text: &str) -> bool {
    let named = Arn::parse(text).map(|arn| arn.resource.strip_prefix("table/").filter(|_| arn.service == "dynamodb"));
    named.unwrap_or(Some(text)).is_some_and(is_table_name)
}

/// Returns whether a text is the name of a table or an index (Amazon DynamoDB Developer Guide, "Supported data types and
/// naming rules").
fn is_table_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (3..=255).contains(&text.len()) && text.bytes().all(is_part)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
