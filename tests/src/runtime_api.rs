//! A stand-in for the Lambda Runtime API, which drives a real function binary.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use openclaw_tests::{process::FunctionSpec, runtime_api::LambdaFunction};
//! use std::time::Duration;
//!
//! let spec = FunctionSpec::new("health", "target/lambda/health").with("OPENCLAW_LOCAL", "1");
//! let mut function = LambdaFunction::start(&spec).await?;
//! let invocation = function.invoke("{}", Duration::from_secs(3)).await?;
//! println!("first poll after {:?}, answered in {:?}", function.init(), invocation.wall);
//! # Ok(()) }
//! ```

pub use crate::invocation::{Chunk, Invocation, InvokeError, ReportedError, StartError};
use crate::{
    clock::{since_epoch, stamp_us},
    process::{FunctionSpec, Memory, Process},
    server::{Cut, Reply, Server, answer, collect},
};
use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::timeout,
};

const VERSION_PREFIX: &str = "/2018-06-01/runtime/";
/// The time within which a function has to start polling on the platform.
const INIT_LIMIT: Duration = Duration::from_secs(10);

type Outcome = Result<Vec<Chunk>, ReportedError>;

struct Pending {
    id: String,
    event: Bytes,
    deadline_ms: u128,
    arn: Arc<str>,
}

struct InFlight {
    handed_over: Instant,
    /// The number of pieces of the response after which the client disconnects.
    leaves_after: usize,
    outcome: oneshot::Sender<Outcome>,
}

struct Shared {
    next: tokio::sync::Mutex<mpsc::UnboundedReceiver<Pending>>,
    in_flight: Mutex<HashMap<String, InFlight>>,
    first_poll: OnceLock<Instant>,
    init_error: OnceLock<ReportedError>,
    started: Notify,
}

impl Shared {
    fn take(&self, id: &str) -> Option<InFlight> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let path = request.uri().path().strip_prefix(VERSION_PREFIX).unwrap_or_default().to_owned();
        match (request.method(), path.split('/').collect::<Vec<_>>().as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.hand_over().await,
            (&Method::POST, ["invocation", id, "response"]) => self.receive(id, request.into_body()).await,
            (&Method::POST, ["invocation", id, "error"]) => {
                let error = reported(request.into_body()).await?;
                if let Some(in_flight) = self.take(id) {
                    let _closed = in_flight.outcome.send(Err(error));
                }
                Ok(accepted())
            }
            (&Method::POST, ["init", "error"]) => {
                let _second = self.init_error.set(reported(request.into_body()).await?);
                self.started.notify_waiters();
                Ok(accepted())
            }
            _ => Ok(answer(404, "application/json", r#"{"errorType":"NotFound"}"#)),
        }
    }

    async fn hand_over(&self) -> Reply {
        if self.first_poll.set(Instant::now()).is_ok() {
            self.started.notify_waiters();
        }
        let Some(pending) = self.next.lock().await.recv().await else {
            return Err(Cut);
        };
        if let Some(in_flight) = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&pending.id) {
            in_flight.handed_over = Instant::now();
        }
        let mut response = answer(200, "application/json", pending.event);
        let headers = [
            ("lambda-runtime-aws-request-id", pending.id.clone()),
            ("lambda-runtime-deadline-ms", pending.deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", pending.arn.to_string()),
            ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned()),
        ];
        for (name, value) in headers {
            let value = HeaderValue::try_from(value).map_err(|_| Cut)?;
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }

    async fn receive(&self, id: &str, mut body: Incoming) -> Reply {
        let Some(InFlight { handed_over, leaves_after, outcome }) = self.take(id) else {
            return Ok(answer(400, "application/json", r#"{"errorType":"InvalidRequestID"}"#));
        };
        let mut chunks = Vec::new();
        while let Some(frame) = body.frame().await {
            if let Ok(bytes) = frame.map_err(|_| Cut)?.into_data() {
                chunks.push(Chunk { at: handed_over.elapsed(), stamp_us: stamp_us(), bytes });
            }
            if chunks.len() >= leaves_after {
                let _closed = outcome.send(Ok(chunks));
                return Err(Cut);
            }
        }
        let _closed = outcome.send(Ok(chunks));
        Ok(accepted())
    }
}

fn accepted() -> http::Response<crate::server::Body> {
    answer(202, "application/json", r#"{"status":"OK"}"#)
}

async fn reported(body: Incoming) -> Result<ReportedError, Cut> {
    let body = collect(body).await?;
    Ok(serde_json::from_slice(&body).unwrap_or_else(|_| ReportedError {
        error_type: "Unreadable".to_owned(),
        error_message: String::from_utf8_lossy(&body).into_owned(),
    }))
}

/// A started function that waits for events, one at a time, as on the platform.
pub struct LambdaFunction {
    process: Process,
    events: mpsc::UnboundedSender<Pending>,
    shared: Arc<Shared>,
    spawned: Instant,
    init: Duration,
    arn: Arc<str>,
    invocations: u64,
    _server: Server,
}

impl LambdaFunction {
    /// Starts the binary and waits for its first poll.
    ///
    /// # Errors
    /// If the binary cannot be run or does not poll in time; the text contains its output.
    pub async fn start(spec: &FunctionSpec) -> Result<Self, StartError> {
        let (events, next) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            next: tokio::sync::Mutex::new(next),
            in_flight: Mutex::default(),
            first_poll: OnceLock::new(),
            init_error: OnceLock::new(),
            started: Notify::new(),
        });
        let handler = Arc::clone(&shared);
        let server = Server::start(move |request| Arc::clone(&handler).handle(request)).await?;
        let spawned = Instant::now();
        let mut process = Process::spawn(spec, &server.address().to_string())?;
        let init = first_poll(&mut process, &shared, spawned).await?;
        let arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{}", spec.name).into();
        Ok(Self { process, events, shared, spawned, init, arn, invocations: 0, _server: server })
    }

    /// Returns the time from starting the process to its first poll.
    #[must_use]
    pub fn init(&self) -> Duration {
        self.init
    }

    /// Returns the time since the process was started.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.spawned.elapsed()
    }

    /// Invokes the function with one event and waits for the answer; `limit` becomes the deadline of the invocation.
    ///
    /// # Errors
    /// If the function reports an error, ends, or misses the deadline (it is killed then).
    pub async fn invoke(&mut self, event: impl Into<Bytes>, limit: Duration) -> Result<Invocation, InvokeError> {
        self.invoke_and_leave(event, limit, usize::MAX).await
    }

    /// Invokes the function as [`Self::invoke`] does, but cuts the connection after so many pieces of the response, as
    /// if the client disconnected.
    ///
    /// # Errors
    /// As [`Self::invoke`].
    pub async fn invoke_and_leave(
        &mut self,
        event: impl Into<Bytes>,
        limit: Duration,
        leaves_after: usize,
    ) -> Result<Invocation, InvokeError> {
        self.invocations += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.invocations);
        let deadline_ms = (since_epoch() + limit).as_millis();
        let (outcome, answered) = oneshot::channel();
        let in_flight = InFlight { handed_over: Instant::now(), leaves_after, outcome };
        self.shared.in_flight.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), in_flight);
        let arn = Arc::clone(&self.arn);
        let _server_lives_as_long = self.events.send(Pending { id, event: event.into(), deadline_ms, arn });
        tokio::select! {
            // An answer that came counts, even when the process ended right after it.
            biased;
            outcome = answered => match outcome {
                Ok(Ok(chunks)) => Ok(Invocation {
                    wall: chunks.last().map(|chunk| chunk.at).unwrap_or_default(),
                    chunks,
                }),
                Ok(Err(error)) => Err(InvokeError::Reported(error)),
                // The connection broke in the middle of the response: only a dying process does that.
                Err(_) => Err(InvokeError::Exited(self.process.child.wait().await?)),
            },
            status = self.process.child.wait() => Err(InvokeError::Exited(status?)),
            () = tokio::time::sleep(limit) => {
                self.process.child.kill().await?;
                Err(InvokeError::TimedOut)
            }
        }
    }

    /// Returns the processor time of the process so far, start included, without that of threads that have ended.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn cpu_time(&self) -> io::Result<Duration> {
        self.process.cpu_time()
    }

    /// Returns the memory of the process.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn memory(&self) -> io::Result<Memory> {
        self.process.memory()
    }

    /// Returns the standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.process.stdout.text()
    }

    /// Returns the standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.process.stderr.text()
    }
}

async fn first_poll(process: &mut Process, shared: &Shared, spawned: Instant) -> Result<Duration, StartError> {
    let started = shared.started.notified();
    let reason = tokio::select! {
        biased;
        waited = timeout(INIT_LIMIT, started) => match (waited, shared.init_error.get()) {
            (Ok(()), Some(error)) => format!("it reported {error}"),
            (Ok(()), None) => "it polled".to_owned(),
            (Err(_), _) => "ten seconds passed".to_owned(),
        },
        status = process.child.wait() => format!("it ended: {}", status?),
    };
    if let Some(polled) = shared.first_poll.get() {
        return Ok(polled.duration_since(spawned));
    }
    // The pipe may still hold the last words of a process that ended.
    tokio::time::sleep(Duration::from_millis(20)).await;
    Err(StartError::NoPoll { reason, stdout: process.stdout.text(), stderr: process.stderr.text() })
}
