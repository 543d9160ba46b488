//! A WebSocket API around the doors: connections, messages, and what is posted to clients.

use std::sync::Arc;
use std::time::Duration;

use openclaw::domain::ConnectionId;
use openclaw::http::{
    Front, RunPorts, RunsOrders, Untold, WebSocketEvent, WebSocketPorts, WebSocketResponse, order_in,
};
use openclaw::store::InMemoryConnections;
use openclaw::testing::tokens::ISSUED_AT;
use openclaw::testing::{FaultyRegistry, FixedRandom, Mailbox, OrderQueue};
use serde_json::{Value, json};

use crate::world::World;

/// The connection that most tests have.
pub(crate) const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

/// A world with a WebSocket API.
pub(crate) struct Sockets {
    pub(crate) world: World,
    pub(crate) door: websocket::FunctionDoor,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) orders: Arc<OrderQueue>,
    pub(crate) registry: Arc<FaultyRegistry<InMemoryConnections>>,
}

impl Sockets {
    pub(crate) fn new() -> Self {
        Self::with_origins(&[])
    }

    pub(crate) fn with_origins(origins: &[&str]) -> Self {
        let mut world = World::with_origins(origins);
        let (mailbox, orders) = (Mailbox::new(), OrderQueue::new());
        let registry = Arc::new(FaultyRegistry::new(InMemoryConnections::new()));
        // Apart from the run's, whose ids so are those of the other roads.
        let random = Arc::new(FixedRandom::default());
        world.stream.road = Some(RunPorts {
            connections: Arc::clone(&registry) as _,
            frames: Arc::clone(&mailbox) as _,
            random: Arc::clone(&random) as _,
        });
        let of_agent = &world.agent.front;
        let front = Front {
            verifier: of_agent.verifier.clone(),
            allowed_origins: of_agent.allowed_origins.clone(),
            limit: Duration::from_secs(28),
            clock: Arc::clone(&of_agent.clock),
            metrics: Arc::clone(&of_agent.metrics),
        };
        let agents = world.agent.ports.agents.iter().map(|(name, (agent, _))| (name.clone(), Arc::clone(agent)));
        let ports = WebSocketPorts {
            agents: agents.collect(),
            connections: Arc::clone(&registry) as _,
            frames: Arc::clone(&mailbox) as _,
            runs: Arc::clone(&orders) as _,
            random: Arc::clone(&random) as _,
            access_token_in_query: false,
            allowed_cidrs: None,
        };
        Self { world, door: websocket::FunctionDoor { front, ports }, mailbox, orders, registry }
    }

    /// With a connection of alice's.
    pub(crate) async fn connected() -> Self {
        let sockets = Self::new();
        let token = sockets.short_lived_token();
        let answer = sockets.connect(&json!({ "Authorization": format!("Bearer {token}") })).await;
        assert_eq!(answer.status(), 200, "{:?}", answer.body());
        sockets
    }

    /// A token of alice's that is good for an hour.
    pub(crate) fn short_lived_token(&self) -> String {
        let token = self.world.pool.access_token("alice").groups(&["tenant:acme", "user"]);
        token.expires_at(ISSUED_AT + 3600).signed()
    }

    /// What API Gateway sends about the connection.
    pub(crate) async fn event(&self, kind: &str, more: Value) -> WebSocketResponse {
        let mut event = json!({
            "requestContext": {
                "routeKey": "$default", "eventType": kind, "connectionId": CONNECTION, "stage": "live",
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

    pub(crate) async fn try_to_handle(&self, event: WebSocketEvent) -> Result<WebSocketResponse, Untold> {
        websocket::handle(&self.door, event, &self.world.invocation(Duration::from_secs(29))).await
    }

    /// A handshake with these headers.
    pub(crate) async fn connect(&self, headers: &Value) -> WebSocketResponse {
        self.event("CONNECT", json!({ "headers": headers })).await
    }

    /// A client's message; nothing is answered but by frames.
    pub(crate) async fn say(&self, message: &Value) {
        self.say_text(&message.to_string()).await;
    }

    pub(crate) async fn say_text(&self, text: &str) {
        let answer = self.event("MESSAGE", json!({ "body": text })).await;
        assert_eq!((answer.status(), answer.body()), (200, None));
    }

    /// Lets the function that runs agents carry out the oldest order.
    pub(crate) async fn carry_out(&self) {
        let order = self.orders.take().unwrap();
        self.carry_out_this(&order).await;
    }

    pub(crate) async fn carry_out_this(&self, order: &[u8]) {
        let order = order_in(order).unwrap().unwrap();
        let invocation = self.world.invocation(Duration::from_mins(15));
        self.world.stream.carry_out(order, &invocation).await.unwrap();
    }

    /// An invocation and all that comes of it.
    pub(crate) async fn invoke(&self, message: &Value) -> Vec<Value> {
        let before = self.frames().len();
        self.say(message).await;
        self.carry_out().await;
        self.frames().split_off(before)
    }

    /// What was posted to the connection so far.
    pub(crate) fn frames(&self) -> Vec<Value> {
        let own = self.mailbox.frames().into_iter().map(|(to, frame)| {
            assert_eq!(to, ConnectionId::new(CONNECTION));
            serde_json::from_str(&frame).unwrap()
        });
        own.collect()
    }

    /// The only frame so far: the error of this request.
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

/// The events' names, in order; the frames are numbered without a gap and have the request's name.
#[track_caller]
pub(crate) fn names<'a>(frames: &'a [Value], request_id: &str) -> Vec<&'a str> {
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!((&frame["seq"], &frame["request_id"]), (&json!(number), &json!(request_id)), "{frames:?}");
        let members: Vec<&String> = frame.as_object().unwrap().keys().collect();
        assert_eq!(members, ["data", "event", "request_id", "seq"]);
    }
    frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect()
}
