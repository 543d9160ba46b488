//! The shipped sets of policies stand in the documentation as they are, and its other policies are valid.

use std::path::Path;

use openclaw::agent::FullSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::{SourceDocument, Stage};
use openclaw::policy::{Extends, check_set};
use openclaw_cli::read_yaml;
use serde_json::json;

use super::pages::parse;

#[test]
fn the_shipped_policies_stand_whole_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let page = read("docs/policies.md");
    for set in ["strict", "permissive"] {
        let text = read(&format!("shared/src/policy/shipped/{set}.cedar"));
        assert!(!text.is_empty() && page.contains(&format!("```cedar\n{text}```")), "docs/policies.md lacks {set}");
    }
}

#[test]
fn the_policies_of_the_documentation_are_valid_for_its_example() {
    let page = parse("docs/policies.md", &super::read("docs/policies.md"));
    let configured = page.blocks.iter().find(|block| block.is_in("yaml")).map(|block| read_yaml(&block.text));
    let mut value = configured.expect("the page has a configuration").expect("it is YAML");
    value["llm"] = json!({ "provider": "bedrock", "model": "a-model" });
    let document = SourceDocument { value: &value, source: "example", directory: Path::new(".") };
    let config = document.resolve(Stage::Deployment, &KnownModels(FullSchemaChecks)).expect("it has no faults");
    let agents: Vec<&str> = config.agents.keys().map(openclaw::domain::AgentName::as_str).collect();
    let shipped = [Extends::Strict.text(), Extends::Permissive.text()];
    let texts: Vec<&str> = page.blocks.iter().filter(|block| block.is_in("cedar")).map(|block| &*block.text).collect();
    let own: Vec<&str> =
        texts.into_iter().filter(|text| !shipped.iter().any(|set| set.trim() == text.trim())).collect();
    assert!(own.len() >= 3, "{own:?}");
    assert_eq!(check_set(&own, Extends::Strict, &config.actions, &agents), []);
}
