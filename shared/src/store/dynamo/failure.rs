//! From the SDK's errors to the port's. What a message says is dropped: it may quote keys or content.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::store::StoreError;

/// Sorts an error that is no failed condition.
pub(super) fn store_error<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> StoreError {
    match error {
        SdkError::ConstructionFailure(_) => StoreError::Refused("the request cannot be built".to_owned()),
        SdkError::TimeoutError(_) => StoreError::Unavailable("no answer in time"),
        SdkError::DispatchFailure(_) => StoreError::Unavailable("no connection"),
        SdkError::ResponseError(_) => StoreError::Unavailable("the answer broke off"),
        SdkError::ServiceError(service) => {
            by_code(service.err().code().unwrap_or_default(), service.raw().status().as_u16())
        }
        _ => StoreError::Unavailable("the call failed"),
    }
}

/// The codes are those of the API reference's "Common errors" and of each action's own.
fn by_code(code: &str, status: u16) -> StoreError {
    match code {
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "LimitExceededException" => StoreError::Throttled,
        "TransactionConflictException" => StoreError::Contention { head: None },
        // The twin under way is this very turn: whether it will be written is not known yet.
        "TransactionInProgressException" => StoreError::Unavailable("the same transaction is under way"),
        _ if status >= 500 => StoreError::Unavailable("the service failed"),
        "" => StoreError::Unavailable("the answer is no answer of the service"),
        code => StoreError::Refused(code.to_owned()),
    }
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
