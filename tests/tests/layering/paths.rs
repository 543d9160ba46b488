//! Finds the paths that a source file names, without a compiler: comments, texts and characters are skipped, groups of
//! `use` are unfolded, `super` is resolved.

/// Returns every path of the text that starts with `crate`, `super` or `self`, from the crate's root on. `module` is the
/// module of the text, for example `["llm", "openai", "wire"]`.
pub(crate) fn crate_paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = matches!(tokens[at].as_str(), "crate" | "super" | "self")
            && tokens.get(at + 1).is_some_and(|next| next == "::")
            && (at == 0 || tokens[at - 1] != "::");
        if starts {
            at = unfold(&tokens, at, &[], &mut |path| found.extend(resolve(&path, module)));
        } else {
            at += 1;
        }
    }
    found
}

/// Returns every path of the text that starts with `first`, as it is written there.
pub(crate) fn paths_from(text: &str, first: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if tokens[at] == first && tokens.get(at + 1).is_some_and(|next| next == "::") {
            unfold(&tokens, at, &[], &mut |path| found.push(path.join("::")));
        }
    }
    found
}

/// Reads a path or a group of paths, and returns the place of its end.
fn unfold(tokens: &[String], mut at: usize, before: &[String], found: &mut dyn FnMut(Vec<String>)) -> usize {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(at) {
        if token == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token != "}") {
                if tokens[at] == "," {
                    at += 1;
                } else {
                    let end = unfold(tokens, at, &path, found);
                    at = end.max(at + 1);
                }
            }
            return at + 1;
        }
        if !is_word(token) && token != "*" {
            break;
        }
        path.push(token.clone());
        at += 1;
        if tokens.get(at).is_none_or(|next| next != "::") {
            break;
        }
        at += 1;
    }
    found(path);
    at
}

fn resolve(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    let mut base = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        _ => module.split_last()?.1.to_vec(),
    };
    for step in rest {
        match step.as_str() {
            "super" => drop(base.pop()),
            "self" => {}
            other => base.push(other.to_owned()),
        }
    }
    Some(base)
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}

/// Splits a text into words, `::`, and all other visible characters one by one.
fn tokens(text: &str) -> Vec<String> {
    let code: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < code.len() {
        if let Some(end) = skipped(&code, at) {
            at = end;
        } else if code[at].is_alphanumeric() || code[at] == '_' {
            let end = (at..code.len()).find(|end| !(code[*end].is_alphanumeric() || code[*end] == '_'));
            let end = end.unwrap_or(code.len());
            tokens.push(code[at..end].iter().collect());
            at = end;
        } else if code[at..].starts_with(&[':', ':']) {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            tokens.push(code[at].to_string());
            at += 1;
        }
    }
    tokens
}

/// Returns the end of white space, a comment, a text or a character that starts here.
fn skipped(code: &[char], at: usize) -> Option<usize> {
    let rest = &code[at..];
    let find = |from: usize, end: &[char]| {
        (from..code.len()).find(|place| code[*place..].starts_with(end)).map_or(code.len(), |place| place + end.len())
    };
    let begins_word = at == 0 || !(code[at - 1].is_alphanumeric() || code[at - 1] == '_');
    match rest {
        [space, ..] if space.is_whitespace() => Some(at + 1),
        ['/', '/', ..] => Some(find(at, &['\n'])),
        ['/', '*', ..] => Some(find(at + 2, &['*', '/'])),
        ['r', '"' | '#', ..] if begins_word => raw_text(code, at),
        ['"', ..] => Some(text(code, at + 1)),
        ['\'', '\\', ..] => Some(find(at + 3, &['\''])),
        ['\'', _, '\'', ..] => Some(at + 3),
        _ => None,
    }
}

fn text(code: &[char], mut at: usize) -> usize {
    while at < code.len() && code[at] != '"' {
        at += if code[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// Returns the end of `r"…"`, `r#"…"#` and so on, or `None` for `r#name`.
fn raw_text(code: &[char], at: usize) -> Option<usize> {
    let hashes = code[at + 1..].iter().take_while(|one| **one == '#').count();
    let open = at + 1 + hashes;
    if code.get(open) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let found = (open + 1..code.len()).find(|place| code[*place..].starts_with(&end));
    Some(found.map_or(code.len(), |place| place + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, module: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        crate_paths(text, &module).iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn nested_groups_are_unfolded() {
        let text = "use crate::{domain::{Clock, time::{self, Timestamp}}, http, llm::*};";
        let expected = ["domain::Clock", "domain::time", "domain::time::Timestamp", "http", "llm::*"];
        assert_eq!(found(text, "memory"), expected);
    }

    #[test]
    fn super_and_self_are_resolved() {
        assert_eq!(found("use super::super::openai::wire;", "llm::anthropic::convert"), ["llm::openai::wire"]);
        assert_eq!(
            found("use super::{wire, super::openai};", "llm::anthropic::convert"),
            ["llm::anthropic::wire", "llm::openai"]
        );
        assert_eq!(found("self::inner::f()", "config"), ["config::inner::f"]);
    }

    #[test]
    fn paths_in_expressions_and_types_count_too() {
        let text = "fn f(x: &crate::app::Shared) -> Vec<crate::aws::A> { crate::http::Reply { status: 1 } }";
        assert_eq!(found(text, "runner::turn"), ["app::Shared", "aws::A", "http::Reply"]);
        assert_eq!(found("pub(crate) fn f() {} pub(in crate::llm) fn g() {}", "llm"), ["llm"]);
    }

    #[test]
    fn comments_and_texts_do_not() {
        let text = "// crate::a\n/* crate::b */ /// [`crate::c`]\n let x = \"crate::d \\\" crate::e\"; r#\"crate::f\" \"#; \
                    let c = '\"'; let d = '\\''; fn g<'a>(x: &'a str) { crate::real::x } // super::h";
        assert_eq!(found(text, "m"), ["real::x"]);
    }

    #[test]
    fn other_crates_are_found_by_their_name() {
        let text = "use std::{env, fmt::{self}}; std::env::var(\"x\"); env!(\"HOME\"); \"std::env\"";
        assert_eq!(paths_from(text, "std"), ["std::env", "std::fmt::self", "std::env::var"]);
    }
}
