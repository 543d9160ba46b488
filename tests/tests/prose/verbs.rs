//! Finds functions whose documentation does not begin with a verb in the third person.

/// First words that end as verbs do.
const NOT_VERBS: [&str; 12] =
    ["As", "Bytes", "Events", "Headers", "Ids", "Its", "Models", "Seconds", "This", "Tokens", "Tools", "Whether"];

/// Returns the functions with such documentation: the line of the function, from 1, and the first line of the text.
pub(crate) fn functions_without_verb(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !is_function(line) {
            continue;
        }
        let above = lines.iter().take(at).rev();
        let attributes = above.clone().take_while(|line| line.starts_with("#[")).count();
        let is_test = above.clone().take(attributes).any(|line| line.starts_with("#[test]") || line.contains("::test"));
        let documentation = above.skip(attributes).map_while(|line| line.strip_prefix("///"));
        let Some(first) = documentation.last().map(str::trim).filter(|_| !is_test) else { continue };
        if !begins_with_verb(first) {
            found.push((at + 1, first));
        }
    }
    found
}

fn is_function(line: &str) -> bool {
    let words = line.split(' ').map(|word| word.split('(').next().unwrap_or_default());
    words.take_while(|word| ["pub", "const", "async", "fn"].contains(word)).any(|word| word == "fn")
}

fn begins_with_verb(text: &str) -> bool {
    let word: String = text.chars().take_while(|character| character.is_alphanumeric()).collect();
    let is_capitalised = word.starts_with(char::is_uppercase) && !word.chars().skip(1).any(char::is_uppercase);
    is_capitalised && word.ends_with('s') && !NOT_VERBS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_without_a_verb_is_found() {
        let bad = "    /// The key.\n    ///\n    /// # Errors\n    /// None.\n    #[must_use]\n    pub(crate) const fn key() {}";
        assert_eq!(functions_without_verb(bad), [(6, "The key.")]);
        for first in ["Whether it fits.", "Tokens of it.", "`None` if it fails.", "IDs.", "Return it."] {
            let text = format!("/// {first}\nasync fn f() {{}}");
            assert_eq!(functions_without_verb(&text), [(2, first)]);
        }
    }

    #[test]
    fn verbs_types_and_tests_are_accepted() {
        for text in [
            "/// Returns the key.\npub fn key() {}",
            "fn key() {}",
            "/// The key.\npub struct Key;",
            "/// The published example.\n#[test]\nfn example() {}",
            "/// A call.\n#[tokio::test(start_paused = true)]\nasync fn example() {}",
            "/// The key.\nkey: fn() -> Key,",
        ] {
            assert_eq!(functions_without_verb(text), Vec::new(), "{text}");
        }
    }
}
