//! The targets of `fuzz/` for tokens and key sets; the tests run them briefly too.
#![expect(clippy::panic, clippy::missing_panics_doc, reason = "a fuzz target fails by panicking")]

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use futures_util::future::FutureExt;

use super::ManualClock;
use super::tokens::{ISSUED_AT, TestPool};
use crate::auth::{CognitoVerifier, KeySet, KeySetError, KeySetSource, TokenVerifier};

/// Verifies the bytes as a token of a pool that has signed none: every token is refused.
pub fn token(bytes: &[u8]) {
    static VERIFIER: OnceLock<CognitoVerifier> = OnceLock::new();
    let verifier = VERIFIER.get_or_init(|| {
        let pool = TestPool::new();
        let keys = Arc::new(Keys(pool.jwks_json()));
        CognitoVerifier::new(pool.settings(), keys, ManualClock::at(ISSUED_AT * 1000))
    });
    let Ok(token) = std::str::from_utf8(bytes) else { return };
    match verifier.verify(token).now_or_never() {
        Some(Err(_)) => {}
        Some(Ok(_)) => panic!("a token that nobody has signed is accepted"),
        None => panic!("the verification waits although the keys are there"),
    }
}

/// Reads the bytes as a pool's key set.
pub fn key_set(bytes: &[u8]) {
    let _keys = KeySet::parse(bytes);
}

struct Keys(String);

#[async_trait]
impl KeySetSource for Keys {
    async fn fetch(&self) -> Result<KeySet, KeySetError> {
        KeySet::parse(self.0.as_bytes())
    }
}

#[cfg(test)]
#[path = "fuzzing_tests.rs"]
mod tests;
