//! From a document to the file's types, with every structural fault: unknown keys, wrong types, unknown names.
//!
//! `serde` stops at the first fault, so the faulty part is removed and the rest is read again. A document without faults
//! is read once.

use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::faults::Faults;
use super::file::ConfigFile;
use super::shown::{is_sensitive, quoted_if_plain};

/// The number of faults that are gathered; a document with more has another shape altogether.
pub(super) const MAX_FAULTS: usize = 100;

const A_LIST: &str = "a list";
const A_MAPPING: &str = "a mapping";

/// Reads the document. Faulty parts are left out of the result, so that the rest can still be checked. Returns `None` if
/// there are more than [`MAX_FAULTS`].
pub(super) fn read_file(mut document: Value, faults: &mut Faults) -> Option<ConfigFile> {
    for _ in 0..MAX_FAULTS {
        match read(&document) {
            Ok(file) => return Some(file),
            Err(fault) => {
                let path = dotted(&fault.pointer);
                let found = found(&document, &fault, &path);
                if fault.is_unknown_key() {
                    faults.add_key(path, found, fault.allowed());
                } else {
                    faults.add(path, found, fault.allowed());
                }
                remove(&mut document, &fault.pointer);
            }
        }
    }
    None
}

/// Adds the fault of a key that the file's types do not know at this place; `alone` is a document of this key alone. Returns
/// whether there is one.
pub(super) fn check_key(alone: &Value, place_alone: &str, place: &str, faults: &mut Faults) -> bool {
    let fault = read(alone).err().filter(|fault| fault.is_unknown_key() && fault.pointer == place_alone);
    if let Some(fault) = &fault {
        faults.add_key(dotted(place), "an unknown key", fault.allowed());
    }
    fault.is_some()
}

/// Returns whether the file's types accept a document.
pub(super) fn is_accepted(document: &Value) -> bool {
    read(document).is_ok()
}

fn read(document: &Value) -> Result<ConfigFile, StructuralFault> {
    serde_path_to_error::deserialize(document).map_err(|error| {
        let pointer = pointer(error.path());
        StructuralFault { pointer, text: error.into_inner().to_string() }
    })
}

/// A fault that `serde` found.
struct StructuralFault {
    /// Its place (RFC 6901).
    pointer: String,
    /// The text of `serde`, which may quote the value.
    text: String,
}

impl StructuralFault {
    fn is_unknown_key(&self) -> bool {
        // `serde` distinguishes its errors by their text alone.
        self.text.starts_with("unknown field")
    }

    /// Returns what is allowed, in the terms of the file.
    fn allowed(&self) -> String {
        // The text before the last `expected` may quote the value; what follows comes from the types.
        let expected = self.text.rsplit_once("expected ").map_or("", |(_, expected)| expected);
        let names = expected.strip_prefix("one of ").unwrap_or(expected);
        if names.starts_with('`') {
            let names = names.replace('`', "");
            return if self.is_unknown_key() { format!("one of {names}") } else { names };
        }
        match expected {
            "u16" => "a whole number from 0 to 65535".to_owned(),
            "u32" => "a whole number of 0 or more".to_owned(),
            "f64" => "a number".to_owned(),
            "a string" | "string or map" | "variant identifier" => "text".to_owned(),
            "a boolean" => "true or false".to_owned(),
            "a sequence" => A_LIST.to_owned(),
            _ => A_MAPPING.to_owned(),
        }
    }
}

/// Describes what a fault found; hides the values of sensitive paths.
fn found(document: &Value, fault: &StructuralFault, path: &str) -> String {
    if fault.is_unknown_key() {
        "an unknown key".to_owned()
    } else if is_sensitive(path) {
        "a value of another kind".to_owned()
    } else {
        let is_section = matches!(fault.allowed().as_str(), A_MAPPING | A_LIST);
        let describe = if is_section { kind } else { describe };
        document.pointer(&fault.pointer).map_or_else(|| "nothing".to_owned(), describe)
    }
}

/// Describes a value in place of a scalar: scalars as they are, unless they may be a secret; the rest by kind.
fn describe(value: &Value) -> String {
    match value {
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted_if_plain(text),
        Value::Null | Value::Array(_) | Value::Object(_) => kind(value),
    }
}

/// Describes a value by its kind alone: in place of a section, which may hold keys, a scalar may be a key.
fn kind(value: &Value) -> String {
    let kind = match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => A_LIST,
        Value::Object(_) => A_MAPPING,
    };
    kind.to_owned()
}

/// Removes a part from its mapping, or replaces it in its list. Removes the whole that holds the part if the part
/// itself cannot be removed.
fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        *document = Value::Object(Map::new());
        return;
    };
    let removed = match document.pointer_mut(parent) {
        Some(Value::Object(map)) => map.remove(&unescape(last)).is_some(),
        Some(Value::Array(items)) => {
            // Replaced by the empty mapping or the empty text, since the indices of the others must not move.
            let item = last.parse().ok().and_then(|index: usize| items.get_mut(index));
            item.is_some_and(|item| {
                // Most types accept one of the two. Where neither is accepted, the list itself is removed.
                let empty = if item.is_object() { Value::String(String::new()) } else { Value::Object(Map::new()) };
                let is_spent = *item == Value::String(String::new());
                *item = empty;
                !is_spent
            })
        }
        _ => false,
    };
    if !removed {
        remove(document, parent);
    }
}

/// Returns a pointer as people write it: `/agents/1/llm` as `agents[1].llm`.
pub(super) fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1).map(unescape) {
        if step.bytes().all(|byte| byte.is_ascii_digit()) && !step.is_empty() {
            path.extend(["[", &step, "]"]);
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&step);
        }
    }
    path
}

fn pointer(path: &Path) -> String {
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", escape(key))),
        // The file's enums are scalars, so they add no step to a path.
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect()
}

pub(super) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
