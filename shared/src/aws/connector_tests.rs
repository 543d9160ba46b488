use std::net::SocketAddr;

use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::aws::https_client;

/// Accepts one connection, reads one request to its end and lets `answer` write.
async fn serve_once<F, Fut>(answer: F) -> (SocketAddr, tokio::task::JoinHandle<String>)
where
    F: FnOnce(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a server of the test, joined at its end")]
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !is_whole(&request) {
            let read = socket.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "the request breaks off");
            request.extend_from_slice(&buffer[..read]);
        }
        answer(socket).await;
        String::from_utf8(request).unwrap()
    });
    (address, server)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

async fn call(request: HttpRequest, read_timeout: Option<Duration>) -> Result<HttpResponse, ConnectorError> {
    Connector { client: https_client(None).unwrap(), read_timeout }.call(request).await
}

fn post(address: SocketAddr, path: &str, body: &'static str) -> HttpRequest {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").unwrap();
    request.set_uri(format!("http://{address}{path}")).unwrap();
    request.headers_mut().insert("content-length", body.len().to_string());
    request.headers_mut().insert("x-amz-target", "Example");
    request
}

#[tokio::test]
async fn a_post_arrives_as_the_sdk_wrote_it() {
    let (address, server) = serve_once(|mut socket| async move {
        socket.write_all(b"HTTP/1.1 201 Created\r\nx-one: two\r\ncontent-length: 4\r\n\r\ndone").await.unwrap();
    })
    .await;
    let answer = call(post(address, "/model/a%3A0/converse", "hello"), None).await.unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    assert_eq!(answer.headers().get("x-one"), Some("two"));
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "done");
    let seen = server.await.unwrap();
    assert!(seen.starts_with("POST /model/a%3A0/converse HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("x-amz-target: Example\r\n") && seen.ends_with("\r\n\r\nhello"), "{seen}");
    assert_eq!(seen.to_ascii_lowercase().matches("content-length").count(), 1, "{seen}");
    assert!(!seen.to_ascii_lowercase().contains("transfer-encoding"), "{seen}");
}

#[tokio::test]
async fn a_get_is_answered() {
    let (address, server) = serve_once(|mut socket| async move {
        socket.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    })
    .await;
    let request = HttpRequest::get(format!("http://{address}/x?y=z")).unwrap();
    let answer = call(request, None).await.unwrap();
    assert_eq!(answer.status().as_u16(), 404);
    assert!(server.await.unwrap().starts_with("GET /x?y=z HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (address, server) = serve_once(|mut socket| async move {
        let head = b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
        socket.write_all(head).await.unwrap();
    })
    .await;
    let answer = call(post(address, "/", ""), None).await.unwrap();
    assert_eq!(answer.status().as_u16(), 307);
    server.await.unwrap();
}

#[tokio::test]
async fn a_body_arrives_piece_by_piece() {
    let (proceed, wait) = tokio::sync::oneshot::channel::<()>();
    let (address, server) = serve_once(|mut socket| async move {
        socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await.unwrap();
        wait.await.unwrap();
        socket.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
    })
    .await;
    let answer = call(post(address, "/", ""), None).await.unwrap();
    let mut body = answer.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
    proceed.send(()).unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "two");
    assert!(body.frame().await.is_none());
    server.await.unwrap();
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    let (address, server) = serve_once(|mut socket| async move {
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort").await.unwrap();
    })
    .await;
    let answer = call(post(address, "/", ""), None).await.unwrap();
    server.await.unwrap();
    assert!(answer.into_body().collect().await.is_err());
}

#[tokio::test]
async fn a_refused_connection_is_an_io_error_without_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = call(post(address, "/secret-path", ""), None).await.unwrap_err();
    assert!(error.is_io(), "{error:?}");
    assert!(!format!("{error:?}").contains("secret-path"), "{error:?}");
}

#[tokio::test]
async fn a_closed_connection_is_an_io_error() {
    let (address, server) = serve_once(|socket| async move { drop(socket) }).await;
    let error = call(post(address, "/", "x"), None).await.unwrap_err();
    assert!(error.is_io(), "{error:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let (done, wait) = tokio::sync::oneshot::channel::<()>();
    let (address, server) = serve_once(|socket| async move {
        wait.await.unwrap();
        drop(socket);
    })
    .await;
    let error = call(post(address, "/", "x"), Some(Duration::from_millis(50))).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    done.send(()).unwrap();
    server.await.unwrap();
}
