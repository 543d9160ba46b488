//! Bounds on the text of a policy, since Cedar recurses: its parser and its validator may overflow the stack, and a judgement
//! that finds too little of it left denies with `evaluation-error`.

use std::ops::Range;

/// The most brackets within each other.
const MAX_BRACKETS: usize = 16;

/// The most operators of one policy. A function judges with less stack than the command checks with.
const MAX_OPERATORS: usize = 64;

/// The most members of members, as in `a.b.c`.
const MAX_MEMBERS: usize = 16;

/// Checks that no policy of a text is too deep. What is not Cedar is left to its parser.
///
/// # Errors
/// The first place that is too deep, and what it has too much of.
pub(super) fn check_nesting(text: &str) -> Result<(), (Range<usize>, String)> {
    let (mut brackets, mut operators, mut members) = (0_usize, 0_usize, 0_usize);
    let (mut is_in_text, mut is_in_comment) = (false, false);
    let mut before = ' ';
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    for (at, character) in text.char_indices() {
        let behind = text.get(at..).unwrap_or_default();
        if is_in_comment {
            is_in_comment = character != '\n';
        } else if is_in_text {
            is_in_text = character != '"' || before == '\\';
            // A backslash that is itself escaped escapes nothing.
            before = if before == '\\' { ' ' } else { character };
            continue;
        } else {
            match character {
                '"' => is_in_text = true,
                '/' if behind.starts_with("//") => is_in_comment = true,
                '(' | '[' | '{' => (brackets, members) = (brackets + 1, 0),
                ')' | ']' | '}' => brackets = brackets.saturating_sub(1),
                ';' => (brackets, operators, members) = (0, 0, 0),
                ',' => members = 0,
                '.' => members += 1,
                // The second sign of `&&` and `||`.
                '&' | '|' if before == character => {}
                '&' | '|' | '!' | '-' | '+' | '*' => (operators, members) = (operators + 1, 0),
                'i' if !is_word(before) && behind.starts_with("if") && !behind.chars().nth(2).is_some_and(is_word) => {
                    operators += 1;
                }
                _ => {}
            }
        }
        before = character;
        let found = if brackets > MAX_BRACKETS {
            format!("more than {MAX_BRACKETS} brackets within each other")
        } else if operators > MAX_OPERATORS {
            format!("a policy of more than {MAX_OPERATORS} operators")
        } else if members > MAX_MEMBERS {
            format!("more than {MAX_MEMBERS} members of members")
        } else {
            continue;
        };
        return Err((at..at + character.len_utf8(), found));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(usize, String)> {
        check_nesting(text).err().map(|(place, found)| (place.start, found))
    }

    #[test]
    fn what_is_too_deep_is_found() {
        let policy = |condition: &str| format!("forbid (principal, action, resource) when {{ {condition} }};");
        for (open, inner, close, most, what) in [
            ("(", "true", ")", 15, "more than 16 brackets within each other"),
            ("[", "1", "]", 15, "more than 16 brackets within each other"),
            ("{a: ", "1", "}", 15, "more than 16 brackets within each other"),
            ("!", "true", "", 64, "a policy of more than 64 operators"),
            ("", "true", " && true", 64, "a policy of more than 64 operators"),
            ("", "true", " || true", 64, "a policy of more than 64 operators"),
            ("if true then true else ", "false", "", 64, "a policy of more than 64 operators"),
            ("", "context", ".a", 16, "more than 16 members of members"),
        ] {
            let nested = |count: usize| policy(&format!("{}{inner}{}", open.repeat(count), close.repeat(count)));
            assert_eq!(found(&nested(most)), None, "{open}{close}");
            for count in [most + 1, 100_000] {
                let found = found(&nested(count)).map(|(_, found)| found);
                assert_eq!(found.as_deref(), Some(what), "{open}{close}");
            }
        }
        assert_eq!(
            found(&format!("// {0}\n@id(\"\\\"{0}\\\\\")", "(".repeat(99))),
            None,
            "comments and texts are flat"
        );
        assert_eq!(found(&policy("a && b").repeat(99)), None, "each policy counts alone");
        let list = policy(&format!("[{}].contains(context.input.a)", "\"a\", ".repeat(10_000)));
        assert_eq!(found(&list), None);
        assert_eq!(found(&"(".repeat(17)), Some((16, "more than 16 brackets within each other".to_owned())));
    }
}
