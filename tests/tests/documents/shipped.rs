//! The shipped sets of policies stand in the documentation as they are.

use std::path::Path;

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
