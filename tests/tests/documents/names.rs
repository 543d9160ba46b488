//! Files that the text names in code spans exist.

use super::commands::is_path;
use super::pages::{Page, parse};
use super::{all_pages, root};

/// Files that are made by a command, or by the reader.
const MADE: [&str; 3] = ["infra/backend.hcl", "infra/.terraform.lock.hcl", "infra/bootstrap/terraform.tfstate"];

fn faults(page: &Page, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let is_missing = |span: &&str| is_path(span) && !MADE.contains(span) && !exists(span);
    page.code_spans().filter(is_missing).map(|span| format!("{}: there is no `{span}`", page.path)).collect()
}

#[test]
fn files_that_are_named_exist() {
    let root = root();
    let faults: Vec<String> =
        all_pages().iter().flat_map(|page| faults(page, |path| root.join(path).exists())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_file_that_does_not_exist_is_found() {
    let page = parse("p.md", "`tests/a.rs` `tests/b.rs` `tests/<name>.rs` `elsewhere/c.rs` tests/d.rs\n");
    assert_eq!(faults(&page, |path| path == "tests/a.rs"), ["p.md: there is no `tests/b.rs`"]);
}
