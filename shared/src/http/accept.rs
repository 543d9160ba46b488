//! Which forms a client takes and sends.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};

use super::sse::EVENT_STREAM;
use super::{Problem, ProblemKind, Route};

/// The form of a body that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyForm {
    /// JSON, by its name or without one.
    Json,
    /// Named as a form; JSON if it is an object, which is what `curl -d` sends.
    PerhapsJson,
}

/// How closely a range names a form: `*/*`, its group, the form itself.
const ANY: u8 = 0;
const GROUP: u8 = 1;
const EXACT: u8 = 2;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON document.
    Json,
    /// Server-Sent Events.
    Events,
}

impl Form {
    const fn media(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application/json", "application/*"),
            Self::Events => (EVENT_STREAM, "text/*"),
        }
    }
}

/// Chooses the form that the client likes best of those that the route has (RFC 9110, section 12.5.1); the route's first
/// where it likes several equally well. A problem is told as a problem document whatever the client takes.
pub(super) fn choose(route: &Route, headers: &HeaderMap) -> Result<Form, Problem> {
    // With how closely each must be named: what a client takes by a wildcard alone is JSON where there is JSON.
    let forms: &[(Form, u8)] = match route {
        Route::Stream(_) => &[(Form::Events, ANY)],
        Route::Invoke(_) => &[(Form::Json, ANY), (Form::Events, EXACT)],
        _ => &[(Form::Json, ANY)],
    };
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<&str> =
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|range| !range.is_empty()).collect();
    let mut best: Option<(Form, f32)> = None;
    for (form, closeness) in forms {
        let liking = if ranges.is_empty() { 1.0 } else { liking(*form, *closeness, &ranges) };
        if liking > best.map_or(0.0, |(_, best)| best) {
            best = Some((*form, liking));
        }
    }
    best.map(|(form, _)| form).ok_or_else(|| {
        let (name, group) = forms.first().map_or(("application/json", "application/*"), |(form, _)| form.media());
        Problem::new(ProblemKind::NotAcceptable, format!("answers are {name}; accept that, {group} or */*"))
    })
}

/// The quality that the client gives to a form: the most specific range that covers it decides.
fn liking(form: Form, closeness: u8, ranges: &[&str]) -> f32 {
    let covering = ranges.iter().filter_map(|range| covers(form, range)).filter(|(close, _)| *close >= closeness);
    covering
        .max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))
        .map_or(0.0, |(_, quality)| quality)
}

/// How closely the range names the form, and the quality that it gives; none where it does not cover it.
fn covers(form: Form, range: &str) -> Option<(u8, f32)> {
    let (name, group) = form.media();
    let mut parts = range.split(';').map(str::trim);
    let closeness = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "*/*" => ANY,
        range if range == group => GROUP,
        range if range == name => EXACT,
        _ => return None,
    };
    let named = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(parameter, _)| parameter.trim().eq_ignore_ascii_case("q"));
    Some((closeness, named.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(1.0)))
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
