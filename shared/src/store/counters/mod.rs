//! The port that counts calls, for policies that limit how often an action may run.

mod port;

pub use port::{CallCount, CallCounter, CounterKey};
