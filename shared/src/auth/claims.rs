//! The claims of a verified token, and the principal that follows from them.
//!
//! Pure; runs only after the signature was verified. Must not know keys.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::TokenFault;
use super::cognito_settings::CognitoSettings;
use crate::domain::{Principal, PrincipalKind, TenantId, Timestamp, UserId};

/// The accepted difference between the pool's clock and the function's.
const LEEWAY_SECONDS: u64 = 60;
/// The prefix of a client's user id. No user's id has a colon.
const CLIENT_PREFIX: &str = "client:";
/// The prefix of the group that names the tenant.
const TENANT_PREFIX: &str = "tenant:";

/// The claims that are read, as "Amazon Cognito: Understanding the access token" and "… the identity (ID) token"
/// describe them. A claim that occurs twice is an error.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    token_use: String,
    exp: u64,
    nbf: Option<u64>,
    iat: Option<u64>,
    sub: Option<String>,
    client_id: Option<String>,
    aud: Option<Audience>,
    scope: Option<String>,
    username: Option<String>,
    origin_jti: Option<String>,
    jti: Option<String>,
    #[serde(rename = "cognito:groups")]
    groups: Option<Vec<String>>,
}

/// Whom the token is for (RFC 7519 section 4.1.3). An id token names its client; an access token may name a resource.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
    Other(IgnoredAny),
}

impl Audience {
    /// Returns whether the audience is this client or one of those accepted.
    fn includes(&self, client_id: &str, accepted: &BTreeSet<String>) -> bool {
        let is_accepted = |name: &String| name == client_id || accepted.contains(name);
        match self {
            Self::One(name) => is_accepted(name),
            Self::Several(names) => names.iter().any(is_accepted),
            // The claim is a text or a list of texts, so this token is for nobody.
            Self::Other(_) => false,
        }
    }
}

impl Claims {
    /// Returns the principal of the token at `now`.
    pub(super) fn principal(self, settings: &CognitoSettings, now: Timestamp) -> Result<Principal, TokenFault> {
        if self.iss != settings.issuer {
            return Err(TokenFault::Issuer);
        }
        match self.token_use.as_str() {
            "access" => {
                let client_id = self.client_id.clone().ok_or(TokenFault::Claims)?;
                if self.username.is_some() {
                    self.user(&client_id, settings, now)
                } else {
                    self.client(&client_id, settings, now)
                }
            }
            "id" => match self.aud.as_ref() {
                Some(Audience::One(client_id)) => {
                    let client_id = client_id.clone();
                    self.user(&client_id, settings, now)
                }
                Some(Audience::Several(_) | Audience::Other(_)) | None => Err(TokenFault::Claims),
            },
            _ => Err(TokenFault::Use),
        }
    }

    /// Returns the id of the sign-in that the token comes from; for a client's token, which has none, its own id.
    pub(super) fn origin(&self) -> Option<String> {
        self.origin_jti.clone().or_else(|| self.jti.clone())
    }

    /// Returns the time from which on the token is refused.
    pub(super) const fn until(&self) -> Timestamp {
        Timestamp::from_millis(self.exp.saturating_add(LEEWAY_SECONDS).saturating_mul(1000))
    }

    fn user(self, client_id: &str, settings: &CognitoSettings, now: Timestamp) -> Result<Principal, TokenFault> {
        if !settings.client_ids.contains(client_id) {
            return Err(TokenFault::Client);
        }
        self.check_use(client_id, settings)?;
        self.check_time(now)?;
        let user = self.sub.filter(|sub| is_subject(sub)).map(UserId::new).ok_or(TokenFault::Claims)?;
        let (tenant, groups) = tenant_and_roles(self.groups.unwrap_or_default())?;
        Ok(Principal { kind: PrincipalKind::User, user, tenant, groups })
    }

    /// Returns the principal of an access token without a user. The groups in the token are ignored: a client has the
    /// groups of its grant. A client without a grant is refused, so that a client that nobody configured does not get
    /// the default tenant.
    fn client(&self, client_id: &str, settings: &CognitoSettings, now: Timestamp) -> Result<Principal, TokenFault> {
        if self.sub.as_ref().is_some_and(|sub| sub != client_id) {
            return Err(TokenFault::Claims);
        }
        let grant = settings.clients.get(client_id).ok_or(TokenFault::Client)?;
        self.check_use(client_id, settings)?;
        self.check_time(now)?;
        Ok(Principal {
            kind: PrincipalKind::Client,
            user: UserId::new(format!("{CLIENT_PREFIX}{client_id}")),
            tenant: grant.tenant.clone(),
            groups: grant.groups.clone(),
        })
    }

    /// Checks whom and what the token is for: its audience if it names one, and its scopes.
    fn check_use(&self, client_id: &str, settings: &CognitoSettings) -> Result<(), TokenFault> {
        if self.aud.as_ref().is_some_and(|audience| !audience.includes(client_id, &settings.audiences)) {
            return Err(TokenFault::Audience);
        }
        // A list with single spaces between its entries (RFC 6749, section 3.3); id tokens have none.
        let scopes = self.scope.as_deref().unwrap_or_default();
        let has = |required: &String| scopes.split(' ').any(|scope| scope == required);
        if settings.required_scopes.iter().all(has) { Ok(()) } else { Err(TokenFault::Scope) }
    }

    /// Checks that `now` is before `exp` and not before `nbf`, within the leeway (RFC 7519 sections 4.1.4 and 4.1.5).
    fn check_time(&self, now: Timestamp) -> Result<(), TokenFault> {
        let now_seconds = now.seconds();
        if now >= self.until() {
            return Err(TokenFault::Expired);
        }
        let starts = self.nbf.unwrap_or(0).max(self.iat.unwrap_or(0));
        if starts > now_seconds.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenFault::NotYetValid);
        }
        Ok(())
    }
}

/// Returns whether the text can be the `sub` of a user. A pool's are UUIDs; text that could be mistaken for a client's
/// id, or break a storage key, is refused.
fn is_subject(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Separates the group that names the tenant from the roles.
fn tenant_and_roles(groups: Vec<String>) -> Result<(TenantId, BTreeSet<String>), TokenFault> {
    let (tenants, roles): (BTreeSet<String>, BTreeSet<String>) =
        groups.into_iter().partition(|group| group.starts_with(TENANT_PREFIX));
    let mut tenants = tenants.iter().filter_map(|group| group.strip_prefix(TENANT_PREFIX));
    let tenant = match (tenants.next(), tenants.next()) {
        (None, _) => TenantId::default(),
        (Some(id), None) => TenantId::parse(id).ok_or(TokenFault::Tenant)?,
        (Some(_), Some(_)) => return Err(TokenFault::Tenant),
    };
    Ok((tenant, roles))
}
