//! Writes what is generated from the types: `openapi.json`, `config.schema.json` and the tables of the documentation.
//! Run it with `cargo run --example generate`.
#![expect(dead_code, reason = "the tests use the rest of the modules")]

#[path = "../tests/documents/pages.rs"]
mod pages;
#[path = "../tests/documents/tables.rs"]
mod tables;

use std::error::Error;
use std::fs::{read_to_string, write};
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, document) in [
        ("openapi.json", openclaw::api::openapi()),
        ("config.schema.json", openclaw::config::json_schema(&openclaw::actions::kind_schemas())),
    ] {
        write(root.join(name), format!("{document:#}\n"))?;
    }
    let tables = tables::tables(&read_to_string(root.join("shared/src/config/env.rs"))?);
    for path in pages::paths(&root) {
        let page = read_to_string(&path)?;
        let filled = tables::fill(&page, &tables).map_err(|fault| format!("{}: {fault}", path.display()))?;
        if filled != page {
            write(path, filled)?;
        }
    }
    Ok(())
}
