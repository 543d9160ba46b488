//! Splits texts into words, and Rust code into identifiers, without a compiler.

/// A word in lower case. Names such as `is_told` are several words.
pub(crate) struct Word {
    pub(crate) text: String,
    /// From 1.
    pub(crate) line: usize,
    /// Only white space, `_` and the marks of a comment or a wrapped string stand between it and the word before.
    pub(crate) continues: bool,
}

/// Returns the words of a text.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut current = String::new();
    let (mut line, mut continues) = (1, false);
    for character in text.chars().chain(['\n']) {
        if character.is_alphanumeric() || character == '\'' {
            current.extend(character.to_lowercase());
            continue;
        }
        if !current.is_empty() {
            words.push(Word { text: std::mem::take(&mut current), line, continues });
            continues = true;
        }
        continues &= character.is_whitespace() || matches!(character, '_' | '/' | '!' | '#' | '*' | '\\');
        line += usize::from(character == '\n');
    }
    words
}

/// Returns whether the phrase stands at this word, without other signs between its words.
pub(crate) fn stands_at(words: &[Word], at: usize, phrase: &[&str]) -> bool {
    let Some(found) = words.get(at..at + phrase.len()) else { return false };
    found
        .iter()
        .zip(phrase)
        .enumerate()
        .all(|(index, (word, expected))| word.text.trim_matches('\'') == *expected && (index == 0 || word.continues))
}

/// Returns the identifiers of Rust code with their lines; comments and strings are skipped.
pub(crate) fn code_identifiers(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut is_in_string = false;
    for (index, line) in text.lines().enumerate() {
        let code = code_of(line, &mut is_in_string);
        let names = code.split(|character: char| !(character.is_alphanumeric() || character == '_'));
        found.extend(names.filter(|name| !name.is_empty()).map(|name| (name.to_owned(), index + 1)));
    }
    found
}

/// Returns a line without comments and strings. A string that is open at the end of the line reaches into the next.
fn code_of(line: &str, is_in_string: &mut bool) -> String {
    let mut code = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if *is_in_string => drop(characters.next()),
            '\'' if !*is_in_string && characters.peek() == Some(&'"') => drop(characters.next()),
            '"' => *is_in_string = !*is_in_string,
            '/' if !*is_in_string && characters.peek() == Some(&'/') => break,
            _ if *is_in_string => {}
            other => code.push(other),
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_not_code() {
        let text = "let a = \"b \\\" c\"; // d\nlet e = '\"'; f(\"g\nh\", i);\n/// j\nk";
        let names: Vec<String> = code_identifiers(text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["let", "a", "let", "e", "f", "i", "k"]);
        assert_eq!(code_identifiers("\n\nx"), [("x".to_owned(), 3)]);
    }

    #[test]
    fn phrases_reach_over_lines_but_not_over_signs() {
        let stands = |text: &str| stands_at(&words(text), 0, &["is", "no"]);
        for text in ["is no", "Is\n    // no", "is_no", "is \\\n no", "'is no'"] {
            assert!(stands(text), "{text}");
        }
        for text in ["is, no", "is. No", "isno", "is not", "is"] {
            assert!(!stands(text), "{text}");
        }
    }
}
