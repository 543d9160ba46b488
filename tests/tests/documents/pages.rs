//! The pages of the documentation, read as far as the tests need it: headings, links and fenced blocks.

use std::path::{Path, PathBuf};

/// Folders that hold no page of the project.
const SKIPPED: [&str; 6] = [".git", ".venv", ".local", ".terraform", "node_modules", "target"];

/// A page.
#[derive(Default)]
pub(crate) struct Page {
    /// The path below the project's root, with `/` between its parts.
    pub(crate) path: String,
    /// The anchors of its headings, as GitHub makes them.
    pub(crate) anchors: Vec<String>,
    /// The targets of its links.
    pub(crate) links: Vec<String>,
    /// Its fenced blocks.
    pub(crate) blocks: Vec<Block>,
    /// Its code spans, outside of fenced blocks.
    pub(crate) spans: Vec<String>,
    /// Its whole text.
    pub(crate) text: String,
}

impl Page {
    /// Returns the code spans.
    pub(crate) fn code_spans(&self) -> impl Iterator<Item = &str> {
        self.spans.iter().map(String::as_str)
    }
}

/// A fenced block.
pub(crate) struct Block {
    /// The line of its first fence, from 1.
    pub(crate) line: usize,
    /// The words after the first fence: the language, and `fragment` for a piece of a file.
    pub(crate) info: String,
    /// The lines of the block.
    pub(crate) text: String,
}

impl Block {
    /// Returns whether the block is in this language.
    pub(crate) fn is_in(&self, language: &str) -> bool {
        self.info.split(' ').next() == Some(language)
    }

    /// Returns whether the block is marked as a piece of a file.
    pub(crate) fn is_fragment(&self) -> bool {
        self.info.ends_with(" fragment")
    }
}

/// Returns the paths of all pages below the root, sorted.
pub(crate) fn paths(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_skipped = SKIPPED.iter().any(|name| path.file_name().is_some_and(|own| own == *name));
            if path.is_dir() && !path.is_symlink() && !is_skipped {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Reads a page.
pub(crate) fn parse(path: &str, text: &str) -> Page {
    let mut page = Page { path: path.to_owned(), text: text.to_owned(), ..Page::default() };
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (open.take(), fence) {
            (Some(block), Some(_)) => page.blocks.push(block),
            (Some(mut block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, Some(info)) => {
                open = Some(Block { line: index + 1, info: info.trim().to_owned(), text: String::new() });
            }
            (None, None) => read_line(&mut page, line),
        }
    }
    page
}

fn read_line(page: &mut Page, line: &str) {
    let heading = line.trim_start_matches('#');
    if line.starts_with('#') && heading.starts_with(' ') {
        let slug = slug(heading);
        let twins = page.anchors.iter().filter(|anchor| **anchor == slug).count();
        page.anchors.push(if twins == 0 { slug } else { format!("{slug}-{twins}") });
    }
    let outside_code = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    page.spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
    let targets = outside_code.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    page.links.extend(targets.map(str::to_owned));
}

/// Returns the anchor that GitHub gives to a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read() {
        let text = "# A `b` C, d\n[one](x.md#y) `[no](code.md)` [`two`](z)\n```sh fragment\n# not a heading\n[no](no)\n\
                    ```\n## A b C d\n";
        let page = parse("p.md", text);
        assert_eq!(page.anchors, ["a-b-c-d", "a-b-c-d-1"]);
        assert_eq!(page.links, ["x.md#y", "z"]);
        assert_eq!(page.blocks.len(), 1);
        assert!(page.blocks[0].is_in("sh") && page.blocks[0].is_fragment() && page.blocks[0].line == 3);
        assert_eq!(page.blocks[0].text, "# not a heading\n[no](no)\n");
    }
}
