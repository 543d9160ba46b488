use super::*;

fn error(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> AwsError {
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    AwsError::from_response(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
}

#[test]
fn codes_are_read_wherever_services_write_them() {
    let header = |value| error(400, &[("x-amzn-errortype", value)], "{}");
    let body = |body| error(400, &[], body);
    for found in [
        header("ValidationException"),
        header("ValidationException:http://internal.amazon.com/coral/com.amazon.coral.validate/"),
        header("aws.ssm#ValidationException:http://internal.amazon.com/"),
        body(r#"{"__type":"ValidationException","message":"m"}"#),
        body(r#"{"__type":"com.amazonaws.ssm#ValidationException"}"#),
        body(r#"{"code":"ValidationException"}"#),
        body(r#"{"Code":"ValidationException"}"#),
        error(400, &[("x-amzn-errortype", "ValidationException")], r#"{"__type":"Other"}"#),
    ] {
        assert_eq!(found.code(), Some("ValidationException"));
    }
}

#[test]
fn a_code_that_is_not_a_name_is_dropped() {
    let long = format!(r#"{{"__type":"{}"}}"#, "x".repeat(65));
    for body in
        ["", "<html>", "[]", r#"{"__type":"your prompt was: hidden"}"#, r#"{"code":7}"#, r#"{"code":""}"#, &long]
    {
        let found = error(418, &[], body);
        assert_eq!(found, AwsError::Refused { status: 418, code: None, retry_after: None }, "{body}");
        assert_eq!(found.to_string(), "status 418, no code");
    }
}

#[test]
fn throttling_and_faults_of_the_service_are_retryable() {
    let coded = |status, code| error(status, &[("x-amzn-errortype", code)], "").is_retryable();
    for code in THROTTLING.iter().chain(&TRANSIENT) {
        assert!(coded(400, code), "{code}");
    }
    for status in [429, 500, 502, 503, 504] {
        assert!(coded(status, "SomethingNew"), "{status}");
    }
    for (status, code) in [(400, "ValidationException"), (403, "AccessDeniedException"), (410, "GoneException")] {
        assert!(!coded(status, code), "{code}");
    }
    for (fault, expected) in [
        (AwsError::TimedOut, true),
        (AwsError::Unreachable, true),
        (AwsError::BrokenOff, true),
        (AwsError::Malformed, false),
        (AwsError::TooLarge, false),
        (AwsError::Unbuildable, false),
    ] {
        assert_eq!(fault.is_retryable(), expected, "{fault}");
    }
}

#[test]
fn a_wait_that_the_service_asks_for_is_read() {
    let wait = |name, value| error(503, &[(name, value)], "").retry_after();
    assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
    assert_eq!(wait("x-amz-retry-after", "1500"), Some(Duration::from_millis(1500)));
    assert_eq!(wait("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), None);
}
