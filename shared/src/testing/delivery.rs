//! Stand-ins for the clients of a WebSocket and for the queue of the function that runs agents.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::delivery::{ConnectionSender, DispatchError, RunDispatcher, SendError};
use crate::domain::ConnectionId;

/// Clients that keep what is posted to them.
#[derive(Debug, Default)]
pub struct Mailbox {
    frames: Mutex<Vec<(ConnectionId, String)>>,
    fault: Mutex<Option<Fault>>,
    delay: Mutex<Duration>,
}

/// An injected fault.
#[derive(Debug)]
struct Fault {
    after: usize,
    error: SendError,
    is_over: bool,
}

impl Mailbox {
    /// Creates a mailbox that accepts every frame at once.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Returns the frames that were posted, in order.
    #[must_use]
    pub fn frames(&self) -> Vec<(ConnectionId, String)> {
        lock(&self.frames).clone()
    }

    /// Makes every frame after the first `after` fail with this error.
    pub fn fail_after(&self, after: usize, error: SendError) {
        *lock(&self.fault) = Some(Fault { after, error, is_over: false });
    }

    /// Makes one frame after the first `after` fail with this error.
    pub fn fail_once_after(&self, after: usize, error: SendError) {
        *lock(&self.fault) = Some(Fault { after, error, is_over: true });
    }

    /// Makes each frame take this long.
    pub fn slow_down(&self, delay: Duration) {
        *lock(&self.delay) = delay;
    }
}

#[async_trait]
impl ConnectionSender for Mailbox {
    async fn send(&self, to: &ConnectionId, frame: String) -> Result<(), SendError> {
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

/// Dispatched runs that wait for a worker.
#[derive(Debug, Default)]
pub struct RunQueue {
    runs: Mutex<VecDeque<Vec<u8>>>,
    is_down: AtomicBool,
}

impl RunQueue {
    /// Creates an empty queue.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Removes the oldest run and returns its event.
    #[must_use]
    pub fn take(&self) -> Option<Vec<u8>> {
        lock(&self.runs).pop_front()
    }

    /// Makes all later runs fail to be dispatched.
    pub fn break_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl RunDispatcher for RunQueue {
    async fn dispatch(&self, event: Vec<u8>) -> Result<(), DispatchError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(DispatchError("an injected fault".to_owned()));
        }
        lock(&self.runs).push_back(event);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
