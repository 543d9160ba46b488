//! Outputs of actions: text or JSON, within a limit.

use std::str;

use serde_json::Value;

/// The longest mark of a cut, in bytes.
pub const MARK_BYTES: usize = 64;

/// A response that is neither JSON nor text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the response is not text in UTF-8 without control characters")]
pub struct NotText;

/// Returns the text if it is whole and has at most `max_bytes`. Otherwise returns its beginning, cut between characters
/// to at most `max_bytes`, with the mark `…[cut: N of M bytes]` after it. M is `total_bytes`, the length of the whole of
/// which the text may already be a part.
#[must_use]
pub fn cut(text: &str, max_bytes: usize, total_bytes: u64) -> String {
    let total_bytes = total_bytes.max(text.len() as u64);
    let (kept, _) = text.split_at(text.floor_char_boundary(max_bytes));
    if kept.len() as u64 == total_bytes {
        return text.to_owned();
    }
    format!("{kept}…[cut: {} of {total_bytes} bytes]", kept.len())
}

/// Returns the length of the whole of which a text that was cut before is a part; 0 for any other text.
fn total_bytes(text: &str) -> u64 {
    let mark = text.strip_suffix(" bytes]").and_then(|text| text.rsplit_once("…[cut: "));
    mark.and_then(|(_, numbers)| numbers.split_once(" of ")?.1.parse().ok()).unwrap_or_default()
}

/// Returns whether a value is a text that was cut.
#[must_use]
pub fn is_cut(value: &Value) -> bool {
    value.as_str().is_some_and(|text| total_bytes(text) > 0)
}

/// Returns the value if it has at most `max_bytes`; otherwise its text, cut. A value that is not text is measured and cut
/// as JSON.
#[must_use]
pub fn bounded(value: Value, max_bytes: usize) -> Value {
    if let Value::String(text) = value {
        // Most text is short enough, and is not copied.
        let is_whole = text.len() <= max_bytes;
        return Value::String(if is_whole { text } else { cut(&text, max_bytes, total_bytes(&text)) });
    }
    let text = value.to_string();
    if text.len() <= max_bytes { value } else { Value::String(cut(&text, max_bytes, 0)) }
}

/// Converts a response's body. It becomes JSON if it is whole, has at most `max_bytes` and can be parsed; otherwise text,
/// cut to `max_bytes`. `total_bytes` is the length of the whole body, of which `body` may be the beginning.
///
/// # Errors
/// [`NotText`] if the body is not UTF-8 or has control characters other than tabs and line breaks. A character that is
/// incomplete because the body was cut is dropped.
pub fn from_body(
    body: &[u8],
    content_type: Option<&str>,
    total_bytes: u64,
    max_bytes: usize,
) -> Result<Value, NotText> {
    let is_cut = total_bytes > body.len() as u64;
    let text = text_of(body, is_cut)?;
    if !is_cut && text.len() <= max_bytes {
        // JSON has no byte order mark (RFC 8259, section 8.1), but servers send it.
        let json = text.trim_start_matches('\u{feff}');
        // JSON that is nested too deeply for the parser is text, as everything is that cannot be parsed.
        if let Some(value) = may_be_json(json, content_type).then(|| serde_json::from_str(json).ok()).flatten() {
            return Ok(value);
        }
    }
    Ok(Value::String(cut(text, max_bytes, total_bytes)))
}

/// Returns a body as text. With `is_cut` it is the beginning of one, and a character that is incomplete is dropped.
///
/// # Errors
/// [`NotText`], as [`from_body`].
pub fn text_of(body: &[u8], is_cut: bool) -> Result<&str, NotText> {
    let text = match str::from_utf8(body) {
        Ok(text) => text,
        Err(error) if is_cut && error.error_len().is_none() => {
            let whole = body.get(..error.valid_up_to()).ok_or(NotText)?;
            str::from_utf8(whole).map_err(|_| NotText)?
        }
        Err(_) => return Err(NotText),
    };
    let is_binary = text.bytes().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r'));
    if is_binary { Err(NotText) } else { Ok(text) }
}

/// Returns whether a text should be parsed as JSON. Servers send objects and arrays as any type; a number or a word of
/// plain text stays as it is, because JSON would change `0.10` or `1234567890123456789012`.
fn may_be_json(text: &str, content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next()).map(|value| value.trim().to_ascii_lowercase());
    match essence.as_deref() {
        None | Some("application/json" | "text/json") => true,
        Some(essence) => essence.ends_with("+json") || text.trim_start().starts_with(['{', '[']),
    }
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
