use super::by_code;
use crate::store::StoreError;

#[test]
fn error_codes_map_to_errors_of_the_port() {
    for code in ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"] {
        assert!(matches!(by_code(code, 400), StoreError::Throttled), "{code}");
    }
    for code in ["InternalServerError", "ServiceUnavailable", ""] {
        assert!(matches!(by_code(code, 500), StoreError::Unavailable(_)), "{code}");
    }
    for code in ["AccessDeniedException", "ResourceNotFoundException", "ValidationException", "ExpiredTokenException"] {
        assert!(matches!(by_code(code, 400), StoreError::Refused(said) if said == code), "{code}");
    }
    assert!(matches!(by_code("TransactionConflictException", 400), StoreError::Contention { head: None }));
    assert!(by_code("TransactionInProgressException", 400).is_transient());
}
