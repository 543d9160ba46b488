use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};

use super::test_support::{CLOSED, LOCAL, ScriptedLookup, ScriptedServer, answer, client_with, local_client, request};
use super::{EgressError, EgressRequest, EgressResponse, Redirects, RefusedRedirect, RefusedUrl, Stage, SystemLookup};
use crate::domain::ForbiddenAddress;

const MIB: usize = 1024 * 1024;

async fn get(server: &ScriptedServer, path: &str) -> Result<EgressResponse, EgressError> {
    local_client().send(request(Method::GET, &server.url(path))).await
}

async fn failure(server: &ScriptedServer, path: &str) -> EgressError {
    get(server, path).await.unwrap_err()
}

#[tokio::test]
async fn a_request_arrives_as_it_was_given() {
    let server = ScriptedServer::start(vec![answer("201 Created\r\nx-one: two", b"done")]).await;
    let mut post = request(Method::POST, &server.url("/tickets?full=1#part"));
    post.headers.insert("idempotency-key", HeaderValue::from_static("run/1"));
    post.body = Some(Bytes::from_static(b"hello"));
    let response = local_client().send(post).await.unwrap();
    assert_eq!((response.status, response.headers["x-one"].as_bytes()), (StatusCode::CREATED, &b"two"[..]));
    assert_eq!((response.body.as_slice(), response.total_bytes, response.is_cut()), (&b"done"[..], 4, false));
    let seen = server.seen().join("").to_ascii_lowercase();
    assert!(
        seen.starts_with("post /tickets?full=1 http/1.1\r\n") && seen.contains("idempotency-key: run/1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("content-length: 5\r\n"), "{seen}");
    for absent in ["cookie", "referer", "authorization", "accept-encoding", "user-agent"] {
        assert!(!seen.contains(absent), "{absent} in {seen}");
    }
}

#[tokio::test]
async fn loopback_is_refused_unless_it_is_allowed() {
    let server = ScriptedServer::start(vec![]).await;
    let client = client_with(CLOSED, std::sync::Arc::new(SystemLookup));
    let port = server.address.port();
    for (url, expected) in [
        (server.url("/"), EgressError::Url(RefusedUrl::Scheme)),
        (format!("https://127.0.0.1:{port}/"), EgressError::Forbidden(ForbiddenAddress::Loopback)),
        (format!("https://localhost:{port}/"), EgressError::Forbidden(ForbiddenAddress::Loopback)),
        (format!("https://[::1]:{port}/"), EgressError::Forbidden(ForbiddenAddress::Loopback)),
    ] {
        assert_eq!(client.send(request(Method::GET, &url)).await.unwrap_err(), expected, "{url}");
    }
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_that_is_rebound_is_refused_on_the_second_request() {
    // This server keeps its connections open, so that the second request could use the first one's.
    let server = wiremock::MockServer::start().await;
    let ok = wiremock::ResponseTemplate::new(200).set_body_string("first");
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(ok).mount(&server).await;
    let lookup = ScriptedLookup::new(&[&["127.0.0.1"], &["169.254.169.254"], &["127.0.0.1", "10.0.0.1"]]);
    let client = client_with(LOCAL, lookup);
    let url = format!("http://localhost:{}/", server.address().port());
    assert_eq!(client.send(request(Method::GET, &url)).await.unwrap().body, b"first");
    for expected in [ForbiddenAddress::Metadata, ForbiddenAddress::Private] {
        let refused = client.send(request(Method::GET, &url)).await.unwrap_err();
        assert_eq!(refused, EgressError::Forbidden(expected));
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_published_name_leads_to_loopback_nowhere() {
    let server = ScriptedServer::start(vec![]).await;
    let client = client_with(LOCAL, ScriptedLookup::new(&[&["127.0.0.1"]]));
    let url = format!("https://rebound.example.com:{}/", server.address.port());
    let refused = client.send(request(Method::GET, &url)).await.unwrap_err();
    assert_eq!(refused, EgressError::Forbidden(ForbiddenAddress::Loopback));
}

#[tokio::test]
async fn a_name_without_addresses_and_a_closed_port_are_unreachable() {
    let client = client_with(LOCAL, ScriptedLookup::new(&[]));
    let unknown = client.send(request(Method::GET, "https://unknown.example.com/")).await.unwrap_err();
    assert_eq!(unknown, EgressError::Failed(Stage::Lookup));
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = client.send(request(Method::GET, &format!("http://{closed}/"))).await.unwrap_err();
    assert_eq!(refused, EgressError::Failed(Stage::Connection));
}

#[tokio::test]
async fn a_server_without_tls_is_refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let serve = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, &answer("200 OK", b"plain")).await.unwrap();
        socket
    };
    let client = local_client();
    let (response, _socket) = tokio::join!(client.send(request(Method::GET, &url)), serve);
    assert_eq!(response.unwrap_err(), EgressError::Tls);
}

#[tokio::test]
async fn a_redirect_within_the_host_is_followed() {
    let redirect = answer("302 Found\r\nlocation: /new", b"moved");
    let server = ScriptedServer::start(vec![redirect, answer("200 OK", b"here")]).await;
    assert_eq!(get(&server, "/old").await.unwrap().body, b"here");
    let seen = server.seen();
    assert!(seen[0].starts_with("GET /old ") && seen[1].starts_with("GET /new "), "{seen:?}");
    assert!(!seen[1].contains("referer"));
}

#[tokio::test]
async fn redirects_off_the_host_are_refused() {
    let port_change = "302 Found\r\nlocation: http://127.0.0.1:9/".to_owned();
    let metadata = "302 Found\r\nlocation: http://169.254.169.254/latest/meta-data".to_owned();
    for head in [metadata, port_change, "307 Temporary Redirect\r\nlocation: http://localhost/".to_owned()] {
        let server = ScriptedServer::start(vec![answer(&head, b"")]).await;
        assert_eq!(failure(&server, "/").await, EgressError::Redirect(RefusedRedirect::OtherOrigin), "{head}");
    }
}

#[tokio::test]
async fn a_redirected_host_is_looked_up_again() {
    let server = ScriptedServer::start(vec![answer("302 Found\r\nlocation: /new", b"")]).await;
    let client = client_with(LOCAL, ScriptedLookup::new(&[&["127.0.0.1"], &["169.254.169.254"]]));
    let url = format!("http://localhost:{}/", server.address.port());
    let refused = client.send(request(Method::GET, &url)).await.unwrap_err();
    assert_eq!(refused, EgressError::Redirect(RefusedRedirect::Forbidden), "the first place was called");
}

#[tokio::test]
async fn redirects_end() {
    let redirect = answer("302 Found\r\nlocation: /again", b"");
    let server = ScriptedServer::start(vec![redirect; 9]).await;
    assert_eq!(failure(&server, "/").await, EgressError::Redirect(RefusedRedirect::TooMany));
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_redirected_write_fails() {
    for status in ["301 Moved", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let server = ScriptedServer::start(vec![answer(&format!("{status}\r\nlocation: /new"), b"")]).await;
        // A GET may be a write, too.
        let write = EgressRequest { redirects: Redirects::Refused, ..request(Method::GET, &server.url("/old")) };
        let failure = local_client().send(write).await.unwrap_err();
        assert_eq!(failure, EgressError::Redirect(RefusedRedirect::Write), "{status}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_never_returns_times_out() {
    let silent = ScriptedServer::start(vec![]).await;
    let stalled = ScriptedServer::start(vec![b"HTTP/1.1 200 OK\r\n".to_vec()]).await;
    // The second connection is accepted and never answered.
    let redirected = ScriptedServer::start(vec![answer("302 Found\r\nlocation: /new", b"")]).await;
    for (server, expected) in [
        (&silent, EgressError::TimedOut),
        (&stalled, EgressError::Failed(Stage::Response)),
        (&redirected, EgressError::TimedOut),
    ] {
        let mut slow = request(Method::GET, &server.url("/"));
        slow.timeout = Duration::from_millis(200);
        let begun = Instant::now();
        assert_eq!(local_client().send(slow).await.unwrap_err(), expected);
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_slow_body_times_out() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut slow = request(Method::GET, &format!("http://{}/", listener.local_addr().unwrap()));
    slow.timeout = Duration::from_millis(300);
    let drip = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        // A response before the request would be an error of its own.
        assert_ne!(tokio::io::AsyncReadExt::read(&mut socket, &mut [0; 4096]).await.unwrap(), 0);
        let mut chunk = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_vec();
        while tokio::io::AsyncWriteExt::write_all(&mut socket, &chunk).await.is_ok() {
            chunk = b"x".to_vec();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let client = local_client();
    let failure = tokio::select! {
        result = client.send(slow) => result.unwrap_err(),
        () = drip => panic!("the client closed the connection first"),
    };
    assert_eq!(failure, EgressError::TimedOut);
}

#[tokio::test]
async fn a_broken_body_is_an_error() {
    let server = ScriptedServer::start(vec![b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()]).await;
    assert_eq!(failure(&server, "/").await, EgressError::Failed(Stage::Body));
}

#[tokio::test]
async fn a_long_body_is_cut_and_counted() {
    let long = vec![b'x'; 10 * MIB];
    let unannounced = |length: usize| {
        let mut response = b"HTTP/1.0 200 OK\r\n\r\n".to_vec();
        response.resize(response.len() + length, b'x');
        response
    };
    let answers = vec![
        answer("200 OK", &long),
        unannounced(5 * MIB),
        unannounced(1001),
        unannounced(1000),
        unannounced(30 * MIB),
    ];
    let server = ScriptedServer::start(answers).await;
    for expected in [10 * MIB, 5 * MIB, 1001, 1000] {
        let response = get(&server, "/").await.unwrap();
        assert_eq!((response.body.len(), response.total_bytes), (1000.min(expected), expected as u64));
        assert_eq!(response.is_cut(), expected > 1000);
    }
    let endless = get(&server, "/").await.unwrap();
    assert!((10 * MIB as u64..11 * MIB as u64).contains(&endless.total_bytes), "{}", endless.total_bytes);
    assert_eq!(endless.body.len(), 1000);
}

#[tokio::test]
async fn the_length_of_an_absent_body_is_not_cut() {
    let server = ScriptedServer::start(vec![b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n".to_vec()]).await;
    let response = local_client().send(request(Method::HEAD, &server.url("/"))).await.unwrap();
    assert_eq!((response.total_bytes, response.is_cut()), (0, false));
}

#[tokio::test]
async fn headers_of_the_connection_may_not_be_set() {
    let server = ScriptedServer::start(vec![]).await;
    for name in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE] {
        let mut smuggled = request(Method::POST, &server.url("/"));
        smuggled.headers.insert(name.clone(), HeaderValue::from_static("a"));
        assert_eq!(local_client().send(smuggled).await.unwrap_err(), EgressError::ReservedHeader(name));
    }
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn errors_and_debug_output_hold_no_content() {
    let server =
        ScriptedServer::start(vec![answer("302 Found\r\nlocation: http://other/?q=hidden-a", b"hidden-b")]).await;
    let mut secret = request(Method::GET, &server.url("/hidden-c?q=hidden-d"));
    secret.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("hidden-e"));
    secret.body = Some(Bytes::from_static(b"hidden-f"));
    let shown_request = format!("{secret:?}");
    let failure = local_client().send(secret).await.unwrap_err();
    let response = EgressResponse {
        status: StatusCode::OK,
        headers: [(header::SET_COOKIE, HeaderValue::from_static("hidden-g"))].into_iter().collect(),
        body: b"hidden-h".to_vec(),
        total_bytes: 8,
    };
    let shown = format!("{shown_request} {failure:?} {failure} {response:?}");
    assert!(!shown.contains("hidden-"), "{shown}");
}
