//! No text of the product uses a banned phrase, and no code a banned name. The tables say why, and what to write instead.
#![expect(clippy::expect_used, reason = "a test that cannot continue has failed")]

mod names;
mod phrases;
mod verbs;
mod words;

use std::path::{Path, PathBuf};
use std::process::Command;

use names::NAMES;
use phrases::PHRASES;
use verbs::functions_without_verb;
use words::{Word, code_identifiers, words};

/// This test, whose tables hold what they ban.
const OWN_FOLDER: &str = "tests/tests/prose/";
/// The endings of texts that people write. Lock files, golden files and events are left out.
const ENDINGS: [&str; 14] =
    ["conf", "feature", "hcl", "md", "policy", "py", "rs", "service", "sh", "tf", "timer", "toml", "yaml", "yml"];
/// Written texts without such an ending, and generated ones that hold descriptions.
const MORE_NAMES: [&str; 4] = ["Makefile", "Dockerfile", "openapi.json", "config.schema.json"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn is_checked(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let has_ending = name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    let is_lock = name.ends_with(".lock.hcl");
    !path.starts_with(OWN_FOLDER) && !is_lock && (has_ending || MORE_NAMES.contains(&name))
}

/// Returns the checked files, tracked or about to be, with their texts.
fn texts() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git can be run");
    assert!(listed.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("names are UTF-8");
    let checked = names.split_terminator('\0').filter(|path| is_checked(path));
    // A file that is deleted but not yet staged is listed all the same.
    checked.filter_map(|path| Some((path.to_owned(), std::fs::read_to_string(root().join(path)).ok()?))).collect()
}

/// Returns the banned phrases of a text, one line each.
fn phrase_faults(path: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let found = |phrase: &phrases::Phrase| {
        let lines = lines_with(&words, phrase);
        let (banned, reason, instead) = (phrase.banned, phrase.reason, phrase.instead);
        lines.into_iter().map(move |line| format!("{path}:{line}: \"{banned}\": {reason}; write {instead}")).collect()
    };
    PHRASES.iter().flat_map(|phrase| -> Vec<String> { found(phrase) }).collect()
}

/// Returns the lines on which a phrase begins outside its allowed idioms.
fn lines_with(words: &[Word], phrase: &phrases::Phrase) -> Vec<usize> {
    let allowed: Vec<Vec<&str>> = phrase.allowed.iter().map(|idiom| idiom.split(' ').collect()).collect();
    let mut lines = Vec::new();
    for variant in phrase.banned.split(" / ") {
        let variant: Vec<&str> = variant.split(' ').collect();
        for at in (0..words.len()).filter(|at| words::stands_at(words, *at, &variant)) {
            let in_idiom = |idiom: &Vec<&str>| {
                let first = (at + variant.len()).saturating_sub(idiom.len());
                (first..=at).any(|start| words::stands_at(words, start, idiom))
            };
            if !allowed.iter().any(in_idiom) {
                lines.extend(words.get(at).map(|word| word.line));
            }
        }
    }
    lines
}

/// Returns the banned names of a Rust file's code, one line each.
fn name_faults(path: &str, text: &str) -> Vec<String> {
    let banned = |name: &str| NAMES.iter().find(|(banned, _)| *banned == name);
    let fault = |(name, line): (String, usize)| {
        banned(&name).map(|(_, instead)| format!("{path}:{line}: the name `{name}`; use {instead}"))
    };
    code_identifiers(text).into_iter().filter_map(fault).collect()
}

#[test]
fn no_text_uses_a_banned_phrase() {
    let texts = texts();
    assert!(texts.len() > 300, "git names only {} texts", texts.len());
    let found: Vec<String> = texts.iter().flat_map(|(path, text)| phrase_faults(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_code_uses_a_banned_name() {
    let files = texts().into_iter().filter(|(path, _)| has_ending(path, "rs"));
    let found: Vec<String> = files.flat_map(|(path, text)| name_faults(&path, &text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn documentation_of_functions_begins_with_a_verb() {
    let product = ["cli/src/", "functions/", "shared/src/"];
    let mut found = Vec::new();
    for (path, text) in texts() {
        if has_ending(&path, "rs") && product.iter().any(|folder| path.starts_with(folder)) {
            let functions = functions_without_verb(&text);
            found.extend(functions.iter().map(|(line, first)| format!("{path}:{line}: begin with a verb: {first}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == ending)
}

#[test]
fn each_phrase_is_found() {
    for phrase in PHRASES {
        for variant in phrase.banned.split(" / ") {
            let capitalised = variant.to_uppercase();
            let wrapped = variant.replace(' ', "\n    /// ");
            let (first, second) = (format!("// A text {variant} more."), format!("a {capitalised}"));
            for sample in [first, second, wrapped, format!("fn x_{}()", variant.replace(' ', "_"))] {
                assert_eq!(lines_with(&words(&sample), phrase), [1], "{sample}");
            }
        }
        assert!(!phrase.reason.is_empty() && !phrase.instead.is_empty(), "{}", phrase.banned);
    }
}

#[test]
fn allowed_idioms_are_not_found() {
    for phrase in PHRASES {
        for idiom in phrase.allowed {
            let sample = format!("a text in which {idiom} thing");
            assert_eq!(lines_with(&words(&sample), phrase), [0; 0], "{sample}");
        }
    }
}

#[test]
fn words_that_hold_a_phrase_or_stand_apart_are_not_found() {
    for text in ["a foretold broadside", "a total", "It is. No other text", "a roadmap", "`is`, `no`", "its no"] {
        assert_eq!(phrase_faults("x.rs", text), [""; 0], "{text}");
    }
}

#[test]
fn a_fault_names_the_place_and_the_replacement() {
    let faults = phrase_faults("docs/x.md", "one\nThe text is no JSON.\n");
    let [fault] = faults.as_slice() else { panic!("{faults:?}") };
    assert!(fault.starts_with("docs/x.md:2: \"is no") && fault.contains("write \"is not a\""), "{fault}");
}

#[test]
fn each_name_is_found_in_code_alone() {
    for (name, instead) in NAMES {
        let code = format!("let x =\n    {name};");
        assert_eq!(name_faults("x.rs", &code), [format!("x.rs:2: the name `{name}`; use {instead}")]);
        for text in [format!("// {name}"), format!("\"{name}\""), format!("{name}Small {name}_x x_{name}")] {
            assert_eq!(name_faults("x.rs", &text), [""; 0], "{text}");
        }
    }
}

#[test]
fn locks_and_golden_files_are_not_checked() {
    for path in ["Cargo.lock", "infra/.terraform.lock.hcl", "LICENSE", "a/golden/x.snap", "tests/tests/prose/names.rs"]
    {
        assert!(!is_checked(path), "{path}");
    }
    for path in ["Makefile", "openapi.json", "shared/src/lib.rs", "infra/main.tf", "infra/tests/x.tftest.hcl"] {
        assert!(is_checked(path), "{path}");
    }
}
