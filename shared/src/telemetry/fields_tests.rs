//! The list holds the fields that the sources write, and no others.

use std::collections::BTreeSet;
use std::path::Path;

use super::{ALLOWED, is_allowed};

/// Macros that write an event or open a span.
const MACROS: [&str; 6] = ["trace!(", "debug!(", "info!(", "warn!(", "error!(", "info_span!("];

/// Reads all product sources below a folder.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("fields_tests.rs") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Splits the arguments of a macro call, which `text` begins with, at the commas between them.
fn arguments(text: &str) -> Vec<String> {
    let (mut depth, mut is_in_string) = (0, false);
    let mut arguments = vec![String::new()];
    for character in text.chars() {
        match character {
            '"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            ')' if depth == 0 => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        arguments.last_mut().unwrap().push(character);
    }
    arguments
}

/// Returns the field that an argument of a macro call writes; texts and `target:` write none.
fn field(argument: &str) -> Option<&str> {
    let argument = argument.trim();
    let is_name = |text: &str| text.chars().all(|character| character.is_ascii_lowercase() || character == '_');
    let name = argument.split_once(" = ").map_or(argument, |(name, _)| name);
    Some(name).filter(|name| !name.is_empty() && is_name(name))
}

/// Returns the fields that the macro calls of a text write.
fn fields(text: &str) -> BTreeSet<String> {
    let calls = MACROS.iter().flat_map(|name| {
        let name = format!("tracing::{name}");
        text.match_indices(&name).map(|(at, _)| arguments(&text[at + name.len()..])).collect::<Vec<_>>()
    });
    calls.flatten().filter_map(|argument| field(&argument).map(str::to_owned)).collect()
}

#[test]
fn every_allowed_field_is_written_and_every_written_field_is_allowed() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut written: BTreeSet<String> = texts.iter().flat_map(|text| fields(text)).collect();
    // The text of an event is a field of this name.
    written.insert("message".to_owned());
    let allowed: BTreeSet<String> = ALLOWED.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(written, allowed);
}

#[test]
fn fields_of_a_call_are_found() {
    let text =
        "tracing::warn!(target: INVOCATION, status = f(a, b), route, fault = %error, \"a, (text = b\"); other = 1;";
    assert_eq!(fields(text).into_iter().collect::<Vec<_>>(), ["fault", "route", "status"]);
}

#[test]
fn the_list_is_sorted_so_that_it_can_be_searched() {
    assert!(ALLOWED.is_sorted());
    assert!(is_allowed("request_id"));
    assert!(!is_allowed("prompt"));
}
