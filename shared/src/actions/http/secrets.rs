//! The secrets of a request, and how they are hidden in what comes back.

use std::borrow::Cow;

use memchr::memmem::Finder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Number, Value};

use crate::actions::ActionError;
use crate::domain::{SecretRef, SecretTemplate};
use crate::secrets::SecretResolver;

/// The fewest characters of a secret. A shorter one cannot be hidden without hiding common words, so it is not sent.
const SHORTEST_SECRET: usize = 6;

const HIDDEN: &str = "***";

/// The digits that a number keeps whatever they are; one that shows so many may have lost others.
const WHOLE_DIGITS: usize = 15;

/// The most bytes that a character takes, escaped up to three times, as in `\\\\u0061`.
const MOST_BYTES_ESCAPED: usize = 16;

/// The secrets of a request, to be hidden in what comes back.
#[derive(Default)]
pub(super) struct Secrets(Vec<SecretString>);

impl Secrets {
    #[cfg(test)]
    pub(super) fn of<const N: usize>(texts: [&str; N]) -> Self {
        Self(texts.map(|text| SecretString::from(text.to_owned())).into())
    }

    /// Adds others.
    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Fills a header's template in, and keeps its secrets.
    ///
    /// # Errors
    /// [`ActionError::Internal`] if one cannot be resolved, or is too short to be hidden.
    pub(super) async fn resolve(
        &mut self,
        template: &SecretTemplate,
        resolver: &dyn SecretResolver,
    ) -> Result<SecretString, ActionError> {
        let unresolved = |_error| ActionError::Internal("a secret cannot be resolved");
        for reference in template.references() {
            // Each alone, since an answer may echo a key without the scheme in front of it.
            let alone = SecretTemplate::parse(&format!("{{{{ {reference} }}}}"));
            let alone = alone.map_err(|_error| ActionError::Internal("a reference to a secret cannot be read"))?;
            let secret = resolver.resolve(&alone).await.map_err(unresolved)?;
            let is_short = secret.expose_secret().trim().chars().count() < SHORTEST_SECRET;
            // A variable so short is a setting, such as `dev`, and stays as it is.
            if is_short && matches!(reference, SecretRef::Environment(_)) {
                continue;
            }
            if is_short {
                return Err(ActionError::Internal("a secret of a header has fewer than 6 characters"));
            }
            self.0.push(secret);
        }
        resolver.resolve(template).await.map_err(unresolved)
    }

    /// Hides the secrets in a text.
    pub(super) fn hide(&self, text: &str) -> String {
        let secrets: Vec<&str> = self.0.iter().map(|secret| secret.expose_secret().trim()).collect();
        let mut text = Cow::Borrowed(text);
        // A text that is JSON, or has some in it, may escape every character. Looked at first, since a secret that is hidden as it is
        // would take what it shares with another one away.
        if !secrets.is_empty() && text.contains('\\') {
            let plain: Vec<String> = secrets.iter().map(|secret| unescaped(secret)).collect();
            let plain = plain.iter().map(String::as_str).filter(|secret| secret.chars().count() >= SHORTEST_SECRET);
            if let Some(hidden) = hide_all(&unescaped(&text), &plain.collect::<Vec<_>>()) {
                text = Cow::Owned(hidden);
            }
        }
        hide_all(&text, &secrets).unwrap_or_else(|| text.into_owned())
    }

    /// Hides the secrets in the beginning of a text of which the rest was not read. Its end, which may hold a part of a secret,
    /// is dropped: [`Self::most_bytes`].
    pub(super) fn hide_in_beginning(&self, text: &str) -> String {
        let mut hidden = self.hide(text);
        hidden.truncate(hidden.floor_char_boundary(hidden.len().saturating_sub(self.most_bytes())));
        hidden
    }

    /// Returns the most bytes that a secret takes in a text, escaped more than once.
    pub(super) fn most_bytes(&self) -> usize {
        let longest = self.0.iter().map(|secret| secret.expose_secret().trim().len()).max();
        longest.unwrap_or_default().saturating_mul(MOST_BYTES_ESCAPED)
    }

    /// Hides the secrets in the texts, names and numbers of a value.
    pub(super) fn hide_in(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.hide(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.hide_in(item)).collect()),
            Value::Object(members) => Value::Object(
                members.into_iter().map(|(name, member)| (self.hide(&name), self.hide_in(member))).collect(),
            ),
            Value::Number(number) if self.is_in(&number) => Value::from(HIDDEN),
            other => other,
        }
    }

    fn is_in(&self, number: &Number) -> bool {
        let text = number.to_string();
        let mantissa = text.split('e').next().unwrap_or_default();
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        // Of more digits than a number keeps, the first ones would still be those of the secret.
        let is_rounded = number.is_f64() && digits.len() >= WHOLE_DIGITS;
        let is_in = |secret: &str| {
            let is_of_digits = secret.bytes().all(|byte| byte.is_ascii_digit());
            // A number has no zeros before it.
            let value = if is_of_digits { secret.trim_start_matches('0') } else { secret };
            let has_value = |digits: &str| value.len() >= SHORTEST_SECRET && digits.contains(value);
            text.contains(secret)
                || has_value(&digits)
                || (is_rounded && is_of_digits)
                || value.parse().is_ok_and(|value: f64| number.as_f64() == Some(value))
        };
        self.0.iter().any(|secret| is_in(secret.expose_secret().trim()))
    }
}

/// Hides the secrets in a text, also those that share characters; `None` if there are none.
fn hide_all(text: &str, secrets: &[&str]) -> Option<String> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for secret in secrets {
        let finder = Finder::new(secret);
        let mut from = 0;
        while let Some(found) = text.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            let start = from + found;
            places.push((start, start + secret.len()));
            // It may begin again before its end.
            from = start + 1;
        }
    }
    places.sort_unstable();
    let (mut hidden, mut shown_to) = (String::new(), 0);
    for (start, end) in &places {
        if *start > shown_to || hidden.is_empty() {
            hidden.push_str(text.get(shown_to..*start)?);
            hidden.push_str(HIDDEN);
        }
        shown_to = shown_to.max(*end);
    }
    hidden.push_str(text.get(shown_to..)?);
    (!places.is_empty()).then_some(hidden)
}

/// Returns the text without backslashes, and with the characters that JSON writes as `\uXXXX`, escaped any number of times.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let escaped = part.strip_prefix('u').and_then(|code| code.split_at_checked(4)).and_then(|(code, after)| {
            let character = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
            Some((character, after))
        });
        match escaped {
            Some((character, after)) => {
                plain.extend(Some(character).filter(|character| *character != '\\'));
                plain.push_str(after);
            }
            None => plain.push_str(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_that_have_a_secret_in_them_are_masked() {
        let secrets = Secrets::of(["123456789012", "123456789012345678901234567890"]);
        let masked = |text: &str| secrets.hide_in(serde_json::from_str(text).unwrap());
        for number in ["123456789012", "-123456789012", "123456789012.5", "1.23456789012e11", "71234567890120"] {
            assert_eq!(masked(&format!(r#"{{"k": [{number}]}}"#)), json!({ "k": ["***"] }), "{number}");
        }
        assert_eq!(masked("123456789012345678901234567890"), json!("***"), "more digits than a number keeps");
        assert_eq!(masked("98765432109123456789012"), json!("***"), "a part of the secret is left");
        let short = Secrets::of(["48151623"]);
        for number in ["4815162300000000000000", "0.48151623", "48.151623", "4.8151623e30"] {
            assert_eq!(short.hide_in(serde_json::from_str(number).unwrap()), json!("***"), "{number}");
        }
        let padded = Secrets::of(["0042004200", "00000012"]);
        for number in ["42004200", "42004200.0", "4.20042e7", "-420042001", "12"] {
            assert_eq!(padded.hide_in(serde_json::from_str(number).unwrap()), json!("***"), "{number}");
        }
        assert_eq!(padded.hide_in(json!(123)), json!(123));
        for other in ["12345", "123456789013", "1.5", "true", "null"] {
            assert_eq!(masked(other), serde_json::from_str::<Value>(other).unwrap());
        }
    }

    #[test]
    fn a_secret_is_masked_in_json_within_text_too() {
        let secret = "pa\"ss\\word-1";
        let secrets = Secrets::of([secret]);
        let echo = json!({ "error": format!("bad key {secret}") });
        assert_eq!(secrets.hide(&echo.to_string()), r#"{"error":"bad key ***"}"#);
        assert_eq!(secrets.hide_in(echo), json!({ "error": "bad key ***" }));
    }

    #[test]
    fn a_secret_is_masked_however_json_escapes_it() {
        let secrets = Secrets::of(["pa\"ss/wörd"]);
        let code = |character| format!("\\u{:04X}", u32::from(character));
        let codes = "pa\"ss/wörd".chars().map(code).collect::<Vec<_>>().concat();
        let twice = Value::from(codes.as_str()).to_string();
        for escaped in [&codes, &codes.to_lowercase(), &twice, r#"pa\"ss\/wörd"#, r#"pa\\\"ss\\\/w\\u00f6rd"#] {
            assert!(secrets.hide(&format!("key {escaped}!")).starts_with("key "), "{escaped}");
            assert!(secrets.hide(&format!("key {escaped}!")).contains("***"), "{escaped}");
        }
        for other in [r"C:\users\u00", r"line\nline\ud800", r"\", ""] {
            assert_eq!(secrets.hide(other), other);
        }
    }

    #[test]
    fn secrets_that_share_characters_are_masked_whole() {
        let secrets = Secrets::of(["staging", "staging-9f8a7b6c5d", "5d-and-more", "abcabc"]);
        for (text, hidden) in [
            ("Bearer staging-9f8a7b6c5d and staging", "Bearer *** and ***"),
            ("staging-9f8a7b6c5d-and-more!", "***!"),
            ("abcabcabc", "***"),
            ("abcabcstaging", "***"),
            ("żabcabcż", "ż***ż"),
            (r"\u0073taging-9f8a7b6c5d", "***"),
            (r"key staging-9f8a7b6c5d-and\u002dmore", "key ***"),
        ] {
            assert_eq!(secrets.hide(text), hidden, "{text}");
        }
    }

    #[test]
    fn a_part_of_a_secret_at_the_end_of_what_was_read_is_dropped() {
        let secrets = Secrets::of(["secret-1234"]);
        let room = secrets.most_bytes();
        for part in ["secret-123", "s", r"\u0073\u0065\u0063\u00", r"\\\\u0073\\\\u0065\\\\u006"] {
            for whole in [0, 1, 500] {
                let text = format!("{}{}{part}", "x".repeat(room), "secret-1234".repeat(whole));
                let shown = secrets.hide_in_beginning(&text);
                assert!(shown.chars().all(|character| "x*".contains(character)), "{shown} of {whole} and {part}");
            }
        }
    }

    #[test]
    fn a_secret_of_backslashes_hides_nothing_else() {
        assert_eq!(Secrets::of([r"\\\\\\"]).hide(r"a\b"), r"a\b");
    }
}
