//! Scripted lookups, scripted servers and clients for the tests of the guard.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{AddressPolicy, EgressClient, EgressRequest, HostLookup, Redirects, SystemLookup};
use crate::aws::tls_config;
use crate::testing::ManualClock;

pub(super) const CLOSED: AddressPolicy = AddressPolicy { private: None, allows_loopback: false };
pub(super) const LOCAL: AddressPolicy = AddressPolicy { private: None, allows_loopback: true };
pub(super) const NOW_MS: u64 = 1_900_000_000_000;

/// A lookup whose answers come in this order; later lookups fail.
pub(super) struct ScriptedLookup(Mutex<VecDeque<Vec<IpAddr>>>);

impl ScriptedLookup {
    pub(super) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = answers.iter().map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect());
        Arc::new(Self(Mutex::new(parsed.collect())))
    }
}

#[async_trait]
impl HostLookup for ScriptedLookup {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

pub(super) fn client_with(policy: AddressPolicy, lookup: Arc<dyn HostLookup>) -> EgressClient {
    EgressClient::new(tls_config(None).unwrap(), policy, lookup, ManualClock::at(NOW_MS)).unwrap()
}

/// Returns a client that may call the scripted servers.
pub(super) fn local_client() -> EgressClient {
    client_with(LOCAL, Arc::new(SystemLookup))
}

/// Returns a request of which redirects are followed.
pub(super) fn request(method: Method, url: &str) -> EgressRequest {
    EgressRequest {
        method,
        redirects: Redirects::Followed,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: None,
        timeout: Duration::from_secs(20),
        max_response_bytes: 1000,
    }
}

/// A server that gives each connection the next of its answers, and keeps what it was sent.
pub(super) struct ScriptedServer {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl ScriptedServer {
    pub(super) async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let mut tasks = JoinSet::new();
        let heads = Arc::clone(&seen);
        tasks.spawn(async move {
            for answer in answers {
                let (socket, _) = listener.accept().await.unwrap();
                serve(socket, &answer, &heads).await;
            }
            // Later connections are accepted and never answered.
            std::future::pending::<()>().await;
        });
        Self { address, seen, _tasks: tasks }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the requests that arrived.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, answer: &[u8], seen: &Mutex<Vec<String>>) {
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    while !received.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let count = socket.read(&mut buffer).await.unwrap();
        if count == 0 {
            return;
        }
        received.extend_from_slice(&buffer[..count]);
    }
    seen.lock().unwrap().push(String::from_utf8(received).unwrap());
    // The client may have closed the connection after the part that it needs.
    let _ = socket.write_all(answer).await;
    let _ = socket.shutdown().await;
}

/// Returns an answer with this first line, these headers and this body.
pub(super) fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}
