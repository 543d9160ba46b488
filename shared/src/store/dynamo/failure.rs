//! Maps the SDK's errors to the port's. Drops their messages, which may quote keys or content.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::store::error::StoreError;

/// Maps an error other than a failed condition.
pub(super) fn store_error<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> StoreError {
    match error {
        SdkError::ConstructionFailure(_) => StoreError::Refused("the request could not be built".to_owned()),
        SdkError::TimeoutError(_) => StoreError::Unavailable("no answer in time"),
        SdkError::DispatchFailure(_) => StoreError::Unavailable("no connection"),
        SdkError::ResponseError(_) => StoreError::Unavailable("the connection broke during the answer"),
        SdkError::ServiceError(service) => {
            by_code(service.err().code().unwrap_or_default(), service.raw().status().as_u16())
        }
        _ => StoreError::Unavailable("the call failed"),
    }
}

/// Maps an error code of the API reference's "Common errors" or of an action's own errors.
fn by_code(code: &str, status: u16) -> StoreError {
    match code {
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "LimitExceededException" => StoreError::Throttled,
        // A single write met a transaction on the same item, and nothing was written.
        "TransactionConflictException" => StoreError::Contention { head: None },
        // The other request carries the same turn; whether it will be written is not known yet.
        "TransactionInProgressException" => StoreError::Unavailable("the same transaction is in progress"),
        // By status, since a failing service need not send a code that is known.
        _ if status >= 500 => StoreError::Unavailable("the service failed"),
        // DynamoDB always sends a code, so this answer is broken or comes from something in between.
        "" => StoreError::Unavailable("the answer has no error code"),
        code => StoreError::Refused(code.to_owned()),
    }
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
