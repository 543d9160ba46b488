//! Clients of a WebSocket and a function that runs agents, which do as they are told; and a registry that can be down.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::delivery::{ConnectionSender, PostError, RunDispatcher, StartRunError};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::store::{Acceptance, Beginning, Connection, ConnectionRegistry, RunHandle, RunStatus, StoreError};

/// Clients that keep what is posted to them.
#[derive(Debug, Default)]
pub struct Mailbox {
    frames: Mutex<Vec<(ConnectionId, String)>>,
    fault: Mutex<Option<Fault>>,
    delay: Mutex<Duration>,
}

/// What goes wrong with a frame.
#[derive(Debug)]
struct Fault {
    after: usize,
    error: PostError,
    is_over: bool,
}

impl Mailbox {
    /// A mailbox that takes everything at once.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was posted, in order.
    #[must_use]
    pub fn frames(&self) -> Vec<(ConnectionId, String)> {
        lock(&self.frames).clone()
    }

    /// When so many frames are there none is taken any more, for this reason.
    pub fn fail_after(&self, after: usize, error: PostError) {
        *lock(&self.fault) = Some(Fault { after, error, is_over: false });
    }

    /// When so many frames are there one is not taken, for this reason.
    pub fn fail_once_after(&self, after: usize, error: PostError) {
        *lock(&self.fault) = Some(Fault { after, error, is_over: true });
    }

    /// Each frame takes this long.
    pub fn slow_down(&self, delay: Duration) {
        *lock(&self.delay) = delay;
    }
}

#[async_trait]
impl ConnectionSender for Mailbox {
    async fn post(&self, to: &ConnectionId, frame: String) -> Result<(), PostError> {
        let delay = *lock(&self.delay);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut frames = lock(&self.frames);
        let mut fault = lock(&self.fault);
        if let Some(due) = fault.take_if(|fault| frames.len() >= fault.after) {
            let error = due.error.clone();
            *fault = Some(due).filter(|due| !due.is_over);
            return Err(error);
        }
        frames.push((to.clone(), frame));
        Ok(())
    }
}

/// Orders that wait for whoever carries them out.
#[derive(Debug, Default)]
pub struct OrderQueue {
    orders: Mutex<VecDeque<Vec<u8>>>,
    is_down: AtomicBool,
}

impl OrderQueue {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The oldest order.
    #[must_use]
    pub fn take(&self) -> Option<Vec<u8>> {
        lock(&self.orders).pop_front()
    }

    /// Takes no more orders.
    pub fn break_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl RunDispatcher for OrderQueue {
    async fn start(&self, order: Vec<u8>) -> Result<(), StartRunError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StartRunError("an injected fault".to_owned()));
        }
        lock(&self.orders).push_back(order);
        Ok(())
    }
}

/// A registry in front of another one, which can be down.
#[derive(Debug)]
pub struct FaultyRegistry<R> {
    inner: R,
    is_down: AtomicBool,
}

impl<R> FaultyRegistry<R> {
    /// A registry that does what `inner` does, until it breaks down.
    pub const fn new(inner: R) -> Self {
        Self { inner, is_down: AtomicBool::new(false) }
    }

    /// Fails from now on, or no more.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    fn up(&self) -> Result<&R, StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("an injected fault"))
        } else {
            Ok(&self.inner)
        }
    }
}

#[async_trait]
impl<R: ConnectionRegistry> ConnectionRegistry for FaultyRegistry<R> {
    async fn open(&self, id: &ConnectionId, connection: &Connection, forget_at: Timestamp) -> Result<(), StoreError> {
        self.up()?.open(id, connection, forget_at).await
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
        self.up()?.find(id).await
    }

    async fn close(&self, id: &ConnectionId) -> Result<(), StoreError> {
        self.up()?.close(id).await
    }

    async fn accept(&self, run: &RunHandle, now: Timestamp, over_at: Timestamp) -> Result<Acceptance, StoreError> {
        self.up()?.accept(run, now, over_at).await
    }

    async fn begin(&self, run: &RunHandle, delivery: Uuid) -> Result<Beginning, StoreError> {
        self.up()?.begin(run, delivery).await
    }

    async fn cancel(&self, id: &ConnectionId, name: &ClientRequestId) -> Result<bool, StoreError> {
        self.up()?.cancel(id, name).await
    }

    async fn standing(&self, run: &RunHandle) -> Result<RunStatus, StoreError> {
        self.up()?.standing(run).await
    }

    async fn end(&self, run: &RunHandle) -> Result<(), StoreError> {
        self.up()?.end(run).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
