//! The query of paged lists: `limit` and opaque cursors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::{ConversationId, Timestamp};
use crate::http::{Problem, ProblemKind};
use crate::lambda::HttpRequest;
use crate::store::{GrantId, ListCursor};

/// Checks that the query has only the known parameters, each at most once.
///
/// # Errors
/// 400.
pub(super) fn check_query(request: &HttpRequest, known: &[&str]) -> Result<(), Problem> {
    for (index, (name, _)) in request.query.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            let allowed = if known.is_empty() {
                "this path takes no parameters".to_owned()
            } else {
                format!("known are {}", known.join(", "))
            };
            let name: String = name.chars().take(60).collect();
            return Err(Problem::new(
                ProblemKind::InvalidParameter,
                format!("the parameter {name} is unknown; {allowed}"),
            ));
        }
        // Which of the two values counts would be a guess.
        if request.query.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(Problem::new(ProblemKind::InvalidParameter, format!("the parameter {name} is given twice")));
        }
    }
    Ok(())
}

/// Returns a parameter's value.
pub(super) fn parameter<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Returns `limit`, from 1 to `most`.
///
/// # Errors
/// 400.
pub(super) fn limit(request: &HttpRequest, default: usize, most: usize) -> Result<usize, Problem> {
    let Some(text) = parameter(request, "limit") else { return Ok(default) };
    match text.parse::<usize>() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => Err(Problem::new(ProblemKind::InvalidParameter, format!("limit must be a whole number from 1 to {most}"))),
    }
}

fn bad_cursor() -> Problem {
    Problem::new(ProblemKind::InvalidParameter, "cursor must be the next_cursor of an earlier page")
}

/// Reads a cursor of the list of conversations.
pub(super) fn list_cursor(request: &HttpRequest) -> Result<Option<ListCursor>, Problem> {
    let Some(text) = parameter(request, "cursor") else { return Ok(None) };
    let plain = decode(text).ok_or_else(bad_cursor)?;
    // The prefix keeps cursors of lists and of transcripts apart.
    let (millis, id) = plain.strip_prefix("l:").and_then(|rest| rest.split_once(':')).ok_or_else(bad_cursor)?;
    let updated_at = Timestamp::from_millis(millis.parse().map_err(|_| bad_cursor())?);
    let conversation = ConversationId::parse(id).ok_or_else(bad_cursor)?;
    Ok(Some(ListCursor { updated_at, conversation }))
}

/// Writes a cursor of the list of conversations.
pub(super) fn write_list_cursor(cursor: ListCursor) -> String {
    encode(&format!("l:{}:{}", cursor.updated_at.millis(), cursor.conversation))
}

/// Reads a cursor of a transcript: the sequence after which the page begins.
pub(super) fn transcript_cursor(request: &HttpRequest) -> Result<u64, Problem> {
    let Some(text) = parameter(request, "cursor") else { return Ok(0) };
    let plain = decode(text).ok_or_else(bad_cursor)?;
    plain.strip_prefix("m:").and_then(|sequence| sequence.parse().ok()).ok_or_else(bad_cursor)
}

/// Writes a cursor of a transcript.
pub(super) fn write_transcript_cursor(after: u64) -> String {
    encode(&format!("m:{after}"))
}

/// Reads a cursor of the list of grants.
pub(super) fn grant_cursor(request: &HttpRequest) -> Result<Option<GrantId>, Problem> {
    let Some(text) = parameter(request, "cursor") else { return Ok(None) };
    let plain = decode(text).ok_or_else(bad_cursor)?;
    plain.strip_prefix("g:").and_then(GrantId::parse).map(Some).ok_or_else(bad_cursor)
}

/// Writes a cursor of the list of grants.
pub(super) fn write_grant_cursor(after: GrantId) -> String {
    encode(&format!("g:{after}"))
}

fn encode(plain: &str) -> String {
    // Opaque, so that clients do not build cursors themselves.
    URL_SAFE_NO_PAD.encode(plain)
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
