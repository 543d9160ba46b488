//! Splits the commands of fenced blocks into words, as far as the documentation uses the shell.

use super::pages::Block;

/// Returns the commands of a block: of a transcript the lines behind `$`, of a script all lines.
pub(crate) fn commands(block: &Block) -> Vec<Vec<String>> {
    let is_transcript = block.is_in("console");
    let mut found = Vec::new();
    let mut lines = block.text.lines();
    while let Some(line) = lines.next() {
        let line = if is_transcript { line.strip_prefix("$ ").unwrap_or_default() } else { line };
        let mut command = line.to_owned();
        while let Some(before) = command.strip_suffix('\\') {
            command = format!("{before} {}", lines.next().unwrap_or_default().trim());
        }
        split(&command, &mut found);
    }
    found
}

/// Splits a line at `|`, `&&`, `||`, `;` and `$(…)`, and each command into words without their quotes.
fn split(line: &str, found: &mut Vec<Vec<String>>) {
    let mut line = line.to_owned();
    while let Some((before, inner, after)) = substitution(&line) {
        split(inner, found);
        line = format!("{before}$X{after}");
    }
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, '#') if words.last().is_some_and(String::is_empty) => break,
            (None, '|' | ';' | '&') => end(&mut words, found),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().into_iter().for_each(|word| word.push(character)),
        }
    }
    end(&mut words, found);
}

/// Returns the texts before, in and after the innermost first `$(…)`.
fn substitution(line: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = line.rsplit_once("$(")?;
    let (inner, after) = rest.split_once(')')?;
    Some((before, inner, after))
}

fn end(words: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let command: Vec<String> = std::mem::take(words).into_iter().filter(|word| !word.is_empty()).collect();
    words.push(String::new());
    if !command.is_empty() {
        found.push(command);
    }
}

#[test]
fn a_transcript_is_split() {
    let text = "$ A=$(make token) x \"b c\" \\\n    d | e && f '1 | 2'    # g\noutput | no\n";
    let block = Block { line: 1, info: "console".to_owned(), text: text.to_owned() };
    let expected = [vec!["make", "token"], vec!["A=$X", "x", "b c", "d"], vec!["e"], vec!["f", "1 | 2"]]
        .map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(commands(&block), expected);
}
