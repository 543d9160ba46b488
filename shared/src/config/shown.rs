//! The parts of a document that may be shown. A secret may stand in the wrong place: as a key, in an address, in place of
//! a section.

const HIDDEN: &str = "***";

/// How keys and tokens of well-known services begin.
const KEY_PREFIXES: [&str; 17] = [
    "sk-",
    "sk_",
    "pk-",
    "pk_",
    "rk_",
    "gsk_",
    "hf_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "ASIA",
    "ABSK",
    "AIza",
];

/// The fewest characters of a word that is taken for a key by its looks.
const KEY_LENGTH: usize = 16;

/// The length of an app client's id at Cognito, which is not a secret.
const CLIENT_ID_LENGTH: usize = 26;

/// The longest text that is shown in a fault, in characters.
const MAX_QUOTED: usize = 60;

/// Returns whether a path holds keys or headers, whose values must never be shown.
#[must_use]
pub fn is_sensitive(path: &str) -> bool {
    // By the text of the path, so that `llm_api_key` and every header are covered.
    path.contains("api_key") || path.contains("headers")
}

/// Returns a path as it may be shown: from the first key on that does not look like a name, or that stands in place of a
/// secret, it ends with `***`.
#[must_use]
pub fn shown_path(path: &str) -> String {
    if path.is_empty() || is_variable(path) {
        return path.to_owned();
    }
    let mut shown: Vec<&str> = Vec::new();
    for step in path.split('.') {
        let (name, indices) = step.split_at(step.find('[').unwrap_or(step.len()));
        let last = shown.last().copied().unwrap_or_default();
        let is_client = last == "clients" && is_client_id(step);
        // The names in a schema of arguments are for models to read, and words of JSON Schema among them are long.
        let is_key = is_name(name) || (is_below_parameters(&shown) && !may_hold_secret(name));
        if is_below_secret(&shown) || !(is_client || (is_key && are_indices(indices))) {
            shown.push(HIDDEN);
            break;
        }
        shown.push(step);
    }
    shown.join(".")
}

/// Returns whether a path is the name of one of the gateway's environment variables, which are checked with the document.
fn is_variable(path: &str) -> bool {
    path.starts_with("OPENCLAW_") && path.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Returns whether these steps lead to a secret: a key, or a header, whose name may be shown.
fn is_below_secret(steps: &[&str]) -> bool {
    let holds_secret = |step: &&str| step.contains("api_key");
    let headers = steps.iter().position(|step| step.contains("headers"));
    steps.iter().any(holds_secret) || headers.is_some_and(|at| at + 1 < steps.len())
}

/// Returns whether these steps lead to the arguments of an action.
fn is_below_parameters(steps: &[&str]) -> bool {
    matches!(steps, [action, "parameters", ..] if action.starts_with("actions["))
}

/// Returns whether a text looks like the name of a setting or a header: words of letters with at most two digits at their
/// ends. Keys and tokens have longer words, more digits or more capital letters.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.split(['_', '-']).all(is_word)
}

fn is_word(text: &str) -> bool {
    let letters = text.trim_end_matches(|character: char| character.is_ascii_digit());
    let capitals = letters.split(|character: char| !character.is_ascii_uppercase()).map(str::len).max();
    letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && letters.len() <= 16
        && text.len() - letters.len() <= 2
        && capitals.unwrap_or_default() <= 3
}

/// Returns whether the rest of a step is indices of lists, such as `[1]`.
fn are_indices(text: &str) -> bool {
    let is_index = |index: &str| {
        let digits = index.strip_prefix('[').unwrap_or_default();
        (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.is_empty() || text.strip_suffix(']').is_some_and(|indices| indices.split(']').all(is_index))
}

/// Returns whether a text looks like an app client's id, which is not a secret. A client's secret is longer.
fn is_client_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    is_name(text) || ((1..=30).contains(&text.len()) && text.bytes().all(is_part) && !has_key_prefix(text))
}

/// Returns whether a text that stands in place of a number or of one of few names may be shown.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !may_hold_secret(text) && (text.len() <= 8 || is_name(text))
}

/// Returns whether a text may hold a secret wherever it stands: an address with a user or a query, PEM text, text of more
/// than one line, or a word that looks like a key.
#[must_use]
pub fn may_hold_secret(text: &str) -> bool {
    text.contains('@')
        || text.contains("-----")
        || text.chars().any(char::is_control)
        || (text.contains("://") && text.contains(['?', '#']))
        || text.split_whitespace().any(|word| has_key_prefix(word) || uuid::Uuid::parse_str(word).is_ok())
        || text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+=".contains(letter)).any(is_random)
}

/// Returns whether a word begins as keys of well-known services or JSON Web Tokens do.
fn has_key_prefix(word: &str) -> bool {
    let word = word.trim_start_matches(['"', '\'', '(', '=']);
    KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix)) || (word.starts_with("eyJ") && word.contains('.'))
}

/// Returns whether a word looks as if it were drawn at random: long, and with digits within or capitals all over it.
fn is_random(word: &str) -> bool {
    if word.len() < KEY_LENGTH {
        return false;
    }
    let is_client_id =
        word.len() == CLIENT_ID_LENGTH && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '=');
    let digits = letters.bytes().filter(u8::is_ascii_digit).count();
    // A word of several, such as `OpenClawProduction`, has few capitals.
    let capitals = letters.bytes().filter(u8::is_ascii_uppercase).count();
    let is_mixed = capitals * 4 > letters.len() && capitals < letters.len();
    let has_long_number = word.len() - letters.len() > 8;
    !is_client_id && !letters.is_empty() && (digits > 0 || is_mixed || has_long_number || word.contains('+'))
}

/// Returns the words in place of a text that is not shown.
fn hidden(text: &str) -> String {
    format!("a text of {} characters that is not shown", text.chars().count())
}

/// Returns a text in quotation marks, shortened, unless it may hold a secret.
pub(super) fn quoted(text: &str) -> String {
    if may_hold_secret(text) {
        return hidden(text);
    }
    // Shortened, since any text may stand here.
    format!("\"{}\"", text.chars().take(MAX_QUOTED).collect::<String>())
}

/// Returns a text that stands in place of a number or of one of few names, as [`quoted`] does.
pub(super) fn quoted_if_plain(text: &str) -> String {
    if is_plain(text) { quoted(text) } else { hidden(text) }
}
