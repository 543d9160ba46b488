//! Examples in fenced blocks are what they say: JSON parses, and configurations are what the gateway accepts.
//!
//! A block of YAML is a whole `openclaw.yaml`, or a piece of one where it is marked as a fragment.

use openclaw::app::KnownModels;
use openclaw::config::{self, Environment};
use serde_json::Value;

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
    let refused = config::load(&block.text, "example", &environment(block), &KnownModels).err()?;
    Some(refused.to_string())
}

/// Returns what completes the example: a fragment has no need to name what every configuration must have.
fn environment(block: &Block) -> Environment {
    let mut pairs = vec![];
    if block.is_fragment() {
        pairs.push(("OPENCLAW__AUTHENTICATION__USER_POOL_ID", "eu-central-1_EXAMPLE"));
        pairs.push(("OPENCLAW__AUTHENTICATION__CLIENT_ID", "EXAMPLE"));
        if !block.text.contains("llm:") {
            pairs.push(("LLM_PROVIDER", "bedrock"));
            pairs.push(("LLM_MODEL", "anthropic.claude-3-sonnet-20240229-v1:0"));
        }
    }
    Environment::from_pairs(pairs)
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
    let whole = "llm: { provider: bedrock, model: m }\n\
                 authentication: { user_pool_id: eu-central-1_EXAMPLE, client_id: EXAMPLE }\n";
    assert!(is_good("yaml", whole) && is_good("yaml fragment", "cors: { allowed_origins: ['https://a.example'] }\n"));
    assert!(!is_good("yaml", "cors: { allowed_origins: ['https://a.example'] }\n"));
    assert!(!is_good("yaml fragment", "cors: { origins: [] }\n"));
    assert!(is_good("json", "{}") && !is_good("json", "{…}") && is_good("json fragment", "{…}"));
}
