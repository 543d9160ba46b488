//! A context for tests: a local cloud or a scripted server, with credentials that mean nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::context::AwsContext;
use super::https::{HttpsError, https_client};
use super::settings::{AwsCredentials, AwsSettings};
use crate::domain::{Clock, Random, Timestamp};

/// Returns a context whose services are all at this address. Its clients do not wait between attempts.
///
/// # Errors
/// As [`https_client`].
pub fn local_context(endpoint_url: &str) -> Result<AwsContext, HttpsError> {
    let credentials =
        AwsCredentials { access_key_id: "test".to_owned(), secret_access_key: "test".into(), session_token: None };
    let settings = AwsSettings {
        region: "us-east-1".to_owned(),
        credentials,
        endpoint_url: Some(endpoint_url.to_owned()),
        service_endpoints: BTreeMap::new(),
    };
    Ok(AwsContext::new(settings, https_client(None)?, Arc::new(WallClock), Arc::new(NoJitter)))
}

struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "a local cloud may refuse the signature of another time")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

struct NoJitter;

impl Random for NoJitter {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fraction(&self) -> f64 {
        0.0
    }
}
