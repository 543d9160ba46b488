//! A small HTTP/1.1 server on a free loopback port, for stand-ins that must also be able to misbehave:
//! close without an answer, stop in the middle of a body, or never answer.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{future::Future, io, net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// The body of an answer; an error in it cuts the connection.
pub type Body = UnsyncBoxBody<Bytes, Cut>;

/// The result of a handler: an answer, or `Err(Cut)` to close the connection without one.
pub type Reply = Result<Response<Body>, Cut>;

/// The stand-in closes the connection on purpose, or the other side did.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut")]
pub struct Cut;

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Serves `handler` on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start<H, F>(handler: H) -> io::Result<Self>
    where
        H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(handler)));
        Ok(Self { address, _tasks: tasks })
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn accept<H, F>(listener: TcpListener, handler: Arc<H>)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&handler)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve<H, F>(stream: TcpStream, handler: Arc<H>)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    // Without it, an answer in two writes waits up to 40 ms for the other side's delayed acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| handler(request));
    // A broken connection needs no report here: the other side notices it.
    let _broken = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Returns an answer with a body that is sent at once.
#[must_use]
pub fn answer(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Returns a JSON answer with status 200.
#[must_use]
pub fn json(body: impl Into<Bytes>) -> Response<Body> {
    answer(200, "application/json", body)
}

/// Reads the whole body of a request or answer.
///
/// # Errors
/// If the other side disconnected before its end.
pub async fn collect(body: Incoming) -> Result<Bytes, Cut> {
    body.collect().await.map(http_body_util::Collected::to_bytes).map_err(|_| Cut)
}
