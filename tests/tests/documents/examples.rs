//! Examples in fenced blocks are what they say: JSON parses, and configurations are what the gateway accepts.
//!
//! A block of YAML is a whole `openclaw.yaml`, checked as `openclaw check` does, or a piece of one if it is marked as a
//! fragment, which need not name a model.

use std::path::Path;

use openclaw::agent::FullSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::{SourceDocument, Stage};
use openclaw_cli::read_yaml;
use serde_json::{Value, json};

use super::all_pages;
use super::pages::Block;

/// Returns what is wrong with an example.
fn fault(block: &Block) -> Option<String> {
    if block.is_in("json") && !block.is_fragment() {
        return serde_json::from_str::<Value>(&block.text).err().map(|error| error.to_string());
    }
    if !block.is_in("yaml") {
        return None;
    }
    let mut value = match read_yaml(&block.text) {
        Ok(value) => value,
        Err(fault) => return Some(fault.message()),
    };
    if let Some(sections) = value.as_object_mut().filter(|_| block.is_fragment()) {
        sections.entry("llm").or_insert(json!({ "provider": "bedrock", "model": "a-model" }));
    }
    let document = SourceDocument { value: &value, source: "example", directory: Path::new(".") };
    document.check(Stage::Deployment, &KnownModels(FullSchemaChecks)).err().map(|refused| refused.to_string())
}

#[test]
fn examples_are_valid() {
    let mut checked = 0;
    let mut faults = Vec::new();
    for page in all_pages() {
        for block in page.blocks.iter().filter(|block| block.is_in("json") || block.is_in("yaml")) {
            checked += 1;
            faults.extend(fault(block).map(|fault| format!("{}:{}: {fault}", page.path, block.line)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked >= 8, "{checked}");
}

#[test]
fn a_faulty_example_is_found() {
    let is_good =
        |info: &str, text: &str| fault(&Block { line: 1, info: info.to_owned(), text: text.to_owned() }).is_none();
    let whole = "llm: { provider: bedrock, model: m }\n";
    assert!(is_good("yaml", whole) && is_good("yaml fragment", "cors: { allowed_origins: ['https://a.example'] }\n"));
    assert!(!is_good("yaml", "cors: { allowed_origins: ['https://a.example'] }\n"));
    assert!(!is_good("yaml fragment", "cors: { origins: [] }\n"));
    assert!(is_good("json", "{}") && !is_good("json", "{…}") && is_good("json fragment", "{…}"));
}
