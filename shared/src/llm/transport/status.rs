//! Converts error responses of providers. Their free text is never kept, since it may quote the prompt.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::domain::{ContextOverflow, Timestamp};
use crate::llm::{LlmError, context_overflow};

/// Converts an error response.
pub(super) fn error(status: u16, headers: &HeaderMap, body: &[u8], now: Timestamp) -> LlmError {
    // A body that is not JSON has no code, but its status still says enough.
    let (code, overflow) = match serde_json::from_slice::<Body>(body) {
        Ok(Body { error: Some(error), .. }) => (error.identifier(), error.overflow()),
        Ok(Body { error: None, flat }) => (flat.identifier(), flat.overflow()),
        Err(_) => (None, None),
    };
    classify(status, code, overflow, retry_after(headers, now))
}

fn classify(
    status: u16,
    code: Option<String>,
    overflow: Option<ContextOverflow>,
    retry_after: Option<Duration>,
) -> LlmError {
    match status {
        401 | 403 => LlmError::Unauthorized { status, code },
        // 529 is Anthropic's status of an overloaded API.
        429 | 529 => LlmError::Throttled { status, code, retry_after },
        // A service that names a wait is busy and not broken.
        503 if retry_after.is_some() => LlmError::Throttled { status, code, retry_after },
        _ => match overflow {
            Some(overflow) => LlmError::ContextExceeded(overflow),
            None => LlmError::Rejected { status, code, retry_after },
        },
    }
}

/// Reads `retry-after-ms`, which some providers add, or else `Retry-After` (RFC 9110, section 10.2.3): seconds or a
/// date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(millis / 1000.0).ok();
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |text: &str| OffsetDateTime::parse(text, &Rfc2822).ok().map(OffsetDateTime::unix_timestamp);
    let until = date(value)?;
    // Compared with the response's own `Date`, so that an inaccurate clock has no effect.
    let from = text(DATE.as_str()).and_then(date).or_else(|| i64::try_from(now.seconds()).ok())?;
    Some(Duration::from_secs(u64::try_from(until.saturating_sub(from)).unwrap_or(0)))
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    error: Option<InBandError>,
    /// Some servers write the members of an error without a member around them.
    #[serde(flatten)]
    flat: Detail,
}

/// The `error` member of a response body, or of a frame in a stream that began with a success.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::llm) enum InBandError {
    /// An object.
    Detailed(Detail),
    /// Free text.
    Text(Remark),
    /// Something else.
    Other(IgnoredAny),
}

/// Free text of an error, of which only this is kept: what it says about the prompt's size.
#[derive(Debug, Default)]
pub(in crate::llm) struct Remark(Option<ContextOverflow>);

impl<'de> Deserialize<'de> for Remark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Ok(Self(context_overflow::recognise(&text)))
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::llm) struct Detail {
    #[serde(default)]
    code: Option<Code>,
    #[serde(default, rename = "type")]
    kind: Option<Code>,
    #[serde(default)]
    message: Option<Message>,
    /// Llama.cpp's numbers.
    #[serde(default)]
    n_prompt_tokens: Option<Count>,
    #[serde(default)]
    n_ctx: Option<Count>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Count {
    Tokens(u64),
    Other(IgnoredAny),
}

impl Count {
    const fn tokens(&self) -> Option<u64> {
        if let Self::Tokens(tokens) = self { Some(*tokens) } else { None }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Message {
    Text(Remark),
    Other(IgnoredAny),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Code {
    Number(u16),
    Text(String),
    Other(IgnoredAny),
}

impl InBandError {
    /// Converts the error. Its status is the numeric code, or else the status with which its type is sent over HTTP.
    pub(in crate::llm) fn into_error(self) -> LlmError {
        match self {
            Self::Detailed(detail) => {
                let code = detail.identifier();
                // An error of an unknown kind counts as a fault of the provider, which may pass.
                let status = detail.status().or_else(|| code.as_deref().map(status_of)).unwrap_or(500);
                classify(status, code, detail.overflow(), None)
            }
            Self::Text(Remark(overflow)) => classify(500, None, overflow, None),
            Self::Other(IgnoredAny) => classify(500, None, None, None),
        }
    }

    fn identifier(&self) -> Option<String> {
        if let Self::Detailed(detail) = self { detail.identifier() } else { None }
    }

    fn overflow(&self) -> Option<ContextOverflow> {
        match self {
            Self::Detailed(detail) => detail.overflow(),
            Self::Text(Remark(overflow)) => *overflow,
            Self::Other(IgnoredAny) => None,
        }
    }
}

impl Detail {
    fn status(&self) -> Option<u16> {
        let number = match self.code.as_ref()? {
            Code::Number(number) => *number,
            Code::Text(text) => text.parse().ok()?,
            Code::Other(IgnoredAny) => return None,
        };
        (400..600).contains(&number).then_some(number)
    }

    fn overflow(&self) -> Option<ContextOverflow> {
        let said = match &self.message {
            Some(Message::Text(Remark(overflow))) => *overflow,
            Some(Message::Other(IgnoredAny)) | None => None,
        };
        let coded = [&self.code, &self.kind].into_iter().flatten().any(|code| {
            matches!(code, Code::Text(text) if text == "context_length_exceeded" || text == "exceed_context_size_error")
        });
        let overflow = said.or_else(|| coded.then(ContextOverflow::default))?;
        Some(ContextOverflow {
            needed_tokens: self.n_prompt_tokens.as_ref().and_then(Count::tokens).or(overflow.needed_tokens),
            context_tokens: self.n_ctx.as_ref().and_then(Count::tokens).or(overflow.context_tokens),
        })
    }

    fn identifier(&self) -> Option<String> {
        // The code comes first: OpenAI's `type` is often only `invalid_request_error`.
        [self.code.as_ref(), self.kind.as_ref()].into_iter().flatten().find_map(|code| match code {
            Code::Text(text) if is_identifier(text) => Some(text.clone()),
            _ => None,
        })
    }
}

/// The most digits of an identifier. Keys, which a provider may quote, have more.
const MAX_DIGITS: usize = 3;

/// Returns whether the text is an identifier, and neither free text nor a key. A number alone is a status, not a code.
fn is_identifier(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        && digits <= MAX_DIGITS
        && digits < text.len()
}

/// Returns the HTTP status of an error type (Anthropic's "Errors" and `OpenAI`'s "Error codes").
fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" | "context_length_exceeded" => 400,
        "authentication_error" | "invalid_api_key" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" | "model_not_found" => 404,
        "request_too_large" => 413,
        "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
