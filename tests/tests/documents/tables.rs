//! The tables of the documentation that are made from the code, and the markers between which they stand.

#[path = "tables/keys.rs"]
mod keys;

use openclaw::http::ProblemKind;
use openclaw::telemetry::Metric;

const END: &str = "<!-- /generated -->";

/// A generated table.
pub(crate) struct Table {
    /// The name in the markers: `<!-- generated:name -->`.
    pub(crate) name: &'static str,
    /// The table in Markdown, without a newline at its end.
    pub(crate) text: String,
}

/// Returns all tables. `env_rs` is the source text of `config/env.rs`, whose comments describe the variables.
pub(crate) fn tables(env_rs: &str) -> Vec<Table> {
    vec![
        Table { name: "environment", text: environment(env_rs) },
        Table { name: "errors", text: errors() },
        Table { name: "keys", text: keys::table(&openclaw::config::json_schema(&openclaw::actions::kind_schemas())) },
        Table { name: "metrics", text: metrics() },
    ]
}

/// Returns the page with every generated table replaced by the current one.
///
/// # Errors
/// The fault of a marker: an unknown name, or a missing end.
pub(crate) fn fill(page: &str, tables: &[Table]) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!-- generated:") {
        let (name, after) = after.split_once(" -->").ok_or("a marker has no end")?;
        let table = tables.iter().find(|table| table.name == name).ok_or(format!("there is no table {name:?}"))?;
        let (_, after) = after.split_once(END).ok_or(format!("the table {name:?} has no {END}"))?;
        for part in [before, "<!-- generated:", name, " -->\n", &table.text, "\n", END] {
            filled.push_str(part);
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn environment(env_rs: &str) -> String {
    let rows = variables(env_rs).into_iter().map(|(name, description)| {
        let (meaning, default) = split_default(&description);
        let prefix = if name.ends_with('_') { "…" } else { "" };
        [format!("`{name}{prefix}`"), default, meaning]
    });
    markdown(["variable", "default", "meaning"], rows)
}

/// Returns the names and comments of the public constants of `env.rs`.
pub(crate) fn variables(env_rs: &str) -> Vec<(String, String)> {
    let mut comment = Vec::new();
    let mut found = Vec::new();
    for line in env_rs.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            comment.push(text);
            continue;
        }
        if let Some(name) = line.strip_prefix("pub const ").and_then(|rest| rest.split('"').nth(1)) {
            found.push((name.to_owned(), comment.join(" ")));
        }
        comment.clear();
    }
    found
}

fn metrics() -> String {
    let rows = Metric::ALL
        .map(|metric| [format!("`{}`", metric.name()), metric.unit().to_lowercase(), metric.description().to_owned()]);
    markdown(["metric", "unit", "meaning"], rows)
}

fn errors() -> String {
    let mut kinds = [&ProblemKind::ALL[..], &ProblemKind::WEBSOCKET_ONLY].concat();
    kinds.sort_by_key(|kind| kind.status());
    let rows = kinds
        .into_iter()
        .map(|kind| [kind.status().as_u16().to_string(), format!("`{}`", kind.name()), kind.description().to_owned()]);
    markdown(["status", "name", "when"], rows)
}

/// Splits "Meaning. Default value." into meaning and default.
fn split_default(description: &str) -> (String, String) {
    let Some((meaning, default)) = description.rsplit_once(" Default") else {
        return (description.to_owned(), String::new());
    };
    let default = default.trim_start_matches(':').trim();
    (meaning.to_owned(), default.strip_suffix('.').unwrap_or(default).to_owned())
}

fn markdown<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut lines = vec![format!("| {} |", head.join(" | ")), format!("|{}", "---|".repeat(N))];
    for row in rows {
        lines.push(format!("| {} |", row.join(" | ")).replace("|  |", "| |"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> [Table; 1] {
        [Table { name: "x", text: "| new |".to_owned() }]
    }

    #[test]
    fn the_text_between_markers_is_replaced() {
        let page = "a\n<!-- generated:x -->\n| old |\n<!-- /generated -->\nb";
        let filled = fill(page, &table()).expect("the markers are good");
        assert_eq!(filled, "a\n<!-- generated:x -->\n| new |\n<!-- /generated -->\nb");
        assert_eq!(fill(&filled, &table()).as_deref(), Ok(filled.as_str()));
    }

    #[test]
    fn faulty_markers_are_found() {
        assert!(fill("<!-- generated:y -->\n<!-- /generated -->", &table()).is_err());
        assert!(fill("<!-- generated:x -->\n", &table()).is_err());
    }

    #[test]
    fn variables_have_their_comments() {
        let text = "/// One.\n/// Default 1.\npub const A: &str = \"ONE\";\nconst C: &str = \"THREE\";\n";
        assert_eq!(variables(text), [("ONE".to_owned(), "One. Default 1.".to_owned())]);
        assert_eq!(split_default("One. Default 1."), ("One.".to_owned(), "1".to_owned()));
        assert_eq!(split_default("One. Default: all of it."), ("One.".to_owned(), "all of it".to_owned()));
        assert_eq!(split_default("One."), ("One.".to_owned(), String::new()));
    }
}
