//! Signs requests with AWS Signature Version 4 (AWS Identity and Access Management User Guide, "AWS Signature Version 4
//! for API requests").

use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign as calculate,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};

use super::error::AwsError;
use crate::domain::Timestamp;

/// The scope of a signature, besides the request.
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    /// The service's signing name.
    pub(super) service: &'a str,
    pub(super) now: Timestamp,
}

/// Adds the signature's headers. All other headers of the request are covered by it, `user-agent` excepted.
///
/// # Errors
/// [`AwsError::Unbuildable`] if a header is not text, or if the credentials cannot stand in one.
pub(super) fn sign(request: &mut Request<Bytes>, scope: &Scope<'_>, identity: &Identity) -> Result<(), AwsError> {
    for (name, value) in signature(request, scope, identity).ok_or(AwsError::Unbuildable)? {
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

fn signature(
    request: &Request<Bytes>,
    scope: &Scope<'_>,
    identity: &Identity,
) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let params = SigningParams::builder()
        .identity(identity)
        .region(scope.region)
        .name(scope.service)
        .time(UNIX_EPOCH + Duration::from_millis(scope.now.millis()))
        .settings(settings(scope.service))
        .build()
        .ok()?
        .into();
    let headers = request.headers().iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers: Vec<_> = headers.collect::<Option<_>>()?;
    let body = SignableBody::Bytes(request.body());
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body).ok()?;
    let (signed, _) = calculate(signable, &params).ok()?.into_parts();
    signed
        .into_parts()
        .0
        .iter()
        .map(|header| {
            let mut value = HeaderValue::from_str(header.value()).ok()?;
            // Keeps signature and session token out of debug output.
            value.set_sensitive(header.sensitive());
            Some((HeaderName::from_static(header.name()), value))
        })
        .collect()
}

/// Returns the settings of a service. The defaults encode the path a second time, as every service but S3 expects, which also
/// wants the digest of the body in a header (Amazon S3 API Reference, "Authenticating Requests").
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

#[cfg(test)]
#[path = "sign_tests.rs"]
mod tests;
