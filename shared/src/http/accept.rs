//! Which forms a client takes and sends.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};

use super::{Problem, ProblemKind};

/// The form of a body that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyForm {
    /// JSON, by its name or without one.
    Json,
    /// Named as a form; JSON if it is an object, which is what `curl -d` sends.
    PerhapsJson,
}

/// Checks that the client takes JSON (RFC 9110, section 12.5.1): the most specific range that covers it decides.
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<&str> =
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|range| !range.is_empty()).collect();
    let closest = ranges.iter().filter_map(|range| covers_json(range)).max();
    match closest {
        Some((_, true)) => Ok(()),
        None if ranges.is_empty() => Ok(()),
        _ => Err(Problem::new(
            ProblemKind::NotAcceptable,
            "answers are application/json; accept that, application/* or */*",
        )),
    }
}

/// How closely the range names JSON, and whether it is taken; none where it does not cover JSON.
fn covers_json(range: &str) -> Option<(u8, bool)> {
    let mut parts = range.split(';').map(str::trim);
    let closeness = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "*/*" => 0,
        "application/*" => 1,
        "application/json" => 2,
        _ => return None,
    };
    let refused = parts.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f64>().is_ok_and(|quality| quality <= 0.0)
    });
    Some((closeness, !refused))
}

/// Checks the type and the coding of the body.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<BodyForm, Problem> {
    let codings = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or_default());
    if codings.into_iter().any(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, "send the body without a Content-Encoding"));
    }
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

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
