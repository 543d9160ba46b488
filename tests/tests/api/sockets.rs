//! A WebSocket API around the handlers: connections, messages, and the frames that clients receive.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use openclaw::api::{RefusalAudit, ServerContext};
use openclaw::domain::ConnectionId;
use openclaw::lambda::{Handler, StreamedInvocation, WebSocketEvent, WebSocketResponse};
use openclaw::store::InMemoryConnections;
use openclaw::testing::tokens::ISSUED_AT;
use openclaw::testing::{FaultyRegistry, FixedRandom, Mailbox, RunQueue};
use openclaw::websocket::{
    ClientNotNotified, ConnectionPorts, RunWorker, StreamError, WebSocketHandler, WebSocketPorts,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::world::World;

/// The id of the connection that most tests use.
pub(crate) const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

/// A world with a WebSocket API.
pub(crate) struct Sockets {
    pub(crate) world: World,
    handler: WebSocketHandler,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) runs: Arc<RunQueue>,
    pub(crate) registry: Arc<FaultyRegistry<InMemoryConnections>>,
}

impl Sockets {
    pub(crate) fn new() -> Self {
        Self::with_origins(&[])
    }

    pub(crate) fn with_origins(origins: &[&str]) -> Self {
        Self::of(World::with_origins(origins))
    }

    fn of(mut world: World) -> Self {
        let (mailbox, runs) = (Mailbox::new(), RunQueue::new());
        let registry = Arc::new(FaultyRegistry::new(InMemoryConnections::new()));
        world.set_worker(RunWorker::new(ConnectionPorts {
            connections: Arc::clone(&registry) as _,
            sender: Arc::clone(&mailbox) as _,
            random: Arc::new(FixedRandom::default()),
        }));
        let handler = handler(&world, &registry, &mailbox, &runs, |_| {});
        Self { world, handler, mailbox, runs, registry }
    }

    /// Builds the function `websocket` again, from ports that the test changes.
    pub(crate) fn rebuild(&mut self, change: impl FnOnce(&mut WebSocketPorts)) {
        self.handler = handler(&self.world, &self.registry, &self.mailbox, &self.runs, change);
    }

    /// Creates a world with a connection of alice's.
    pub(crate) async fn connected() -> Self {
        Self::connected_to(World::new()).await
    }

    /// Creates a connection of alice's to a world.
    pub(crate) async fn connected_to(world: World) -> Self {
        let sockets = Self::of(world);
        let token = sockets.short_lived_token();
        let answer = sockets.connect(&json!({ "Authorization": format!("Bearer {token}") })).await;
        assert_eq!(answer.status(), 200, "{:?}", answer.body());
        sockets
    }

    /// Returns a token of alice's that is valid for an hour.
    pub(crate) fn short_lived_token(&self) -> String {
        let token = self.world.pool.access_token("alice").groups(&["tenant:acme", "user"]);
        token.expires_at(ISSUED_AT + 3600).signed()
    }

    /// Handles an event of API Gateway about the connection.
    pub(crate) async fn event(&self, kind: &str, more: Value) -> WebSocketResponse {
        self.event_of(CONNECTION, kind, more).await
    }

    /// Handles an event of API Gateway about a connection.
    pub(crate) async fn event_of(&self, connection: &str, kind: &str, more: Value) -> WebSocketResponse {
        let mut event = json!({
            "requestContext": {
                "routeKey": "$default", "eventType": kind, "connectionId": connection, "stage": "live",
                "requestId": "JKJaXmPLvHcESHA=", "identity": { "sourceIp": "192.0.2.7" },
            },
            "isBase64Encoded": false,
        });
        event.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        self.handle(event).await
    }

    pub(crate) async fn handle(&self, event: Value) -> WebSocketResponse {
        let event = serde_json::from_value(event).unwrap();
        self.try_to_handle(event).await.unwrap()
    }

    pub(crate) async fn try_to_handle(&self, event: WebSocketEvent) -> Result<WebSocketResponse, ClientNotNotified> {
        self.handler.handle(event, &self.world.invocation(Duration::from_secs(29))).await
    }

    /// Handles a handshake with these headers.
    pub(crate) async fn connect(&self, headers: &Value) -> WebSocketResponse {
        self.event("CONNECT", json!({ "headers": headers })).await
    }

    /// Handles a client's message, which is answered only by frames.
    pub(crate) async fn send(&self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    pub(crate) async fn send_text(&self, text: &str) {
        let answer = self.event("MESSAGE", json!({ "body": text })).await;
        assert_eq!((answer.status(), answer.body()), (200, None));
    }

    /// Lets the function that runs agents perform the oldest run.
    pub(crate) async fn perform_next(&self) {
        let run = self.runs.take().unwrap();
        self.perform_event(&run).await;
    }

    pub(crate) async fn perform_event(&self, run: &[u8]) {
        self.perform(run).await.unwrap();
    }

    /// Invokes the function that performs runs.
    pub(crate) async fn perform(&self, event: &[u8]) -> Result<(), StreamError> {
        let (respond, response) = oneshot::channel();
        let event = StreamedInvocation { event: event.to_vec().into(), respond };
        let result = self.world.stream.handle(event, &self.world.invocation(Duration::from_mins(15))).await;
        assert!(response.await.is_err(), "a run has no response");
        result
    }

    /// Sends a message, performs its run and returns the frames of both.
    pub(crate) async fn invoke(&self, message: &Value) -> Vec<Value> {
        let before = self.frames().len();
        self.send(message).await;
        self.perform_next().await;
        self.frames().split_off(before)
    }

    /// Returns the frames that were posted to the connection so far.
    pub(crate) fn frames(&self) -> Vec<Value> {
        let own = self.mailbox.frames().into_iter().map(|(to, frame)| {
            assert_eq!(to, ConnectionId::new(CONNECTION));
            serde_json::from_str(&frame).unwrap()
        });
        own.collect()
    }

    /// Checks that the only frame so far is the error of this request, and returns the problem.
    #[track_caller]
    pub(crate) fn is_error(&self, request_id: &str, status: u16) -> Value {
        let frames = self.frames();
        let [frame] = frames.as_slice() else { panic!("{frames:?}") };
        assert_eq!((&frame["event"], &frame["seq"]), (&json!("error"), &json!(0)), "{frame}");
        assert_eq!((&frame["request_id"], &frame["data"]["status"]), (&json!(request_id), &json!(status)), "{frame}");
        assert_eq!(frame["data"]["instance"], crate::world::REQUEST_ID);
        frame["data"].clone()
    }
}

fn handler(
    world: &World,
    registry: &Arc<FaultyRegistry<InMemoryConnections>>,
    mailbox: &Arc<Mailbox>,
    runs: &Arc<RunQueue>,
    change: impl FnOnce(&mut WebSocketPorts),
) -> WebSocketHandler {
    let mut ports = WebSocketPorts {
        agents: world.config.agents.values().cloned().collect(),
        connections: Arc::clone(registry) as _,
        leases: Arc::clone(&world.leases) as _,
        connection_limit: world.config.limits.connections,
        sender: Arc::clone(mailbox) as _,
        dispatcher: Arc::clone(runs) as _,
        random: Arc::new(FixedRandom::default()),
        refusals: RefusalAudit::new(Some(Arc::clone(&world.audit) as _)),
        access_token_in_query: false,
        allowed_cidrs: None,
    };
    change(&mut ports);
    WebSocketHandler::new(ServerContext { limit: Duration::from_secs(28), ..world.server() }, ports)
}

/// Returns the names of the events, in order. Checks that the frames are numbered without a gap and have the request id.
#[track_caller]
pub(crate) fn names<'a>(frames: &'a [Value], request_id: &str) -> Vec<&'a str> {
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!((&frame["seq"], &frame["request_id"]), (&json!(number), &json!(request_id)), "{frames:?}");
        let members: BTreeSet<&str> = frame.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["data", "event", "request_id", "seq"].into());
    }
    frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect()
}
