//! Writes the files that are generated from the types: `openapi.json` and `config.schema.json`.
//! Run it with `cargo run -p openclaw-tests --example generate`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, document) in
        [("openapi.json", openclaw::http::openapi()), ("config.schema.json", openclaw::config::json_schema())]
    {
        std::fs::write(root.join(name), format!("{document:#}\n"))?;
    }
    Ok(())
}
