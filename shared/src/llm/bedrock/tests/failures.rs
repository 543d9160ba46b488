use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse::ConverseError;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::*;
use crate::domain::FailureKind;
use crate::llm::test_support::{RotatingSecrets, context};

async fn fail(status: u16, code: &str) -> LlmError {
    let template = ResponseTemplate::new(status)
        .insert_header("x-amzn-errortype", code)
        .insert_header("retry-after", "7")
        .set_body_json(json!({ "message": "your prompt was: hidden" }));
    let server = serve(template).await;
    let client = client(&server.uri());
    let error = client.generate(hello(), None, max(10)).await.unwrap_err();
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "the SDK does not retry");
    assert!(!format!("{error:?} {error}").contains("hidden"), "{error:?}");
    error
}

#[tokio::test]
async fn throttling_exceptions_are_throttled() {
    for (status, name) in
        [(429, "ThrottlingException"), (400, "ServiceQuotaExceededException"), (429, "ModelNotReadyException")]
    {
        let error = fail(status, name).await;
        let LlmError::Throttled { status: seen, code, retry_after } = &error else { panic!("{error:?}") };
        assert_eq!((*seen, code.as_deref()), (status, Some(name)));
        assert_eq!(*retry_after, Some(Duration::from_secs(7)));
    }
}

#[tokio::test]
async fn refused_credentials_are_unauthorized() {
    for (status, name) in
        [(403, "AccessDeniedException"), (403, "ExpiredTokenException"), (401, "UnrecognizedClientException")]
    {
        let error = fail(status, name).await;
        assert!(
            matches!(&error, LlmError::Unauthorized { status: seen, code: Some(code) } if *seen == status && code == name)
        );
    }
}

#[tokio::test]
async fn other_errors_keep_status_and_code() {
    for (status, name, transient) in [
        (400, "ValidationException", false),
        (404, "ResourceNotFoundException", false),
        (408, "ModelTimeoutException", true),
        (424, "ModelErrorException", true),
        (500, "InternalServerException", true),
        (503, "ServiceUnavailableException", true),
        (418, "SomethingNew", false),
    ] {
        let error = fail(status, name).await;
        let LlmError::Rejected { status: seen, code, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*seen, code.as_deref()), (status, Some(name)));
        assert_eq!(error.is_transient(), transient, "{name}");
    }
}

#[tokio::test]
async fn a_prompt_over_the_context_is_an_error_of_its_own() {
    for (message, numbers) in [
        ("Input is too long for requested model.", (None, None)),
        (
            "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input.",
            (None, None),
        ),
        (
            "The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum",
            (Some(200_049), Some(200_000)),
        ),
    ] {
        let refusal = ResponseTemplate::new(400)
            .insert_header("x-amzn-errortype", "ValidationException")
            .set_body_json(json!({ "message": message }));
        let client = client(&serve(refusal).await.uri());
        for error in [
            client.generate(hello(), None, max(10)).await.unwrap_err(),
            client.stream(&hello_request()).await.err().unwrap(),
        ] {
            let LlmError::ContextExceeded(overflow) = error else { panic!("{error:?}") };
            assert_eq!((overflow.needed_tokens, overflow.context_tokens), numbers);
        }
    }
}

#[tokio::test]
async fn tokens_are_counted_by_the_service() {
    let server = serve(ResponseTemplate::new(200).set_body_json(json!({ "inputTokens": 403 }))).await;
    assert_eq!(client(&server.uri()).count_tokens(&hello()).await.unwrap(), Some(403));
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.path(), format!("/model/{}/count-tokens", MODEL.replace(':', "%3A")));
    let sent: Value = requests[0].body_json().unwrap();
    assert_eq!(sent["input"]["converse"]["messages"][0]["role"], "user", "{sent}");
    let nova = client_with(&server.uri(), "amazon.nova-lite-v1:0", &[]);
    assert_eq!(nova.count_tokens(&hello()).await.unwrap(), None, "it counts for Claude alone");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_of_free_text_is_not_kept() {
    let error = fail(400, "the prompt <hidden> is bad").await;
    assert!(matches!(error, LlmError::Rejected { status: 400, code: None, .. }), "{error:?}");
}

#[tokio::test]
async fn an_incomplete_response_is_malformed() {
    for body in ["{", "{}", "[]", r#"{"stopReason":"end_turn"}"#] {
        let server = serve(ResponseTemplate::new(200).set_body_string(body)).await;
        let error = client(&server.uri()).generate(hello(), None, max(10)).await.unwrap_err();
        assert!(matches!(error.into_failure(), FailureKind::Malformed(_)), "{body}");
    }
}

#[tokio::test]
async fn a_connection_that_closes_early_is_broken_off() {
    for response in ["HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{", ""] {
        let uri = raw_server(response.into(), true).await;
        let error = client(&uri).generate(hello(), None, max(10)).await.unwrap_err();
        assert!(matches!(error, LlmError::BrokenOff(_)), "{response}: {error:?}");
    }
}

#[tokio::test]
async fn silence_times_out_and_a_closed_port_is_unreachable() {
    let server = serve(ResponseTemplate::new(200).set_delay(Duration::from_secs(5))).await;
    let error = client(&server.uri()).generate(hello(), None, max(10)).await.unwrap_err();
    assert!(matches!(error, LlmError::TimedOut), "{error:?}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client(&format!("http://{address}")).generate(hello(), None, max(10)).await.unwrap_err();
    assert!(matches!(error, LlmError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let unconnected =
        context(RotatingSecrets::new(&[])).client.get(format!("http://{address}")).send().await.unwrap_err();
    assert!(unconnected.is_connect());
    // The HTTP client reports both facts of a connect time-out, and the SDK's kind has room for one.
    let failure = ConnectorError::timeout(Box::new(unconnected));
    let error = error::call_error(&SdkError::<ConverseError, _>::dispatch_failure(failure));
    assert!(matches!(error, LlmError::Unreachable(_)), "{error:?}");
    let elapsed = tokio::time::timeout(Duration::ZERO, std::future::pending::<()>()).await.unwrap_err();
    let failure = ConnectorError::timeout(Box::new(elapsed));
    let error = error::call_error(&SdkError::<ConverseError, _>::dispatch_failure(failure));
    assert!(matches!(error, LlmError::TimedOut), "{error:?}");
}

/// Starts a server that accepts only this key.
async fn server_for_key(key: &'static str) -> MockServer {
    let server = MockServer::start().await;
    let success = response(&json!([{ "text": "ok" }]), "end_turn");
    Mock::given(wiremock::matchers::header("authorization", format!("Bearer {key}")))
        .respond_with(ResponseTemplate::new(200).set_body_json(success))
        .mount(&server)
        .await;
    Mock::given(Anything)
        .respond_with(ResponseTemplate::new(403).insert_header("x-amzn-errortype", "AccessDeniedException"))
        .with_priority(10)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_refused_key_is_renewed_for_one_more_call() {
    let server = server_for_key("new").await;
    let client = client_with(&server.uri(), MODEL, &["old", "new"]);
    for _ in 0..2 {
        client.generate(hello(), None, max(10)).await.unwrap();
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_bad_key_is_renewed_at_most_once() {
    let server = server_for_key("none").await;
    let error = client_with(&server.uri(), MODEL, &["old"]).generate(hello(), None, max(10)).await.unwrap_err();
    assert!(matches!(error, LlmError::Unauthorized { status: 403, .. }), "{error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    let error = client_with(&server.uri(), MODEL, &["a", "b", "c"]).stream(&hello_request()).await.err().unwrap();
    assert!(matches!(error, LlmError::Unauthorized { status: 403, .. }), "{error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_key_authorizes_the_list_of_models_too() {
    let server = server_for_key("key").await;
    let error = client_with(&server.uri(), MODEL, &["key"]).list_models().await.err();
    assert!(!matches!(error, Some(LlmError::Unauthorized { .. })), "{error:?}");
}

#[test]
fn an_invalid_model_id_is_refused_without_a_call() {
    let access = BedrockAccess::new(
        local_context("http://127.0.0.1:9").unwrap(),
        Arc::new(RotatingKeys(Mutex::default())),
        BedrockSettings::default(),
    );
    let model = ModelId::new("arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/abcdef123456");
    assert_eq!(BedrockClient::new(Arc::new(access), model).err(), Some(InvalidModelId::CustomModel));
}
