//! Every relative link leads to a file, and every anchor to a heading.

use std::path::{Component, Path, PathBuf};

use super::pages::{Page, parse};
use super::{all_pages, root};

/// Returns what is wrong with a page's links. `exists` returns whether the project has a file or folder.
fn faults(page: &Page, pages: &[Page], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let fault = |link: &String| {
        if link.starts_with("https://") || link.starts_with("http://") {
            return None;
        }
        let (target, anchor) =
            link.split_once('#').map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
        let path = if target.is_empty() { page.path.clone() } else { relative_to(&page.path, target) };
        if !exists(&path) {
            return Some(format!("{}: ({link}): there is no {path}", page.path));
        }
        let anchor = anchor?;
        let target = pages.iter().find(|other| other.path == path);
        let is_there = target.is_some_and(|target| target.anchors.iter().any(|known| known == anchor));
        (!is_there).then(|| format!("{}: ({link}): {path} has no heading #{anchor}", page.path))
    };
    page.links.iter().filter_map(fault).collect()
}

/// Resolves a link's path, with `..` folded in.
fn relative_to(page: &str, target: &str) -> String {
    let mut path = PathBuf::from(page);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn links_lead_somewhere() {
    let pages = all_pages();
    let root = root();
    let faults: Vec<String> =
        pages.iter().flat_map(|page| faults(page, &pages, |path| root.join(path).exists())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(pages.iter().map(|page| page.links.len()).sum::<usize>() > 60, "the pages have links");
}

#[test]
fn every_page_can_be_found() {
    let pages = all_pages();
    let links_of = |name: &str| {
        let page = pages.iter().find(|page| page.path == name).unwrap_or_else(|| panic!("there is no {name}"));
        page.links.iter().map(|link| link.split('#').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let (readme, architecture) = (links_of("README.md"), links_of("ARCHITECTURE.md"));
    for page in pages.iter().filter(|page| page.path.starts_with("docs/")) {
        let entrance = if page.path.starts_with("docs/design/") { &architecture } else { &readme };
        assert!(
            entrance.contains(&page.path),
            "README.md, or ARCHITECTURE.md for docs/design/, links to {}",
            page.path
        );
    }
}

#[test]
fn a_broken_link_is_found() {
    let pages = [
        parse("docs/a.md", "# One\n[a](#one) [b](b.md) [c](b.md#two) [d](../x) [e](https://example.org/x)\n"),
        parse("docs/b.md", "## Two\n[a](#three) [b](c.md) [c](a.md#two)\n"),
    ];
    let exists = |path: &str| ["docs/a.md", "docs/b.md", "x"].contains(&path);
    assert_eq!(faults(&pages[0], &pages, exists), [""; 0]);
    assert_eq!(faults(&pages[1], &pages, exists).len(), 3);
}
