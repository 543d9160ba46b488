//! Whose tokens are accepted: the section as written, and as used.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::checked_base_url;
use super::faults::Faults;
use super::settings::{AuthenticationConfig, ClientConfig};
use super::shown::quoted;
use super::stage::Stage;
use crate::domain::{OPERATOR_GROUP, TenantId, issuer_of_pool, key_set_of_issuer, region_of_pool};

/// Whose tokens are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthenticationSection {
    /// `false` is refused unless `OPENCLAW_LOCAL=1`. Every caller is then the user `local` with the groups `user`,
    /// `admin` and `operator`, and no token is needed. Default `true`.
    pub(super) enabled: Option<bool>,
    /// The identity provider that issues the tokens. Default `cognito`.
    pub(super) provider: Option<IdentityProvider>,
    /// The user pool, `<region>_<id>`. Required by functions; a deployment sets it.
    pub(super) user_pool_id: Option<String>,
    /// The app client of people. Required by functions; a deployment sets it.
    pub(super) client_id: Option<String>,
    /// The address of the key set. Another address than the user pool's own is refused unless `OPENCLAW_LOCAL=1`. Default:
    /// the address that the user pool publishes.
    pub(super) jwks_url: Option<String>,
    /// The accepted signature algorithms. Default `RS256`.
    pub(super) algorithms: Option<Vec<SignatureAlgorithm>>,
    /// The app clients of programs (client credentials), by client id. Every other client is refused. Default none.
    pub(super) clients: BTreeMap<String, ClientSection>,
    /// The scopes that every access token must have, those of programs included; an id token has none and is refused.
    /// Default none.
    pub(super) required_scopes: Vec<String>,
    /// The audiences that a token with `aud` may name, besides the app client that it was issued to. Default none.
    pub(super) audiences: Vec<String>,
    /// The group whose members operate the installation, all of its tenants included. Default `operator`.
    pub(super) operator_group: Option<String>,
}

/// An issuer of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum IdentityProvider {
    /// Amazon Cognito.
    Cognito,
}

/// A signature algorithm (RFC 7518).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub(super) enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, the one that Cognito uses.
    #[serde(rename = "RS256")]
    Rs256,
}

/// The tenant and the groups of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClientSection {
    /// The tenant of the program. Default `default`.
    pub(super) tenant: Option<String>,
    /// The groups of the program. Default none.
    pub(super) groups: Vec<String>,
}

/// Resolves whose tokens are accepted; returns `None` if authentication is switched off.
pub(super) fn resolve(
    section: &AuthenticationSection,
    is_local: bool,
    stage: Stage,
    faults: &mut Faults,
) -> Option<AuthenticationConfig> {
    if section.enabled == Some(false) {
        if !is_local {
            faults.add(
                "authentication.enabled",
                "false",
                "true; false only on a developer's machine, where OPENCLAW_LOCAL=1",
            );
        }
        return None;
    }
    let mut required = |key: &str, value: &Option<String>| {
        let value = value.clone().filter(|text| !text.trim().is_empty());
        if value.is_none() && stage.needs_user_pool() {
            faults.add(format!("authentication.{key}"), "nothing", "that of the Cognito user pool");
        }
        value.unwrap_or_default()
    };
    let user_pool_id = required("user_pool_id", &section.user_pool_id);
    let client_id = required("client_id", &section.client_id);
    let region = region_of_pool(&user_pool_id);
    if region.is_none() && !user_pool_id.is_empty() {
        faults.add("authentication.user_pool_id", quoted(&user_pool_id), "a user pool's id, <region>_<id>");
    }
    if let Some(url) = &section.jwks_url {
        check_jwks_url(url, region.map(|region| (region, user_pool_id.as_str())), is_local, faults);
    }
    let algorithms = section.algorithms.as_deref().unwrap_or(&[SignatureAlgorithm::Rs256]);
    if algorithms.is_empty() {
        faults.add("authentication.algorithms", "an empty list", "RS256");
    }
    Some(AuthenticationConfig {
        region: region.unwrap_or_default().to_owned(),
        user_pool_id,
        client_id,
        jwks_url: section.jwks_url.clone(),
        clients: clients(section, faults),
        required_scopes: section.required_scopes.iter().cloned().collect(),
        audiences: section.audiences.iter().cloned().collect(),
    })
}

/// Checks the address of the key set. A server that publishes the keys can issue a token for any caller, so outside a
/// developer's machine it must be the pool's own.
fn check_jwks_url(url: &str, pool: Option<(&str, &str)>, is_local: bool, faults: &mut Faults) {
    let own = pool.map(|(region, id)| key_set_of_issuer(&issuer_of_pool(region, id)));
    if is_local && checked_base_url(url).is_err() {
        faults.add("authentication.jwks_url", "another kind of address", "https, or http on the loopback interface");
    } else if !is_local && own.as_deref() != Some(url) {
        let allowed = "the user pool's own address, which is the default; another only where OPENCLAW_LOCAL=1";
        faults.add("authentication.jwks_url", "another address than the user pool's", allowed);
    }
}

/// Resolves the group of those who operate the installation.
pub(super) fn operator_group(section: &AuthenticationSection, faults: &mut Faults) -> String {
    let group = section.operator_group.as_deref().unwrap_or(OPERATOR_GROUP);
    // Every caller of the installation has the group of its tenant or `user`, so these would open it to all.
    if group.trim().is_empty() || group == "user" || group.starts_with("tenant:") {
        faults.add("authentication.operator_group", quoted(group), "a group of its own, such as operator");
    }
    group.to_owned()
}

fn clients(section: &AuthenticationSection, faults: &mut Faults) -> BTreeMap<String, ClientConfig> {
    let mut clients = BTreeMap::new();
    for (id, client) in &section.clients {
        let tenant = client.tenant.as_deref().map_or_else(|| Some(TenantId::default()), TenantId::parse);
        let Some(tenant) = tenant else {
            let found = quoted(client.tenant.as_deref().unwrap_or_default());
            faults.add(format!("authentication.clients.{id}.tenant"), found, "1 to 64 of a-z, A-Z, 0-9, _ and -");
            continue;
        };
        clients.insert(id.clone(), ClientConfig { tenant, groups: client.groups.iter().cloned().collect() });
    }
    clients
}
