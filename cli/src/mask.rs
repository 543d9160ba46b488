//! The file's text as it may be shown: values of keys and headers are covered, byte for byte.

use std::ops::Range;

use openclaw::config::is_sensitive;
use openclaw::domain::{SecretTemplate, TemplatePart};
use serde_json::Value;

use crate::yaml::{Kind, Node};

/// Returns the text with every value covered that may be a key. A covered text has the same length.
///
/// `unknown` holds the paths of unknown keys, since a key's name may be misspelled.
pub(crate) fn masked(text: &str, document: &Node, unknown: &[&str]) -> String {
    let mut covered = Vec::new();
    collect("", document, false, unknown, &mut covered);
    cover(text, &covered, |_| false)
}

/// Returns the text of a file that is not YAML, with every value covered: all that may be a word, behind the first colon
/// of a line that begins with a key, and the whole of every other line.
pub(crate) fn masked_unread(text: &str) -> String {
    let mut covered = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        covered.push(start + key_length(line)..start + line.len());
        start += line.len();
    }
    // Punctuation stays, so that the structure of the file can be seen.
    cover(text, &covered, |character| "{}[],:\"'#&*|>%@`!-".contains(character))
}

/// Returns the length of what a line begins with if that is a key: indentation, dashes, a name and a colon.
fn key_length(line: &str) -> usize {
    let name = line.trim_start_matches([' ', '-']);
    let Some((key, _)) = name.split_once(':') else { return 0 };
    // Keys of the file are lower-case words; anything else may be part of a value.
    let is_name = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_name { line.len() - name.len() + key.len() } else { 0 }
}

fn collect(path: &str, node: &Node, is_secret: bool, unknown: &[&str], covered: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Scalar(value) => {
            if (is_secret || is_sensitive(path) || is_address(path)) && !may_show(path, value) {
                covered.push(node.bytes.clone());
            }
        }
        Kind::List(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                collect(&format!("{path}[{index}]"), entry, is_secret, unknown, covered);
            }
        }
        Kind::Mapping(pairs) => {
            for (key, value) in pairs {
                let path = if path.is_empty() { key.name.clone() } else { format!("{path}.{}", key.name) };
                // Everything below an unknown key is covered, since a misspelled section may hold keys.
                collect(&path, value, is_secret || unknown.contains(&path.as_str()), unknown, covered);
            }
        }
    }
}

fn is_address(path: &str) -> bool {
    path.ends_with(".base_url")
}

/// Returns whether a value that may be a key can be shown: references alone, or an address without user and query.
fn may_show(path: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return value.is_null() };
    if is_address(path) && !text.contains(['@', '?', '#']) {
        return true;
    }
    let template = SecretTemplate::parse(text);
    template.is_ok_and(|template| template.parts().iter().all(|part| matches!(part, TemplatePart::Reference(_))))
}

/// Covers the ranges, but for white space and the characters to keep.
fn cover(text: &str, covered: &[Range<usize>], keep: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let is_covered = covered.iter().any(|range| range.contains(&at));
        if is_covered && !character.is_whitespace() && !keep(character) {
            // As many stars as bytes, so that places stay where they are.
            shown.extend(std::iter::repeat_n('*', character.len_utf8()));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
