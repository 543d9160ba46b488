//! The first pages stay short, and the figures of the README are those of the benchmark.

use super::pages::Page;
use super::{all_pages, read};

const README_BYTES: usize = 9 * 1024;
const ARCHITECTURE_BYTES: usize = 12 * 1024;

#[test]
fn the_first_pages_are_short() {
    for (name, limit) in [("README.md", README_BYTES), ("ARCHITECTURE.md", ARCHITECTURE_BYTES)] {
        let size = read(name).len();
        assert!(size <= limit, "{name} has {size} bytes, and may have {limit}");
    }
}

/// Returns the rows of a page's table of figures, without its head.
fn figures(page: &str) -> Vec<&str> {
    let rows = page.lines().skip_while(|line| !line.starts_with("| figure |"));
    rows.skip(2).take_while(|line| line.starts_with('|')).collect()
}

#[test]
fn figures_of_the_readme_are_those_of_the_benchmark() {
    let (readme, benchmark) = (read("README.md"), read("docs/benchmarks.md"));
    let (some, all) = (figures(&readme), figures(&benchmark));
    assert_eq!(some.len(), 5, "{some:?}");
    for row in some {
        assert!(all.contains(&row), "docs/benchmarks.md has no row {row}");
    }
}

#[test]
fn every_question_has_a_page_with_an_example() {
    let has_example = |page: &Page| page.blocks.iter().any(|block| !block.info.is_empty());
    for page in all_pages().iter().filter(|page| page.path.starts_with("docs/") && !page.path.contains("/design/")) {
        assert!(has_example(page), "{} has no example", page.path);
    }
}
