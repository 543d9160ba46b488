//! Content negotiation: the media types that a client accepts and sends.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};

use super::sse::EVENT_STREAM;
use super::{Problem, ProblemKind};

/// The type of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyType {
    /// Declared as JSON, or not declared at all.
    Json,
    /// Declared as a form, which is read as JSON if it is an object: `curl -d` sends that.
    Form,
}

/// How exactly a range of `Accept` names a media type, from `*/*` to the type itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Specificity {
    /// `*/*`.
    Any,
    /// `application/*` or `text/*`.
    Group,
    /// The type itself.
    Exact,
}

/// The media type of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// One JSON document.
    Json,
    /// Server-Sent Events.
    EventStream,
}

impl MediaType {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application/json", "application/*"),
            Self::EventStream => (EVENT_STREAM, "text/*"),
        }
    }
}

/// A media type that a route offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    media_type: MediaType,
    required: Specificity,
}

impl Offer {
    /// Offers JSON to every client that accepts it, also by a wildcard.
    pub const JSON: Self = Self { media_type: MediaType::Json, required: Specificity::Any };

    /// Offers events to every client that accepts them, also by a wildcard.
    pub const EVENT_STREAM: Self = Self { media_type: MediaType::EventStream, required: Specificity::Any };

    /// Offers events only to clients that name them.
    pub const NAMED_EVENT_STREAM: Self = Self { media_type: MediaType::EventStream, required: Specificity::Exact };
}

/// Returns the offered media type that the client prefers (RFC 9110, section 12.5.1), the first of several with the same
/// quality. Problem documents are sent whatever the client accepts.
///
/// # Errors
/// 406 if the client accepts none of the offers.
pub fn choose(offers: &[Offer], headers: &HeaderMap) -> Result<MediaType, Problem> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<&str> =
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|range| !range.is_empty()).collect();
    let mut best: Option<(MediaType, f32)> = None;
    for offer in offers {
        // Without `Accept` a client takes any media type (RFC 9110, section 12.5.1).
        let quality = if ranges.is_empty() { 1.0 } else { quality(*offer, &ranges) };
        // Strictly greater: the first offer wins a tie, and a quality of 0 is a refusal.
        if quality > best.map_or(0.0, |(_, best)| best) {
            best = Some((offer.media_type, quality));
        }
    }
    best.map(|(media_type, _)| media_type).ok_or_else(|| {
        let (name, group) = offers.first().map_or(MediaType::Json, |offer| offer.media_type).names();
        Problem::new(ProblemKind::NotAcceptable, format!("the response is {name}; accept that, {group} or */*"))
    })
}

/// Returns the quality that the client gives to an offer: that of the most specific range that covers it.
fn quality(offer: Offer, ranges: &[&str]) -> f32 {
    let covering = ranges.iter().filter_map(|range| covers(offer.media_type, range));
    covering
        .filter(|(specificity, _)| *specificity >= offer.required)
        // The most specific range counts, even if its quality is lower (RFC 9110, section 12.5.1).
        .max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))
        .map_or(0.0, |(_, quality)| quality)
}

/// Returns a range's specificity and quality, or `None` if it does not cover the media type.
fn covers(media_type: MediaType, range: &str) -> Option<(Specificity, f32)> {
    let (name, group) = media_type.names();
    let mut parts = range.split(';').map(str::trim);
    let specificity = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "*/*" => Specificity::Any,
        range if range == group => Specificity::Group,
        range if range == name => Specificity::Exact,
        _ => return None,
    };
    let quality = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(parameter, _)| parameter.trim().eq_ignore_ascii_case("q"));
    // A quality that cannot be read counts as if none were given.
    Some((specificity, quality.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(1.0)))
}

/// Returns the declared type of the body.
///
/// # Errors
/// 415 for any other type, for another charset than UTF-8, and for a content coding.
pub fn body_type(headers: &HeaderMap) -> Result<BodyType, Problem> {
    let codings = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or_default());
    if codings.into_iter().any(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, "send the body without a Content-Encoding"));
    }
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(BodyType::Json) };
    let text = value.to_str().unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_utf8 = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        // Without a charset JSON is UTF-8 (RFC 8259, section 8.1).
        .all(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"));
    match media_type.as_str() {
        "application/json" if is_utf8 => Ok(BodyType::Json),
        "application/x-www-form-urlencoded" if is_utf8 => Ok(BodyType::Form),
        _ => Err(unsupported_media_type()),
    }
}

/// Returns the problem of a body that is not JSON in UTF-8.
#[must_use]
pub fn unsupported_media_type() -> Problem {
    Problem::new(ProblemKind::UnsupportedMediaType, "send the body as application/json in UTF-8")
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
