use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::aws::{AwsContext, AwsCredentials, AwsSettings, https_client};
use crate::testing::ManualClock;

/// Jitter of none, which counts how often it was asked for: once for each wait.
#[derive(Default)]
struct Waits(AtomicUsize);

impl Random for Waits {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fraction(&self) -> f64 {
        self.0.fetch_add(1, Ordering::SeqCst);
        0.0
    }
}

struct Bench {
    server: MockServer,
    waits: Arc<Waits>,
    context: AwsContext,
}

async fn bench(answers: Vec<ResponseTemplate>) -> Bench {
    let server = MockServer::start().await;
    for answer in answers {
        Mock::given(any()).respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    let waits = Arc::<Waits>::default();
    let credentials = AwsCredentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "secret".into(),
        session_token: Some("token".into()),
    };
    let settings = AwsSettings {
        region: "eu-central-1".to_owned(),
        credentials,
        endpoint_url: Some(server.uri()),
        service_endpoints: BTreeMap::new(),
    };
    // 2015-08-30T12:36:00Z
    let clock = ManualClock::at(1_440_938_160_000);
    let context = AwsContext::new(settings, https_client(None).unwrap(), clock, Arc::<Waits>::clone(&waits));
    Bench { server, waits, context }
}

impl Bench {
    fn client(&self) -> AwsClient {
        self.context.client(AwsService::BedrockRuntime, CallLimits::QUICK)
    }

    async fn outcome(&self) -> Result<Bytes, AwsError> {
        self.client().send(&AwsRequest::get(&["list"])).await.map(|response| response.body().clone())
    }

    /// Returns the number of requests that the server received, and of pauses that the client made.
    async fn counts(&self) -> (usize, usize) {
        (self.server.received_requests().await.unwrap().len(), self.waits.0.load(Ordering::SeqCst))
    }
}

fn good() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string("good")
}

fn busy() -> ResponseTemplate {
    ResponseTemplate::new(400).set_body_json(json!({ "__type": "ThrottlingException", "message": "a secret" }))
}

#[tokio::test]
async fn a_request_is_signed_for_its_service_and_region_at_the_clocks_time() {
    let bench = bench(vec![good()]).await;
    assert_eq!(bench.outcome().await.unwrap(), "good");
    let seen = &bench.server.received_requests().await.unwrap()[0];
    let authorization = seen.headers["authorization"].to_str().unwrap();
    let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/bedrock/aws4_request, ";
    assert!(authorization.starts_with(scope), "{authorization}");
    assert_eq!(seen.headers["x-amz-date"], "20150830T123600Z");
    assert_eq!(seen.headers["x-amz-security-token"], "token");
    assert!(seen.headers["user-agent"].to_str().unwrap().starts_with("openclaw/"));
}

#[tokio::test]
async fn an_api_key_goes_in_place_of_the_roles_signature() {
    let bench = bench(vec![good()]).await;
    bench.client().with_bearer("key".into()).send(&AwsRequest::get(&["list"])).await.map(drop).unwrap();
    let seen = &bench.server.received_requests().await.unwrap()[0];
    assert_eq!(seen.headers["authorization"], "Bearer key");
    assert!(!seen.headers.contains_key("x-amz-security-token") && !seen.headers.contains_key("x-amz-date"));
}

#[tokio::test]
async fn a_transient_error_is_tried_three_times_in_all() {
    let bench_of = |fault: ResponseTemplate| bench(vec![fault.clone(), fault, good()]);
    for fault in [busy(), ResponseTemplate::new(500), ResponseTemplate::new(503)] {
        let bench = bench_of(fault).await;
        assert_eq!(bench.outcome().await.unwrap(), "good");
        assert_eq!(bench.counts().await, (3, 2));
    }
    let bench = bench(vec![busy(), busy(), busy(), good()]).await;
    let refused = AwsError::Refused { status: 400, code: Some("ThrottlingException".to_owned()), retry_after: None };
    assert_eq!(bench.outcome().await, Err(refused));
    assert_eq!(bench.counts().await, (3, 2));
}

#[tokio::test]
async fn a_permanent_error_is_tried_once() {
    for (fault, expected) in [
        (ResponseTemplate::new(403).set_body_string(r#"{"__type":"AccessDeniedException"}"#), 403),
        (ResponseTemplate::new(404), 404),
        (ResponseTemplate::new(307).insert_header("location", "/elsewhere"), 307),
    ] {
        let bench = bench(vec![fault, good()]).await;
        let outcome = bench.outcome().await;
        assert!(matches!(outcome, Err(AwsError::Refused { status, .. }) if status == expected), "{outcome:?}");
        assert_eq!(bench.counts().await, (1, 0));
    }
}

#[tokio::test]
async fn silence_is_tried_again() {
    let bench = bench(vec![good().set_delay(Duration::from_secs(5)), good()]).await;
    let limits = CallLimits { max_attempts: 2, attempt_timeout: Duration::from_millis(100) };
    let sent = bench.context.client(AwsService::Ssm, limits).send(&AwsRequest::get(&["list"])).await;
    assert!(sent.is_ok());
    let once = CallLimits { max_attempts: 1, ..limits };
    Mock::given(any()).respond_with(good().set_delay(Duration::from_secs(5))).mount(&bench.server).await;
    let sent = bench.context.client(AwsService::Ssm, once).send(&AwsRequest::get(&["list"])).await;
    assert_eq!(sent.map(drop), Err(AwsError::TimedOut));
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let bench = bench(vec![good(), good()]).await;
    let request = AwsRequest::get(&["list"]);
    let sent = bench.client().send(&request.clone().with_max_response_bytes(3)).await;
    assert_eq!(sent.map(drop), Err(AwsError::TooLarge));
    assert!(bench.client().send(&request.with_max_response_bytes(4)).await.is_ok());
}

#[tokio::test]
async fn an_error_keeps_nothing_of_its_text() {
    let bench = bench(vec![busy(), busy(), busy()]).await;
    let error = bench.outcome().await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
}

const SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort";
const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Answers each connection with the next of these texts and hangs up.
async fn hasty_server(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a server of the test, which ends with the test's runtime")]
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.read(&mut [0; 4096]).await.unwrap();
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn connections_that_fail_are_tried_again() {
    let bench = bench(Vec::new()).await;
    let send = async |url: &str, max_attempts| {
        let limits = CallLimits { max_attempts, ..CallLimits::QUICK };
        let client = bench.context.client_at(AwsService::ApiGatewayConnections, url, limits);
        client.send(&AwsRequest::get(&["list"])).await.map(|response| response.body().clone())
    };
    assert_eq!(send(&hasty_server(&["", SHORT, WHOLE]).await, 3).await.unwrap(), "ok");
    assert_eq!(send(&hasty_server(&[""]).await, 1).await, Err(AwsError::Unreachable));
    assert_eq!(send(&hasty_server(&[SHORT]).await, 1).await, Err(AwsError::BrokenOff));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(send(&format!("http://{closed}"), 2).await, Err(AwsError::Unreachable));
    assert_eq!(send("not an address", 3).await, Err(AwsError::Unbuildable));
}
