//! The numbers in a text, by their values.

use super::signs::{is_digit, is_foreign, is_token};

fn is_number_token(character: char) -> bool {
    is_token(character) || character == ','
}

/// Returns whether a character may stand between two digits of one number, or be its sign.
fn is_joint_of_numbers(character: char) -> bool {
    "'‘’^*~".contains(character) || is_foreign(character)
}

/// Returns whether a character joins digits to one number where it stands between two, as in `10€50` or `10;000`, and is mere
/// punctuation elsewhere.
fn is_joint_of_digits(character: char) -> bool {
    matches!(
        character,
        '–' | '—' | ';' | '|' | '=' | '&' | '?' | '!' | '\\' | '$' | '£' | '¥' | '¢' | '\u{20a0}'..='\u{20cf}'
    )
}

/// Returns whether signs join digits to one number here, or change what number they are, as in `5€-10€` and `-$500`.
fn is_joined(token: &str) -> bool {
    let mut rest = token;
    let mut is_after_digit = false;
    while let Some(at) = rest.find(is_digit) {
        let (signs, digits) = rest.split_at(at);
        let signs_alone = signs.rsplit(char::is_alphabetic).next().unwrap_or_default();
        let joins = is_after_digit && signs_alone == signs && signs.contains(is_joint_of_digits);
        let negates =
            signs.ends_with(['–', '—']) || (signs_alone.contains('-') && signs_alone.ends_with(is_joint_of_digits));
        if joins || negates {
            return true;
        }
        rest = digits.trim_start_matches(is_digit);
        is_after_digit = true;
    }
    false
}

/// Returns the tokens of a text that may be numbers and are not a part of one, without the punctuation that ends a sentence.
pub(super) fn number_tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| {
        !is_number_token(character) && !is_joint_of_numbers(character) && !is_joint_of_digits(character)
    })
    .filter(|token| !is_joined(token))
    .flat_map(|token| token.split(is_joint_of_digits))
    .flat_map(between_commas)
    .map(|token| token.trim_end_matches(['.', ':', ',']).trim_matches(['\'', '‘', '’', '~', '*']))
    .filter(|token| !token.is_empty() && token.chars().all(is_number_token))
}

/// Returns the parts of a list without spaces, such as `bob@corp.com,500`. A comma between two digits is a part of a number.
fn between_commas(token: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(token);
    std::iter::from_fn(move || {
        let text = rest?;
        let is_list = |at: &usize| {
            let (before, behind) = text.split_at(*at);
            !(before.ends_with(is_digit) && behind.trim_start_matches(',').starts_with(is_digit))
        };
        let Some(at) = text.match_indices(',').map(|(at, _)| at).find(is_list) else { return rest.take() };
        let (part, behind) = text.split_at(at);
        rest = behind.strip_prefix(',');
        Some(part)
    })
}

/// Returns a decimal number in one spelling for each value: `007.50` and `7.5` are `7.5`. Thousands may be set apart by commas.
pub(super) fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let digits = digits.strip_prefix('+').filter(|_| sign.is_empty()).unwrap_or(digits);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    // `0,500` has decimals behind its comma.
    let begins_group = first.len() <= 3 && !first.starts_with('0');
    let is_grouped = rest.is_empty() || (begins_group && rest.iter().all(|group| group.len() == 3));
    if !is_grouped || !is_digits(first) || !rest.iter().all(|group| is_digits(group)) || !is_digits(fraction) {
        return None;
    }
    let whole = whole.replace(',', "");
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    // Zero has no sign.
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}
