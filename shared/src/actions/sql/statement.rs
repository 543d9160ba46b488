//! The statement of an action: one question, and the names of its parameters.
//!
//! The reading here finds mistakes when a configuration is checked. What protects the database is the read-only transaction,
//! or the user that may only read.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

/// The words that a statement may begin with. The Data API formats the rows of no other statements (RDS Data API Reference,
/// `ExecuteStatement`).
const FIRST_WORDS: [&str; 2] = ["select", "with"];

/// The engine of a database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SqlEngine {
    /// Aurora PostgreSQL.
    #[default]
    Postgresql,
    /// Aurora MySQL.
    Mysql,
}

/// A fault of a statement: what was found, and what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatementFault {
    pub(super) found: &'static str,
    pub(super) allowed: &'static str,
}

const fn fault(found: &'static str, allowed: &'static str) -> StatementFault {
    StatementFault { found, allowed }
}

/// Checks a statement and returns the names of its parameters: those behind a `:` outside quotation marks.
///
/// # Errors
/// [`StatementFault`].
pub(super) fn parameters(statement: &str, engine: SqlEngine) -> Result<BTreeSet<&str>, StatementFault> {
    if statement.contains("{{") || statement.contains("{%") {
        return Err(fault("a template", "a literal statement, which names the action's arguments as :name"));
    }
    let start = statement.trim_start_matches(|character: char| character.is_whitespace() || character == '(');
    let first: String = start.chars().take_while(char::is_ascii_alphabetic).collect();
    if !FIRST_WORDS.contains(&first.to_ascii_lowercase().as_str()) {
        return Err(fault(
            "a statement that does not begin as a question does",
            "a statement that begins with select or with",
        ));
    }
    let mut names = BTreeSet::new();
    let mut rest = statement;
    while let Some(character) = rest.chars().next() {
        rest = match character {
            '\'' | '"' | '`' => after_quoted(rest, character)?,
            ';' => return Err(fault("a semicolon", "one statement, without a semicolon at its end")),
            '-' if rest.starts_with("--") => return Err(COMMENT),
            '/' if rest.starts_with("/*") => return Err(COMMENT),
            // In PostgreSQL it is an operator.
            '#' if engine == SqlEngine::Mysql => return Err(COMMENT),
            '$' if is_dollar_quote(rest) => {
                return Err(fault("a text between dollar signs", "a text between single quotation marks"));
            }
            ':' => after_colon(rest, &mut names),
            other => rest.get(other.len_utf8()..).unwrap_or_default(),
        };
    }
    Ok(names)
}

const COMMENT: StatementFault = fault("a comment", "a statement without comments");

/// Skips a quoted text or name, in which a doubled mark stands for itself.
fn after_quoted(text: &str, mark: char) -> Result<&str, StatementFault> {
    let inner = text.get(1..).unwrap_or_default();
    let end = inner.find(mark).ok_or(fault("a quotation mark without its twin", "quotation marks in pairs"))?;
    // Whether a backslash takes the mark's meaning away depends on the database.
    if inner.get(..end).is_some_and(|quoted| quoted.ends_with('\\')) {
        return Err(fault("a backslash before a quotation mark", "a doubled quotation mark"));
    }
    Ok(inner.get(end + 1..).unwrap_or_default())
}

/// Returns whether a text begins with `$$` or `$name$`, which quote in PostgreSQL.
fn is_dollar_quote(text: &str) -> bool {
    let inner = text.get(1..).unwrap_or_default();
    inner.trim_start_matches(is_name_character).starts_with('$')
}

/// Skips a colon and the name behind it. `::` is a cast.
fn after_colon<'a>(text: &'a str, names: &mut BTreeSet<&'a str>) -> &'a str {
    if let Some(after) = text.strip_prefix("::") {
        return after;
    }
    let behind = text.get(1..).unwrap_or_default();
    let end = behind.find(|character| !is_name_character(character)).unwrap_or(behind.len());
    let (name, after) = behind.split_at_checked(end).unwrap_or((behind, ""));
    // A digit behind a colon belongs to a slice of an array.
    if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        names.insert(name);
    }
    after
}

const fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
