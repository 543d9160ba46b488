//! The one HTTPS client of a function.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The time within which a connection must be established, without TLS.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The time for which an unused connection is kept. Shorter than the 60 s after which AWS front ends close it.
const IDLE_CONNECTION: Duration = Duration::from_secs(50);

/// The reason why an HTTPS client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum HttpsError {
    /// The extra certificates are not PEM, or hold no certificate.
    #[error("the extra certificate authorities are not certificates in PEM form")]
    CertificateAuthority,
    /// The TLS library refuses its settings.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refuses its settings.
    #[error("the HTTP client cannot be set up")]
    Client(#[from] reqwest::Error),
}

/// Builds the HTTPS client that providers, key sets and the AWS SDK share: one connection pool, one TLS stack, Mozilla's
/// roots compiled in. The system's root certificates are not read, since that costs 4 ms at every start; what they would
/// add is given as `extra_ca_pem`. It ignores proxy variables and follows no redirects, so that a credential is sent only
/// to the configured address. Its only time-out is [`CONNECT_TIMEOUT`]: each caller sets its own.
///
/// # Errors
/// [`HttpsError`]; nothing can be called without a client, so the function should not start.
pub fn https_client(extra_ca_pem: Option<&[u8]>) -> Result<reqwest::Client, HttpsError> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls_config(extra_ca_pem)?)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_CONNECTION)
        .tcp_keepalive(Duration::from_secs(30))
        // Nagle's algorithm would hold a small piece back until the one before it is acknowledged.
        .tcp_nodelay(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    Ok(client)
}

/// Returns the TLS settings of every HTTPS client of a function: TLS 1.2 or 1.3, Mozilla's roots, and `extra_ca_pem`.
///
/// # Errors
/// [`HttpsError`], as for [`https_client`].
pub fn tls_config(extra_ca_pem: Option<&[u8]>) -> Result<ClientConfig, HttpsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_ca_pem {
        for certificate in certificates(pem)? {
            roots.add(certificate)?;
        }
    }
    // Named here, because a default of the whole process would be global state.
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, HttpsError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_error| HttpsError::CertificateAuthority)?;
    // A file without certificates is a mistake that would otherwise only show as a refused connection.
    if found.is_empty() { Err(HttpsError::CertificateAuthority) } else { Ok(found) }
}

#[cfg(test)]
#[path = "https_tests.rs"]
mod tests;
