//! The title of a conversation.

const MAX_CHARACTERS: usize = 60;
/// The title is written with every turn, so a limit in bytes makes it cost the same in any script.
const MAX_BYTES: usize = 90;

/// Makes a line for lists from a prompt: its words up to 60 characters and 90 bytes, with an ellipsis where it is cut.
#[must_use]
pub fn title(prompt: &str) -> String {
    let words = prompt.split_whitespace().flat_map(|word| [" ", word]).skip(1);
    // Control characters would reach the terminals and pages that print the list.
    let line = words.flat_map(str::chars).filter(|character| !character.is_control());
    // One character more than fits shows that the title must be cut.
    let mut title: String = line.take(MAX_CHARACTERS + 1).collect();
    if title.chars().count() <= MAX_CHARACTERS && title.len() <= MAX_BYTES {
        return title;
    }
    let room = title.floor_char_boundary(MAX_BYTES - '…'.len_utf8());
    let cut = title.char_indices().nth(MAX_CHARACTERS - 1).map_or(room, |(index, _)| index.min(room));
    title.truncate(cut);
    title.truncate(title.trim_end().len());
    title.push('…');
    title
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_CHARACTERS, title};
    use proptest::prelude::*;

    #[test]
    fn a_title_is_the_prompt_on_one_line() {
        assert_eq!(title("  What is\n\tthe weather?\u{7} "), "What is the weather?");
        assert_eq!(title(""), "");
    }

    #[test]
    fn a_long_title_ends_with_an_ellipsis() {
        assert_eq!(title(&"word ".repeat(20)), format!("{}…", "word ".repeat(12).trim_end()));
        assert_eq!(title(&"語".repeat(61)), format!("{}…", "語".repeat(29)));
    }

    proptest! {
        #[test]
        fn a_title_keeps_its_limits(prompt in "\\PC{0,200}") {
            let title = title(&prompt);
            prop_assert!(title.chars().count() <= MAX_CHARACTERS);
            prop_assert!(title.len() <= MAX_BYTES);
            prop_assert_eq!(title.trim(), title.as_str());
        }
    }
}
