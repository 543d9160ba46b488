//! What the errors of the SDK and of the signed client mean. Their free text is never kept: it may quote the prompt.

use std::error::Error;
use std::time::Duration;

use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::event_stream::RawMessage;

use crate::aws::AwsError;
use crate::llm::{LlmError, context_overflow};

const BROKEN_OFF: LlmError = LlmError::BrokenOff("the connection closed before the response was complete");
const UNCONNECTED: LlmError = LlmError::Unreachable("no connection could be made");
const MALFORMED: LlmError = LlmError::Malformed("the response is not what the API describes");

/// Converts the error of a call, with or without an HTTP response.
pub(super) fn call_error<E>(error: &SdkError<E, HttpResponse>) -> LlmError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        // the SDK reports a response that it cannot parse as a service error, even if its status is a success
        SdkError::ServiceError(service) if service.raw().status().is_success() => {
            if http_error(error).is_some() {
                BROKEN_OFF
            } else {
                MALFORMED
            }
        }
        SdkError::ServiceError(service) => {
            if let Some(overflow) = service.err().message().and_then(context_overflow::recognise) {
                return LlmError::ContextExceeded(overflow);
            }
            let retry_after = service.raw().headers().get("retry-after").and_then(seconds);
            classify(service.raw().status().as_u16(), service.err().code(), retry_after)
        }
        other => transport_error(other),
    }
}

/// Converts the error of a call of the control plane.
pub(super) fn control_error(error: AwsError) -> LlmError {
    match error {
        AwsError::Refused { status, code, retry_after } => classify(status, code.as_deref(), retry_after),
        AwsError::TimedOut => LlmError::TimedOut,
        AwsError::Unreachable => UNCONNECTED,
        AwsError::BrokenOff => BROKEN_OFF,
        AwsError::TooLarge | AwsError::Malformed => MALFORMED,
        AwsError::Unbuildable => LlmError::Unreachable("the request cannot be built"),
    }
}

/// Converts the error of a stream that began with a success.
pub(super) fn stream_error<E: Error + 'static>(error: &SdkError<E, RawMessage>) -> LlmError {
    match error {
        SdkError::ServiceError(service) => {
            if let Some(overflow) = exception_message(service.raw()).as_deref().and_then(context_overflow::recognise) {
                return LlmError::ContextExceeded(overflow);
            }
            // Exceptions of a stream carry no status, so each gets the status of the same exception over HTTP.
            let code = exception_type(service.raw());
            // An exception without a type counts as a fault of the service, which may pass.
            classify(code.as_deref().map_or(500, status_of), code.as_deref(), None)
        }
        SdkError::ResponseError(_) => LlmError::Malformed("a frame of the stream"),
        other => transport_error(other),
    }
}

/// Returns the frame's `:exception-type`, spelled as over HTTP: `throttlingException` becomes `ThrottlingException`.
fn exception_type(frame: &RawMessage) -> Option<String> {
    let RawMessage::Decoded(frame) = frame else { return None };
    let header = frame.headers().iter().find(|header| header.name().as_str() == ":exception-type")?;
    let name = header.value().as_string().ok()?.as_str();
    let mut letters = name.chars();
    let first = letters.next()?.to_ascii_uppercase();
    Some(std::iter::once(first).chain(letters).collect())
}

/// Returns the text in the frame of an exception. It is read and not kept.
fn exception_message(frame: &RawMessage) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Payload {
        message: String,
    }
    let RawMessage::Decoded(frame) = frame else { return None };
    serde_json::from_slice::<Payload>(frame.payload()).ok().map(|payload| payload.message)
}

fn transport_error<E, R>(error: &SdkError<E, R>) -> LlmError
where
    E: Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error {
        SdkError::TimeoutError(_) => LlmError::TimedOut,
        // Before the time-out: a connect time-out is both, and only a failed connection is retried.
        SdkError::DispatchFailure(_) if http_error(error).is_some_and(reqwest::Error::is_connect) => UNCONNECTED,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => LlmError::TimedOut,
        SdkError::DispatchFailure(_) => BROKEN_OFF,
        SdkError::ResponseError(_) if http_error(error).is_some() => BROKEN_OFF,
        SdkError::ConstructionFailure(_) => LlmError::Unreachable("the request cannot be built"),
        _ => MALFORMED,
    }
}

/// Returns the HTTP client's error if it is among the causes. Where a response has begun, its body broke off.
fn http_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a reqwest::Error> {
    std::iter::successors(Some(error), |&cause| cause.source()).find_map(|cause| cause.downcast_ref())
}

fn classify(status: u16, code: Option<&str>, retry_after: Option<Duration>) -> LlmError {
    // A code that is not an identifier may be free text, which may quote the prompt.
    let named = code.filter(|code| is_identifier(code)).map(str::to_owned);
    // By code first: a quota that is used up comes with status 400.
    match code {
        Some(
            "ThrottlingException"
            | "TooManyRequestsException"
            | "ServiceQuotaExceededException"
            | "ModelNotReadyException",
        ) => LlmError::Throttled { status, code: named, retry_after },
        Some("AccessDeniedException") => LlmError::Unauthorized { status, code: named },
        _ => match status {
            401 | 403 => LlmError::Unauthorized { status, code: named },
            429 => LlmError::Throttled { status, code: named, retry_after },
            _ => LlmError::Rejected { status, code: named, retry_after },
        },
    }
}

/// Returns the HTTP status of an exception (API reference, `Converse` and `ConverseStream`, "Errors").
fn status_of(code: &str) -> u16 {
    match code {
        "ValidationException" => 400,
        "AccessDeniedException" => 403,
        "ResourceNotFoundException" => 404,
        "ModelTimeoutException" => 408,
        "ModelErrorException" | "ModelStreamErrorException" => 424,
        "ThrottlingException" | "ModelNotReadyException" => 429,
        "ServiceUnavailableException" => 503,
        _ => 500,
    }
}

fn is_identifier(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}
