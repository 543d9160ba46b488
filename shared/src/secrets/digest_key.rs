//! Keyed digests: names of callers for the log, everything that the audit does not hold in the clear, and what binds an idempotency key to its caller, agent, route and body.
//!
//! One secret is the key of all of them. With a label for each purpose, a digest of one kind says nothing about another.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::SecretResolver;
use crate::domain::{Clock, Principal, SecretTemplate, Timestamp, hex};

/// The bytes of the secret.
const KEY_BYTES: usize = 32;

/// How long a request waits for the key. Without it the log line lacks a field, and the request is answered as usual.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the secret is not asked for after it could not be used.
const PAUSE: Duration = Duration::from_mins(1);

/// The key of keyed digests.
#[derive(Clone)]
pub struct DigestKey(Arc<PurposeKeys>);

/// The keys of the purposes, derived from the secret.
struct PurposeKeys {
    subject: hmac::Key,
    idempotency: hmac::Key,
    audit_conversation: hmac::Key,
    audit_token: hmac::Key,
    audit_source: hmac::Key,
    audit_input: hmac::Key,
    audit_output: hmac::Key,
}

/// What a digest is for. Digests for different purposes have different keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestPurpose {
    /// The caller's name in the log and the audit.
    Subject,
    /// An idempotency key.
    Idempotency,
    /// A conversation in the audit.
    AuditConversation,
    /// The origin of a token in the audit.
    AuditToken,
    /// A network address in the audit.
    AuditSource,
    /// A prompt, or a call's arguments, in the audit.
    AuditInput,
    /// An answer, or a call's output, in the audit.
    AuditOutput,
}

impl DigestKey {
    /// Makes the key from the secret's text: 32 bytes in base64.
    fn parse(secret: &SecretString) -> Option<Self> {
        let bytes = STANDARD.decode(secret.expose_secret().trim()).ok().filter(|bytes| bytes.len() == KEY_BYTES)?;
        Some(Self::derived_from(&bytes))
    }

    fn derived_from(secret: &[u8]) -> Self {
        let secret = hmac::Key::new(HMAC_SHA256, secret);
        // As HKDF-Expand does with one block (RFC 5869, section 2.3).
        let derived = |label: &[u8]| {
            let mut derivation = hmac::Context::with_key(&secret);
            derivation.update(label);
            derivation.update(&[1]);
            hmac::Key::new(HMAC_SHA256, derivation.sign().as_ref())
        };
        Self(Arc::new(PurposeKeys {
            subject: derived(b"openclaw subject"),
            idempotency: derived(b"openclaw idempotency"),
            audit_conversation: derived(b"openclaw audit conversation"),
            audit_token: derived(b"openclaw audit token"),
            audit_source: derived(b"openclaw audit source"),
            audit_input: derived(b"openclaw audit input"),
            audit_output: derived(b"openclaw audit output"),
        }))
    }

    /// Returns the key for digests where there is no secret.
    fn absent() -> Self {
        Self::derived_from(&[0; KEY_BYTES])
    }

    /// Returns the digest of the parts in hexadecimal.
    #[must_use]
    pub fn digest(&self, purpose: DigestPurpose, parts: &[&[u8]]) -> String {
        let key = match purpose {
            DigestPurpose::Subject => &self.0.subject,
            DigestPurpose::Idempotency => &self.0.idempotency,
            DigestPurpose::AuditConversation => &self.0.audit_conversation,
            DigestPurpose::AuditToken => &self.0.audit_token,
            DigestPurpose::AuditSource => &self.0.audit_source,
            DigestPurpose::AuditInput => &self.0.audit_input,
            DigestPurpose::AuditOutput => &self.0.audit_output,
        };
        let mut context = hmac::Context::with_key(key);
        for part in parts {
            // With the length before each part, no two lists of parts have the same digest.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        hex(context.sign().as_ref())
    }

    /// Returns the caller's name in the log: the same for all requests of a caller, and not to be traced back without the key.
    #[must_use]
    pub fn subject(&self, principal: &Principal) -> String {
        let parts = [principal.tenant.as_str(), principal.user.as_str()];
        let mut subject = self.digest(DigestPurpose::Subject, &parts.map(str::as_bytes));
        // 128 bits distinguish all callers, and every line of the log pays for it.
        subject.truncate(32);
        subject
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DigestKey(***)")
    }
}

/// Returns the digest of an idempotency key's parts. Without a secret it is keyed with zeros.
#[must_use]
pub fn idempotency_digest(key: Option<&DigestKey>, parts: &[&[u8]]) -> String {
    match key {
        Some(key) => key.digest(DigestPurpose::Idempotency, parts),
        None => DigestKey::absent().digest(DigestPurpose::Idempotency, parts),
    }
}

/// Where the key of the digests comes from.
pub struct DigestKeys {
    source: Option<(Arc<dyn SecretResolver>, SecretTemplate)>,
    clock: Arc<dyn Clock>,
    paused_at: Mutex<Option<Timestamp>>,
    /// The last secret, and what was derived from it.
    known: Mutex<Option<(SecretString, DigestKey)>>,
}

impl DigestKeys {
    /// Creates a source that reads the secret through `resolver`, which keeps it.
    #[must_use]
    pub fn new(resolver: Arc<dyn SecretResolver>, secret: SecretTemplate, clock: Arc<dyn Clock>) -> Self {
        Self { source: Some((resolver, secret)), clock, paused_at: Mutex::default(), known: Mutex::default() }
    }

    /// Creates a source without a secret.
    #[must_use]
    pub fn none(clock: Arc<dyn Clock>) -> Self {
        Self { source: None, clock, paused_at: Mutex::default(), known: Mutex::default() }
    }

    /// Returns the key, or `None` while there is no secret that can be used, which the log says once a minute.
    pub async fn key(&self) -> Option<DigestKey> {
        let (resolver, secret) = self.source.as_ref()?;
        let now = self.clock.now();
        if self.paused_at().is_some_and(|paused_at| now.since(paused_at) < PAUSE) {
            return None;
        }
        let why = match tokio::time::timeout(FETCH_TIMEOUT, resolver.resolve(secret)).await {
            Ok(Ok(text)) => match self.derived(&text) {
                Some(key) => return Some(key),
                None => "it is not 32 bytes in base64".to_owned(),
            },
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the service does not answer in time".to_owned(),
        };
        *self.paused_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        tracing::warn!(
            fault = why,
            "runs are refused and callers have no name in the log, because the key of the digests cannot be read"
        );
        None
    }

    /// Returns the key of a secret, derived anew only if the secret has changed.
    fn derived(&self, text: &SecretString) -> Option<DigestKey> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = known.as_ref().filter(|(secret, _)| secret.expose_secret() == text.expose_secret()) {
            return Some(key.clone());
        }
        let key = DigestKey::parse(text)?;
        *known = Some((text.clone(), key.clone()));
        Some(key)
    }

    fn paused_at(&self) -> Option<Timestamp> {
        *self.paused_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PrincipalKind, TenantId, UserId};

    fn key(byte: u8) -> DigestKey {
        DigestKey::parse(&STANDARD.encode([byte; KEY_BYTES]).into()).unwrap()
    }

    fn principal(tenant: &str, user: &str) -> Principal {
        let (tenant, user) = (TenantId::new(tenant), UserId::new(user));
        Principal { kind: PrincipalKind::User, user, tenant, groups: std::collections::BTreeSet::new() }
    }

    #[test]
    fn parts_cannot_be_shifted_and_purposes_do_not_meet() {
        let key = key(1);
        let digest = |parts: &[&[u8]]| idempotency_digest(Some(&key), parts);
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(digest(&[b"ab"]).len(), 64);
        assert_ne!(digest(&[b"ab"]), key.digest(DigestPurpose::Subject, &[b"ab"]));
    }

    #[test]
    fn a_digest_needs_its_key() {
        let parts: [&[u8]; 1] = [b"ab"];
        let digests = [Some(&key(1)), Some(&key(2)), None].map(|key| idempotency_digest(key, &parts));
        assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2]);
    }

    #[test]
    fn a_subject_is_the_same_for_a_caller_and_differs_between_callers() {
        let alice = key(1).subject(&principal("acme", "alice"));
        assert_eq!((alice.len(), &alice), (32, &key(1).subject(&principal("acme", "alice"))));
        for other in [principal("acme", "bob"), principal("other", "alice"), principal("acmea", "lice")] {
            assert_ne!(key(1).subject(&other), alice);
        }
        assert_ne!(key(2).subject(&principal("acme", "alice")), alice);
    }

    #[test]
    fn a_secret_of_another_form_is_not_a_key() {
        for text in ["", "short", "-", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33])] {
            assert!(DigestKey::parse(&text.to_owned().into()).is_none(), "{text}");
        }
        let with_line_end = format!("{}\n", STANDARD.encode([1; KEY_BYTES]));
        assert!(DigestKey::parse(&with_line_end.into()).is_some());
        assert_eq!(format!("{:?}", key(1)), "DigestKey(***)");
    }
}
