//! Every environment variable that the gateway reads is in the README.

use std::path::Path;

/// The values of all public constants of the file.
fn names(text: &str) -> Vec<String> {
    let value = |line: &str| line.trim().strip_prefix("pub const ")?.split('"').nth(1).map(str::to_owned);
    text.lines().filter_map(value).collect()
}

fn missing(readme: &str, names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !readme.contains(&format!("`{name}"))).cloned().collect()
}

#[test]
fn every_variable_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names = names(&std::fs::read_to_string(root.join("shared/src/config/env.rs")).expect("env.rs is there"));
    assert!(names.len() >= 15 && names.contains(&"OPENCLAW_CONFIG".to_owned()), "{names:?}");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md is there");
    assert_eq!(missing(&readme, &names), [""; 0], "these variables are not in the README");
}

#[test]
fn a_variable_that_is_left_out_is_found() {
    let names =
        names("/// A.\npub const A: &str = \"ONE\";\nconst C: &str = \"THREE\";\n    pub const B: &str = \"TWO\";");
    assert_eq!(names, ["ONE", "TWO"]);
    assert_eq!(missing("| `ONE` | what it is |", &names), ["TWO"]);
}
