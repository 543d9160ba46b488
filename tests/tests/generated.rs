//! The files that are generated from the types are committed and current.
#![expect(clippy::expect_used, reason = "a test that cannot continue has failed")]

use std::path::Path;

use serde_json::Value;

#[track_caller]
fn assert_current(name: &str, generated: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let committed = std::fs::read_to_string(path).expect("the file is committed");
    let current = committed == format!("{generated:#}\n");
    assert!(current, "{name} is not current: run `cargo run --example generate` and commit it");
}

#[test]
fn the_api_is_described_as_it_is() {
    assert_current("openapi.json", &openclaw::api::openapi());
}

#[test]
fn the_configuration_is_described_as_it_is() {
    assert_current("config.schema.json", &openclaw::config::json_schema(&openclaw::actions::kind_schemas()));
}
