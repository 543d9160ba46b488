//! A small dictionary, so that the example runs without a network.

/// English words and their German, Spanish and French ones.
const WORDS: [(&str, [&str; 3]); 5] = [
    ("good", ["guten", "buenos", "bon"]),
    ("hello", ["hallo", "hola", "bonjour"]),
    ("morning", ["Morgen", "días", "matin"]),
    ("thanks", ["danke", "gracias", "merci"]),
    ("world", ["Welt", "mundo", "monde"]),
];

/// Translates a text word by word; `None` for an unknown language.
pub(crate) fn translate(text: &str, language: &str) -> Option<String> {
    let column = ["de", "es", "fr"].iter().position(|known| *known == language)?;
    let pieces = text.split_inclusive(|character: char| !character.is_alphanumeric());
    Some(pieces.map(|piece| translate_piece(piece, column)).collect())
}

/// Translates a word with the one character that may follow it.
fn translate_piece(piece: &str, column: usize) -> String {
    let word = piece.trim_end_matches(|character: char| !character.is_alphanumeric());
    let found = WORDS.iter().find(|(english, _)| english.eq_ignore_ascii_case(word));
    let Some(translated) = found.and_then(|(_, words)| words.get(column)) else { return piece.to_owned() };
    let rest = piece.get(word.len()..).unwrap_or_default();
    let mut letters = translated.chars();
    match letters.next() {
        Some(first) if word.starts_with(char::is_uppercase) => {
            format!("{}{}{rest}", first.to_uppercase(), letters.as_str())
        }
        _ => format!("{translated}{rest}"),
    }
}
