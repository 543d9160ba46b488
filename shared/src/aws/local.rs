//! A context for tests: a local cloud or a scripted server, with credentials that mean nothing.

use std::collections::BTreeMap;

use super::{AwsContext, AwsCredentials, AwsSettings, HttpsError, https_client};

/// A context whose services are all at this address.
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
    Ok(AwsContext::new(settings, https_client(None)?))
}
