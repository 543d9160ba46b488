//! Circles of files: finds files of a room that import each other, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{crate_paths, paths_from};

/// The files of a crate as modules, and the files that each of them imports.
pub(crate) struct Imports {
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Imports {
    /// Reads the imports of files; each is given by its module, such as `["llm", "openai", "wire"]`, and its text.
    pub(crate) fn of(files: &[(Vec<String>, String)]) -> Self {
        let texts: BTreeMap<&[String], &str> =
            files.iter().map(|(module, text)| (module.as_slice(), text.as_str())).collect();
        let mut edges = BTreeMap::new();
        for (module, text) in files {
            let own = crate_paths(text, module);
            let of_children = children(&texts, module).flat_map(|child| {
                let paths = paths_from(&without_exports(text), child);
                paths.into_iter().map(|path| [module.as_slice(), &split(&path)].concat())
            });
            let targets = own.into_iter().chain(of_children).filter_map(|path| file_of(&texts, &path));
            let others = targets.filter(|target| target != module && target[0] == module[0]);
            edges.insert(module.join("/"), others.map(|target| target.join("/")).collect());
        }
        Self { edges }
    }

    /// Returns a circle of files, if there is one.
    pub(crate) fn circle(&self) -> Option<Vec<&str>> {
        let mut done = BTreeSet::new();
        self.edges.keys().find_map(|file| self.circle_from(file, &mut Vec::new(), &mut done))
    }

    fn circle_from<'a>(
        &'a self,
        file: &'a str,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(start) = path.iter().position(|before| *before == file) {
            return Some([&path[start..], &[file]].concat());
        }
        if !done.insert(file) {
            return None;
        }
        path.push(file);
        let found = self.edges[file].iter().find_map(|next| self.circle_from(next, path, done));
        path.pop();
        found
    }
}

fn split(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

/// Returns the names of the modules right below a module.
fn children<'a>(texts: &'a BTreeMap<&[String], &str>, module: &'a [String]) -> impl Iterator<Item = &'a str> {
    let below = texts.keys().filter(|other| other.len() > module.len() && other.starts_with(module));
    below.map(|other| other[module.len()].as_str()).collect::<BTreeSet<_>>().into_iter()
}

/// Removes `pub use …;`: exporting a child's names does not make the parent depend on it.
fn without_exports(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("pub use ") {
        kept.push_str(&rest[..at]);
        rest = rest[at..].split_once(';').map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Returns the file that defines what a path names; names that a parent exports are followed to the child.
fn file_of(texts: &BTreeMap<&[String], &str>, path: &[String]) -> Option<Vec<String>> {
    let longest = (1..=path.len()).rev().find(|length| texts.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(longest);
    let Some(name) = rest.first() else { return Some(module.to_vec()) };
    let exported = children(texts, module).find_map(|child| {
        let exports = paths_from(texts[module], child);
        exports.into_iter().map(|export| split(&export)).find(|export| export.last() == Some(name))
    });
    match exported {
        Some(export) => file_of(texts, &[module, &export].concat()),
        None => Some(module.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(files: &[(&str, &str)]) -> Option<String> {
        let files: Vec<(Vec<String>, String)> = files
            .iter()
            .map(|(file, text)| (file.split('/').map(str::to_owned).collect(), (*text).to_owned()))
            .collect();
        Imports::of(&files).circle().map(|files| files.join(" > "))
    }

    #[test]
    fn files_that_import_each_other_are_a_circle() {
        let files = [("a", "mod x;\nmod y;"), ("a/x", "use super::y::Y;"), ("a/y", "use super::x::X;")];
        assert_eq!(circle(&files).as_deref(), Some("a/x > a/y > a/x"));
        assert_eq!(circle(&files[..2]), None);
    }

    #[test]
    fn exported_names_are_followed_to_their_file() {
        let parent = "mod x;\nmod y;\npub use x::X;\npub use y::{Other, Y};";
        let both = [("a", parent), ("a/x", "use super::Y;"), ("a/y", "use crate::a::X;")];
        assert_eq!(circle(&both).as_deref(), Some("a/x > a/y > a/x"));
        assert_eq!(circle(&[("a", parent), ("a/x", "use super::Y;"), ("a/y", "")]), None);
    }

    #[test]
    fn a_parent_that_uses_a_child_which_uses_the_parent_is_a_circle() {
        let child = ("a/x", "use super::Shared;");
        assert_eq!(circle(&[("a", "mod x;\nuse x::X;\nstruct Shared;"), child]).as_deref(), Some("a > a/x > a"));
        assert_eq!(circle(&[("a", "mod x;\npub use x::X;\nstruct Shared;"), child]), None);
    }

    #[test]
    fn rooms_are_looked_at_one_by_one() {
        assert_eq!(circle(&[("a", "use crate::b::B;"), ("b", "use crate::a::A;")]), None);
    }
}
