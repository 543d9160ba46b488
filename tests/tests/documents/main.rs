//! The documentation agrees with the tree: links resolve, commands exist, tables are current, examples are valid.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot continue has failed")]

mod commands;
mod examples;
mod links;
mod names;
mod pages;
mod shell;
mod shipped;
mod sizes;
mod tables;
mod templates;

use std::path::{Path, PathBuf};

use pages::Page;

/// Returns the project's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a file of the project.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Reads every page of the project.
fn all_pages() -> Vec<Page> {
    let root = root();
    let found = pages::paths(&root);
    assert!(found.len() >= 15, "{found:?}");
    let read_page = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("the page is below the root").to_string_lossy().into_owned();
        pages::parse(&name, &read(&name))
    };
    found.into_iter().map(read_page).collect()
}

#[test]
fn generated_tables_are_current() {
    let tables = tables::tables(&read("shared/src/config/env.rs"));
    let pages = all_pages();
    for page in &pages {
        let filled = tables::fill(&page.text, &tables).unwrap_or_else(|fault| panic!("{}: {fault}", page.path));
        let advice = "run `cargo run --example generate` and commit what it writes";
        assert!(filled == page.text, "a table of {} is not current: {advice}", page.path);
    }
    for table in &tables {
        let marker = format!("<!-- generated:{} -->", table.name);
        let places: usize = pages.iter().map(|page| page.text.matches(&marker).count()).sum();
        assert_eq!(places, 1, "the table {} must be in exactly one place", table.name);
    }
}

#[test]
fn every_variable_has_a_description() {
    let variables = tables::variables(&read("shared/src/config/env.rs"));
    assert!(variables.len() >= 15, "{variables:?}");
    for (name, description) in variables {
        assert!(!description.is_empty(), "{name} has no comment in env.rs");
    }
}
