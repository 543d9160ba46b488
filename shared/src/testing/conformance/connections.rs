//! Requirements for every adapter of [`ConnectionRegistry`]. Each check has connections of its own, so checks may share a
//! registry.

#![expect(clippy::expect_used, reason = "a check fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;

use crate::domain::{ClientRequestId, ConnectionId, Principal, PrincipalKind, TenantId, Timestamp, UserId};
use crate::store::{Acceptance, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStart, RunStatus};

/// Far in the future, so that no time to live deletes anything.
const NOW: Timestamp = Timestamp::from_millis(4_000_000_000_000);
const RUN_TIME: Duration = Duration::from_mins(17);

/// Runs every check; `fresh` returns a new id at each call.
///
/// # Panics
/// If the registry does something else.
pub async fn run_all(registry: &dyn ConnectionRegistry, mut fresh: impl FnMut() -> Uuid) {
    let mut world =
        || World { registry, id: ConnectionId::new(format!("{}#%=", fresh())), ids: [(); 40].map(|()| fresh()) };
    a_connection_is_found_until_it_is_closed(world()).await;
    a_client_without_groups_is_stored_too(world()).await;
    one_of_concurrent_requests_is_accepted_and_one_delivery_starts_it(world()).await;
    repeated_calls_have_the_same_outcome(world()).await;
    an_ended_run_does_not_affect_a_later_one_with_its_request_id(world()).await;
    a_cancelled_run_is_not_active(world()).await;
    a_connection_has_a_maximum_number_of_runs(world()).await;
    expired_runs_make_room(world()).await;
    a_closed_connection_stays_closed(world()).await;
    connections_do_not_share_runs(world(), world()).await;
}

struct World<'a> {
    registry: &'a dyn ConnectionRegistry,
    id: ConnectionId,
    ids: [Uuid; 40],
}

fn request_id(text: &str) -> ClientRequestId {
    ClientRequestId::parse(text).expect("a request id")
}

impl World<'_> {
    async fn opened(self) -> Self {
        self.registry.open(&self.id, &alice()).await.expect("it is opened");
        self
    }

    fn handle(&self, run: &str, dispatch: usize) -> RunHandle {
        let dispatch_id = *self.ids.get(dispatch).expect("there are enough");
        RunHandle { connection: self.id.clone(), request_id: request_id(run), dispatch_id }
    }

    async fn accept(&self, run: &RunHandle) -> Acceptance {
        self.accept_at(run, NOW).await
    }

    async fn accept_at(&self, run: &RunHandle, now: Timestamp) -> Acceptance {
        self.registry.accept(run, now, now.plus(RUN_TIME)).await.expect("an acceptance")
    }

    async fn start(&self, run: &RunHandle) -> RunStart {
        self.registry.start(run, run.dispatch_id).await.expect("an outcome")
    }

    async fn started(&self, run: &str, dispatch: usize) -> RunHandle {
        let run = self.handle(run, dispatch);
        assert_eq!(self.accept(&run).await, Acceptance::Accepted);
        assert_eq!(self.start(&run).await, RunStart::Started(alice().principal));
        run
    }

    async fn cancel(&self, run: &str) -> bool {
        self.registry.cancel(&self.id, &request_id(run)).await.expect("a cancellation")
    }

    async fn status(&self, run: &RunHandle) -> RunStatus {
        self.registry.status(run).await.expect("an answer")
    }

    async fn end(&self, run: &RunHandle) {
        self.registry.end(run).await.expect("it is deleted");
    }

    async fn find(&self) -> Option<(Connection, BTreeSet<String>)> {
        self.registry.find(&self.id).await.expect("an answer")
    }
}

fn alice() -> Connection {
    let groups: BTreeSet<String> = ["user", "admin"].map(str::to_owned).into();
    let (user, tenant) = (UserId::new("5f3c9d1e"), TenantId::new("acme"));
    let principal = Principal { kind: PrincipalKind::User, user, tenant, groups };
    Connection {
        principal,
        token_expires_at: NOW,
        token_origin: Some("5f3c".to_owned()),
        expires_at: NOW.plus(Duration::from_hours(2)),
    }
}

async fn a_connection_is_found_until_it_is_closed(world: World<'_>) {
    assert_eq!(world.find().await, None);
    let world = world.opened().await;
    assert_eq!(world.find().await, Some((alice(), BTreeSet::new())));
    world.started("r.1:a_b-c", 0).await;
    assert_eq!(world.find().await, Some((alice(), ["r.1:a_b-c".to_owned()].into())));
    for expected in [Some(alice()), None] {
        assert_eq!(world.registry.close(&world.id).await.expect("it is closed"), expected);
        assert_eq!(world.find().await, None);
    }
}

async fn a_client_without_groups_is_stored_too(world: World<'_>) {
    let (user, tenant) = (UserId::new("client:abc"), TenantId::default());
    let principal = Principal { kind: PrincipalKind::Client, user, tenant, groups: BTreeSet::new() };
    let connection = Connection {
        principal,
        token_expires_at: Timestamp::from_millis(1),
        token_origin: None,
        expires_at: NOW.plus(RUN_TIME),
    };
    world.registry.open(&world.id, &connection).await.expect("it is opened");
    assert_eq!(world.find().await.map(|(found, _)| found), Some(connection));
}

async fn one_of_concurrent_requests_is_accepted_and_one_delivery_starts_it(world: World<'_>) {
    let world = world.opened().await;
    let requests: Vec<RunHandle> = (0..5).map(|dispatch| world.handle("same", dispatch)).collect();
    let accepted = join_all(requests.iter().map(|request| world.accept(request))).await;
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::Accepted).count(), 1, "{accepted:?}");
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::RequestIdInUse).count(), 4, "{accepted:?}");
    let winner =
        requests.iter().zip(&accepted).find(|(_, one)| **one == Acceptance::Accepted).map(|(request, _)| request);
    let winner = winner.expect("there is one");
    let deliveries = world.ids.iter().take(5).map(|delivery| world.registry.start(winner, *delivery));
    let starts: Vec<RunStart> = join_all(deliveries).await.into_iter().map(|one| one.expect("an outcome")).collect();
    assert_eq!(starts.iter().filter(|one| **one == RunStart::Started(alice().principal)).count(), 1, "{starts:?}");
    assert_eq!(starts.iter().filter(|one| **one == RunStart::AlreadyClaimed).count(), 4, "{starts:?}");
    for loser in requests.iter().filter(|request| *request != winner) {
        assert_eq!(world.start(loser).await, RunStart::AlreadyClaimed);
        assert_eq!(world.status(loser).await, RunStatus::Unknown);
    }
    assert_eq!(world.status(winner).await, RunStatus::Active);
}

/// Repeats every call, as callers do after a lost answer.
async fn repeated_calls_have_the_same_outcome(world: World<'_>) {
    let world = world.opened().await;
    let run = world.handle("run", 0);
    for _ in 0..2 {
        assert_eq!(world.accept(&run).await, Acceptance::Accepted);
    }
    for _ in 0..2 {
        assert_eq!(world.start(&run).await, RunStart::Started(alice().principal));
    }
    for _ in 0..2 {
        assert!(world.cancel("run").await);
    }
    for _ in 0..2 {
        world.end(&run).await;
    }
    assert_eq!(world.start(&run).await, RunStart::AlreadyClaimed);
    assert!(!world.cancel("run").await);
}

async fn an_ended_run_does_not_affect_a_later_one_with_its_request_id(world: World<'_>) {
    let world = world.opened().await;
    let first = world.started("again", 0).await;
    assert!(world.cancel("again").await);
    world.end(&first).await;
    let second = world.handle("again", 1);
    assert_eq!(world.accept(&second).await, Acceptance::Accepted);
    assert_eq!(world.start(&first).await, RunStart::AlreadyClaimed, "a late delivery of the first one");
    world.end(&first).await;
    assert_eq!(world.status(&first).await, RunStatus::Unknown);
    assert_eq!(world.status(&second).await, RunStatus::Active, "no trace of the first one");
    assert_eq!(world.start(&second).await, RunStart::Started(alice().principal));
}

async fn a_cancelled_run_is_not_active(world: World<'_>) {
    let world = world.opened().await;
    assert!(!world.cancel("started").await, "there is no such run yet");
    let (started, other) = (world.started("started", 0).await, world.started("other", 1).await);
    let accepted = world.handle("accepted", 2);
    assert_eq!(world.accept(&accepted).await, Acceptance::Accepted);
    assert!(world.cancel("started").await && world.cancel("accepted").await);
    assert_eq!(world.status(&started).await, RunStatus::Cancelled);
    assert_eq!(world.status(&other).await, RunStatus::Active);
    assert_eq!(world.start(&accepted).await, RunStart::Cancelled);
}

async fn a_connection_has_a_maximum_number_of_runs(world: World<'_>) {
    let world = world.opened().await;
    for number in 0..MAX_RUNS {
        let run = world.handle(&format!("run-{number}"), number);
        assert_eq!(world.accept(&run).await, Acceptance::Accepted);
        if number % 2 == 0 {
            assert_eq!(world.start(&run).await, RunStart::Started(alice().principal));
        }
    }
    let one_more = world.handle("one-more", MAX_RUNS);
    assert_eq!(world.accept(&one_more).await, Acceptance::TooManyRuns);
    assert_eq!(world.accept(&world.handle("run-0", MAX_RUNS)).await, Acceptance::RequestIdInUse);
    world.end(&world.handle("run-0", 0)).await;
    assert_eq!(world.accept(&one_more).await, Acceptance::Accepted);
}

async fn expired_runs_make_room(world: World<'_>) {
    let world = world.opened().await;
    for number in 0..MAX_RUNS {
        world.started(&format!("run-{number}"), number).await;
    }
    let later = NOW.plus(RUN_TIME);
    let (same, new) = (world.handle("run-0", MAX_RUNS), world.handle("new", MAX_RUNS + 1));
    assert_eq!(world.accept_at(&new, later).await, Acceptance::Accepted);
    assert_eq!(world.accept_at(&same, later).await, Acceptance::Accepted);
    assert_eq!(world.start(&same).await, RunStart::Started(alice().principal));
}

async fn a_closed_connection_stays_closed(world: World<'_>) {
    let world = world.opened().await;
    let run = world.handle("run", 0);
    assert_eq!(world.accept(&run).await, Acceptance::Accepted);
    world.registry.close(&world.id).await.expect("it is closed");
    assert_eq!(world.status(&run).await, RunStatus::Unknown);
    assert_eq!(world.start(&run).await, RunStart::ConnectionClosed);
    assert!(!world.cancel("run").await);
    world.end(&run).await;
    assert_eq!(world.accept(&run).await, Acceptance::ConnectionClosed);
    assert_eq!(world.find().await, None, "no call creates it again");
}

async fn connections_do_not_share_runs(one: World<'_>, other: World<'_>) {
    let (one, other) = (one.opened().await, other.opened().await);
    let (own, others) = (one.started("same", 0).await, other.started("same", 0).await);
    assert!(one.cancel("same").await);
    assert_eq!(one.status(&own).await, RunStatus::Cancelled);
    assert_eq!(other.status(&others).await, RunStatus::Active);
}
