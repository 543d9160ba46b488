//! What every registry of connections must do. A check has connections of its own, so checks may share a registry.

#![expect(clippy::expect_used, reason = "a check fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;

use crate::domain::{ClientRequestId, ConnectionId, Principal, PrincipalKind, TenantId, Timestamp, UserId};
use crate::store::{Acceptance, Beginning, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStatus};

/// Far ahead, so that no time to live deletes anything.
const NOW: Timestamp = Timestamp::from_millis(4_000_000_000_000);
const A_WHILE: Duration = Duration::from_mins(17);

/// Runs every check; `fresh` gives an id that was not there before.
///
/// # Panics
/// When the registry does something else.
pub async fn run_all(registry: &dyn ConnectionRegistry, mut fresh: impl FnMut() -> Uuid) {
    let mut world =
        || World { registry, id: ConnectionId::new(format!("{}#%=", fresh())), ids: [(); 40].map(|()| fresh()) };
    a_connection_is_there_until_it_is_closed(world()).await;
    a_program_without_groups_is_kept_too(world()).await;
    of_twins_one_is_accepted_and_of_deliveries_one_begins(world()).await;
    a_call_again_is_the_same_call(world()).await;
    an_order_that_is_over_touches_no_later_one(world()).await;
    what_is_called_off_is_not_wanted(world()).await;
    a_connection_has_room_for_so_many_runs(world()).await;
    runs_that_nobody_has_ended_make_room_in_the_end(world()).await;
    what_is_closed_stays_closed(world()).await;
    a_run_is_its_connections_own(world(), world()).await;
}

struct World<'a> {
    registry: &'a dyn ConnectionRegistry,
    id: ConnectionId,
    ids: [Uuid; 40],
}

fn name(text: &str) -> ClientRequestId {
    ClientRequestId::parse(text).expect("a name")
}

impl World<'_> {
    async fn opened(self) -> Self {
        self.registry.open(&self.id, &alice(), NOW.plus(Duration::from_hours(2))).await.expect("it is opened");
        self
    }

    fn ticket(&self, run: &str, order: usize) -> RunHandle {
        let order = *self.ids.get(order).expect("there are enough");
        RunHandle { connection: self.id.clone(), name: name(run), order }
    }

    async fn accept(&self, run: &RunHandle) -> Acceptance {
        self.accept_at(run, NOW).await
    }

    async fn accept_at(&self, run: &RunHandle, now: Timestamp) -> Acceptance {
        self.registry.accept(run, now, now.plus(A_WHILE)).await.expect("an acceptance")
    }

    async fn begin(&self, run: &RunHandle) -> Beginning {
        self.registry.begin(run, run.order).await.expect("a beginning")
    }

    async fn going(&self, run: &str, order: usize) -> RunHandle {
        let run = self.ticket(run, order);
        assert_eq!(self.accept(&run).await, Acceptance::Accepted);
        assert_eq!(self.begin(&run).await, Beginning::Begun);
        run
    }

    async fn cancel(&self, run: &str) -> bool {
        self.registry.cancel(&self.id, &name(run)).await.expect("a cancellation")
    }

    async fn standing(&self, run: &RunHandle) -> RunStatus {
        self.registry.standing(run).await.expect("a look")
    }

    async fn end(&self, run: &RunHandle) {
        self.registry.end(run).await.expect("it is forgotten");
    }

    async fn find(&self) -> Option<(Connection, BTreeSet<String>)> {
        self.registry.find(&self.id).await.expect("a look")
    }
}

fn alice() -> Connection {
    let groups: BTreeSet<String> = ["user", "admin"].map(str::to_owned).into();
    let (user, tenant) = (UserId::new("5f3c9d1e"), TenantId::new("acme"));
    Connection { principal: Principal { kind: PrincipalKind::User, user, tenant, groups }, until: NOW }
}

async fn a_connection_is_there_until_it_is_closed(world: World<'_>) {
    assert_eq!(world.find().await, None);
    let world = world.opened().await;
    assert_eq!(world.find().await, Some((alice(), BTreeSet::new())));
    world.going("r.1:a_b-c", 0).await;
    assert_eq!(world.find().await, Some((alice(), ["r.1:a_b-c".to_owned()].into())));
    for _ in 0..2 {
        world.registry.close(&world.id).await.expect("it is closed");
        assert_eq!(world.find().await, None);
    }
}

async fn a_program_without_groups_is_kept_too(world: World<'_>) {
    let (user, tenant) = (UserId::new("client:abc"), TenantId::default());
    let principal = Principal { kind: PrincipalKind::Client, user, tenant, groups: BTreeSet::new() };
    let connection = Connection { principal, until: Timestamp::from_millis(1) };
    world.registry.open(&world.id, &connection, NOW).await.expect("it is opened");
    assert_eq!(world.find().await.map(|(found, _)| found), Some(connection));
}

async fn of_twins_one_is_accepted_and_of_deliveries_one_begins(world: World<'_>) {
    let world = world.opened().await;
    let twins: Vec<RunHandle> = (0..5).map(|order| world.ticket("same", order)).collect();
    let accepted = join_all(twins.iter().map(|twin| world.accept(twin))).await;
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::Accepted).count(), 1, "{accepted:?}");
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::Taken).count(), 4, "{accepted:?}");
    let winner = twins.iter().zip(&accepted).find(|(_, one)| **one == Acceptance::Accepted).map(|(twin, _)| twin);
    let winner = winner.expect("there is one");
    let deliveries = world.ids.iter().take(5).map(|delivery| world.registry.begin(winner, *delivery));
    let begun: Vec<Beginning> = join_all(deliveries).await.into_iter().map(|one| one.expect("a beginning")).collect();
    assert_eq!(begun.iter().filter(|one| **one == Beginning::Begun).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|one| **one == Beginning::AlreadyClaimed).count(), 4, "{begun:?}");
    for loser in twins.iter().filter(|twin| *twin != winner) {
        assert_eq!(world.begin(loser).await, Beginning::AlreadyClaimed);
        assert_eq!(world.standing(loser).await, RunStatus::Unknown);
    }
    assert_eq!(world.standing(winner).await, RunStatus::Wanted);
}

/// The answer to a call may be lost, and the call made again.
async fn a_call_again_is_the_same_call(world: World<'_>) {
    let world = world.opened().await;
    let run = world.ticket("run", 0);
    for _ in 0..2 {
        assert_eq!(world.accept(&run).await, Acceptance::Accepted);
    }
    for _ in 0..2 {
        assert_eq!(world.begin(&run).await, Beginning::Begun);
    }
    for _ in 0..2 {
        assert!(world.cancel("run").await);
    }
    for _ in 0..2 {
        world.end(&run).await;
    }
    assert_eq!(world.begin(&run).await, Beginning::AlreadyClaimed);
    assert!(!world.cancel("run").await);
}

async fn an_order_that_is_over_touches_no_later_one(world: World<'_>) {
    let world = world.opened().await;
    let first = world.going("again", 0).await;
    assert!(world.cancel("again").await);
    world.end(&first).await;
    let second = world.ticket("again", 1);
    assert_eq!(world.accept(&second).await, Acceptance::Accepted);
    assert_eq!(world.begin(&first).await, Beginning::AlreadyClaimed, "a late delivery of the first one");
    world.end(&first).await;
    assert_eq!(world.standing(&first).await, RunStatus::Unknown);
    assert_eq!(world.standing(&second).await, RunStatus::Wanted, "no trace of the first one");
    assert_eq!(world.begin(&second).await, Beginning::Begun);
}

async fn what_is_called_off_is_not_wanted(world: World<'_>) {
    let world = world.opened().await;
    assert!(!world.cancel("going").await, "there is no such run yet");
    let (going, other) = (world.going("going", 0).await, world.going("other", 1).await);
    let waiting = world.ticket("waiting", 2);
    assert_eq!(world.accept(&waiting).await, Acceptance::Accepted);
    assert!(world.cancel("going").await && world.cancel("waiting").await);
    assert_eq!(world.standing(&going).await, RunStatus::CalledOff);
    assert_eq!(world.standing(&other).await, RunStatus::Wanted);
    assert_eq!(world.begin(&waiting).await, Beginning::Cancelled);
}

async fn a_connection_has_room_for_so_many_runs(world: World<'_>) {
    let world = world.opened().await;
    for number in 0..MAX_RUNS {
        let run = world.ticket(&format!("run-{number}"), number);
        assert_eq!(world.accept(&run).await, Acceptance::Accepted);
        if number % 2 == 0 {
            assert_eq!(world.begin(&run).await, Beginning::Begun);
        }
    }
    let one_more = world.ticket("one-more", MAX_RUNS);
    assert_eq!(world.accept(&one_more).await, Acceptance::Full);
    assert_eq!(world.accept(&world.ticket("run-0", MAX_RUNS)).await, Acceptance::Taken);
    world.end(&world.ticket("run-0", 0)).await;
    assert_eq!(world.accept(&one_more).await, Acceptance::Accepted);
}

async fn runs_that_nobody_has_ended_make_room_in_the_end(world: World<'_>) {
    let world = world.opened().await;
    for number in 0..MAX_RUNS {
        world.going(&format!("run-{number}"), number).await;
    }
    let later = NOW.plus(A_WHILE);
    let (same, new) = (world.ticket("run-0", MAX_RUNS), world.ticket("new", MAX_RUNS + 1));
    assert_eq!(world.accept_at(&new, later).await, Acceptance::Accepted);
    assert_eq!(world.accept_at(&same, later).await, Acceptance::Accepted);
    assert_eq!(world.begin(&same).await, Beginning::Begun);
}

async fn what_is_closed_stays_closed(world: World<'_>) {
    let world = world.opened().await;
    let run = world.ticket("run", 0);
    assert_eq!(world.accept(&run).await, Acceptance::Accepted);
    world.registry.close(&world.id).await.expect("it is closed");
    assert_eq!(world.standing(&run).await, RunStatus::Unknown);
    assert_eq!(world.begin(&run).await, Beginning::AlreadyClaimed);
    assert!(!world.cancel("run").await);
    world.end(&run).await;
    assert_eq!(world.accept(&run).await, Acceptance::Closed);
    assert_eq!(world.find().await, None, "nothing has made it anew");
}

async fn a_run_is_its_connections_own(one: World<'_>, other: World<'_>) {
    let (one, other) = (one.opened().await, other.opened().await);
    let (own, others) = (one.going("same", 0).await, other.going("same", 0).await);
    assert!(one.cancel("same").await);
    assert_eq!(one.standing(&own).await, RunStatus::CalledOff);
    assert_eq!(other.standing(&others).await, RunStatus::Wanted);
}
