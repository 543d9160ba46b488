//! The file's text as it may be shown, byte for byte: everything is covered but what the schema knows and what is not a
//! secret.

use std::ops::Range;

use openclaw::config::{is_name, is_plain, is_sensitive, may_hold_secret};
use openclaw::domain::{SecretTemplate, TemplatePart};
use serde_json::Value;

use crate::schema::{Expected, Place, Schema};
use crate::yaml::{Key, Kind, Node};

/// The signs of YAML, which show the structure, and the byte order mark.
const SIGNS: &str = "{}[],:\"'#&*|<>%@`!?-~\u{feff}";

/// Returns the text with all covered but known keys, and values of the kind that their place requires which are not keys,
/// headers or addresses with a password. Comments are covered too. A covered text has the same length.
pub(crate) fn masked(text: &str, document: &Node) -> String {
    let schema = Schema::new();
    let mut mask = Mask::of(text);
    mask.add("", document, schema.root());
    mask.apply()
}

/// Returns the text of a file that is not YAML, with all covered but the names of keys at the beginnings of lines.
pub(crate) fn masked_unread(text: &str) -> String {
    let schema = Schema::new();
    let names = schema.names();
    let mut mask = Mask::of(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let name = line.trim_start_matches([' ', '-']);
        // Anything but a key of the file may be part of a value.
        if let Some((key, _)) = name.split_once(':').filter(|(key, _)| names.contains(key)) {
            let at = start + line.len() - name.len();
            mask.show(at..at + key.len());
        }
        start += line.len();
    }
    mask.apply()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Neither a key nor a value: a sign, a comment, or a part that is not known.
    Between,
    Shown,
    Hidden,
}

/// The marks of a text's bytes.
struct Mask<'a> {
    text: &'a str,
    marks: Vec<Mark>,
}

impl<'a> Mask<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, marks: vec![Mark::Between; text.len()] }
    }

    fn add(&mut self, path: &str, node: &Node, place: Place<'_>) {
        match &node.kind {
            // As it is written: a sign, or a word that is covered.
            Kind::Scalar(Value::Null) => {}
            Kind::Scalar(value) if may_show(path, value, place.expected()) => self.show(node.bytes.clone()),
            Kind::Scalar(_) => self.hide(node.bytes.clone()),
            Kind::List(entries) => {
                let is_list = matches!(place.expected(), Expected::List | Expected::Any);
                let inner = if is_list { place.entry() } else { place.unknown() };
                for entry in entries {
                    self.add(path, entry, inner);
                }
            }
            Kind::Mapping(pairs) => {
                let place = match place.expected() {
                    Expected::Mapping | Expected::Any => place,
                    _ => place.unknown(),
                };
                for (key, value) in pairs {
                    let is_shown = match place.expected() {
                        Expected::Mapping => place.names(&key.name) || is_name(&key.name),
                        Expected::Any => !may_hold_secret(&key.name),
                        _ => false,
                    };
                    if is_shown {
                        self.show_key(key);
                    }
                    self.add(&format!("{path}.{}", key.name), value, place.member(&key.name));
                }
            }
        }
    }

    /// Shows a key if its bytes are its name.
    fn show_key(&mut self, key: &Key) {
        let written = self.text.get(key.bytes.clone()).unwrap_or_default();
        if written.trim_matches(['"', '\'']) == key.name {
            self.show(key.bytes.clone());
        }
    }

    fn show(&mut self, bytes: Range<usize>) {
        for mark in self.marks.get_mut(bytes).into_iter().flatten() {
            // A value that stands in two places, by an alias, is hidden if one of them hides it.
            if *mark == Mark::Between {
                *mark = Mark::Shown;
            }
        }
    }

    fn hide(&mut self, bytes: Range<usize>) {
        self.marks.get_mut(bytes).into_iter().flatten().for_each(|mark| *mark = Mark::Hidden);
    }

    fn apply(&self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        for (at, character) in self.text.char_indices() {
            let is_shown = match self.marks.get(at) {
                Some(Mark::Shown) => true,
                // The signs stay, so that the structure of the file can be seen.
                Some(Mark::Between) => SIGNS.contains(character),
                Some(Mark::Hidden) | None => false,
            };
            if is_shown || character.is_whitespace() {
                shown.push(character);
            } else {
                shown.push(cover(character));
            }
        }
        shown
    }
}

/// Returns the star that covers a character. It has as many bytes, so that places stay where they are.
const fn cover(character: char) -> char {
    match character.len_utf8() {
        1 => '*',
        2 => '\u{b7}',
        3 => '\u{2217}',
        _ => '\u{1f7b6}',
    }
}

fn may_show(path: &str, value: &Value, expected: Expected) -> bool {
    let Some(text) = value.as_str() else { return is_shown_scalar(path, value, expected) };
    if is_sensitive(path) {
        return expected == Expected::Text && is_reference(text);
    }
    let is_address = path.ends_with("_url");
    match expected {
        Expected::Text => !(may_hold_secret(text) || (is_address && text.contains(['?', '#']))),
        Expected::Plain => is_plain(text),
        Expected::Mapping | Expected::List | Expected::Any | Expected::Unknown => false,
    }
}

/// Returns whether a number, true or false may be shown at a place.
fn is_shown_scalar(path: &str, value: &Value, expected: Expected) -> bool {
    let is_shown = match expected {
        Expected::Text | Expected::Plain => true,
        Expected::Any => value.is_boolean(),
        Expected::Mapping | Expected::List | Expected::Unknown => false,
    };
    is_shown && !is_sensitive(path)
}

/// Returns whether a text consists of references to secrets alone.
fn is_reference(text: &str) -> bool {
    let template = SecretTemplate::parse(text);
    template.is_ok_and(|template| template.parts().iter().all(|part| matches!(part, TemplatePart::Reference(_))))
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
