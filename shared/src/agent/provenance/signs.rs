//! What the characters of a text are to the words in it.

pub(super) const fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// Returns whether a character may be part of a word, an address, a path or a number.
pub(super) fn is_token(character: char) -> bool {
    character.is_alphanumeric() || "@._-/:+%#".contains(character) || is_mark(character)
}

/// Returns whether a character joins two parts of an address or a name where it stands between them, as in `o'brien@corp.com` or
/// `/pay?dry_run=1`, and is mere punctuation elsewhere.
pub(super) fn is_joint(character: char) -> bool {
    "'‘’&=?~!*$^|`{}\\".contains(character) || is_foreign(character)
}

/// Returns whether a character joins two parts of an address with a path. Between other words it is punctuation.
pub(super) fn is_joint_of_paths(character: char) -> bool {
    ",;()[]<>–—".contains(character)
}

/// Returns whether a character is a sign beyond ASCII that is not punctuation of prose, such as a hyphen that does not break or a
/// full-width `@`: where it stands between two parts, they are one.
pub(super) fn is_foreign(character: char) -> bool {
    !character.is_ascii()
        && !is_mark(character)
        && !character.is_alphanumeric()
        && !character.is_whitespace()
        && !"“”‘„‚«»‹›…–—".contains(character)
}

pub(super) fn is_quotation_mark(character: char) -> bool {
    "\"'’“”‘".contains(character)
}

/// Returns whether a character changes the one before it, as a combining accent does.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{180b}'..='\u{180f}' | '\u{3099}'..='\u{309a}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe2f}')
        || is_invisible(character)
}

/// Returns whether a character is not seen, as a zero-width joiner is not.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
