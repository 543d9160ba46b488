//! Which forms a client takes and sends.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};

use super::{Problem, ProblemKind};

/// The form of a body that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyForm {
    /// JSON, by its name or without one.
    Json,
    /// Named as a form; JSON if it is an object, which is what `curl -d` sends.
    PerhapsJson,
}

/// Checks that the client takes JSON (RFC 9110, section 12.5.1).
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    if ranges.peek().is_none() {
        return Ok(());
    }
    if ranges.any(takes_json) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::NotAcceptable, "answers are application/json; accept that, application/* or */*"))
}

fn takes_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f64>().is_ok_and(|quality| quality <= 0.0)
    });
    !refused && matches!(media.as_str(), "*/*" | "application/*" | "application/json")
}

/// Checks the type of the body.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<BodyForm, Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(BodyForm::Json) };
    let text = value.to_str().unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let utf8 = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .all(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"));
    match media.as_str() {
        "application/json" if utf8 => Ok(BodyForm::Json),
        "application/x-www-form-urlencoded" if utf8 => Ok(BodyForm::PerhapsJson),
        _ => Err(unsupported()),
    }
}

pub(super) fn unsupported() -> Problem {
    Problem::new(ProblemKind::UnsupportedMediaType, "send the body as application/json in UTF-8")
}
