//! The names that `docs/agents.md` lists for templates exist.

use openclaw::agent::Template;

use super::read;

/// Returns the names in the row of this kind.
fn names<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {kind} | `"))).expect("the row of the kind");
    let names: Vec<&str> = row.trim_end_matches("` |").split("`, `").collect();
    assert!(names.len() >= 2, "{names:?}");
    names
}

#[test]
fn what_templates_may_use_exists() {
    let page = read("docs/agents.md");
    let uses = [("filters", "input.prompt | "), ("tests", "input.prompt is "), ("functions", "input.prompt or ")];
    for (kind, before) in uses {
        for name in names(&page, kind) {
            let call = if kind == "functions" { "()" } else { "" };
            Template::expression(&format!("{before}{name}{call}")).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        }
    }
    for statement in names(&page, "statements") {
        let fault = Template::text(&format!("{{% {statement} %}}")).expect_err("a statement without its rest");
        assert!(!fault.to_string().contains("unknown statement"), "{fault}");
    }
}
