//! Opens a connection, after checking the client's address, the page's origin, the token and the number of connections; and
//! closes it.

use std::net::IpAddr;
use std::time::Duration;

use http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderValue};

use super::event_scope::{EventScope, WebSocketPorts};
use crate::api::{RETRY_SOON, ServerContext, authenticate, bearer, internal};
use crate::auth::{TokenFault, Verified};
use crate::domain::{AllowedNetwork, ConnectionId, Principal, Timestamp};
use crate::http::{Problem, ProblemHeader, ProblemKind, ProblemMember};
use crate::lambda::Handshake;
use crate::store::{Acquired, Connection, Lease, Quota, Scope, ScopeKind};

/// How long a connection is kept: API Gateway closes it after two hours; the rest is for runs that are still active.
const RETENTION: Duration = Duration::from_mins(135);

/// A subprotocol that clients may offer beside their token, so that the response need not repeat the token.
const BEARER: &str = "bearer";

/// Records who opens a connection, and returns the headers of the response.
pub(super) async fn connect(
    scope: &mut EventScope<'_>,
    id: &ConnectionId,
    handshake: &Handshake,
) -> Result<HeaderMap, Problem> {
    let EventScope { server, ports, deadline, .. } = *scope;
    scope.log.is_anonymous = true;
    // Address and origin are compared before the token is verified, which may need the key set.
    check_source(ports.allowed_cidrs.as_deref(), handshake.source_ip.as_deref(), server.clock.now())?;
    check_origin(server, &handshake.headers)?;
    let verifier = server.verifier.as_ref().ok_or_else(internal)?;
    let offered = offered_protocols(&handshake.headers);
    let token = token(ports, handshake, &offered);
    let checked = authenticate(verifier.as_ref(), token, deadline).await;
    let Verified { principal, until, origin } = checked.map_err(|error| scope.log.fail(error))?;
    scope.name_caller(&principal).await;
    let now = server.clock.now();
    let expires_at = now.plus(RETENTION);
    let connection = Connection { principal, token_expires_at: until, token_origin: origin, expires_at };
    let (lease, quota) = lease(id, &connection, ports.connection_limit);
    let acquired = ports.leases.acquire(&lease, std::slice::from_ref(&quota), now).await;
    if let Acquired::Exhausted { quota, .. } = scope.stored(acquired)? {
        return Err(too_many_connections(quota.limit));
    }
    // Stored before the response, since a message may follow at once.
    let opened = ports.connections.open(id, &connection).await;
    scope.stored(opened)?;
    Ok(chosen_protocol(&offered))
}

/// Forgets a connection that was closed; the runs of it end.
pub(super) async fn disconnect(scope: &mut EventScope<'_>, id: &ConnectionId) -> Result<(), Problem> {
    let ports = scope.ports;
    let closed = ports.connections.close(id).await;
    if let Some(connection) = scope.stored(closed)? {
        let (lease, quota) = lease(id, &connection, ports.connection_limit);
        let released = ports.leases.release(&lease, &[quota]).await;
        scope.stored(released)?;
    }
    Ok(())
}

/// Returns what a connection counts as, and against what: the connections of its caller.
fn lease(id: &ConnectionId, connection: &Connection, limit: u32) -> (Lease, Quota) {
    let Principal { tenant, user, .. } = &connection.principal;
    let scope = Scope { kind: ScopeKind::Connections, tenant: tenant.clone(), user: Some(user.clone()), agent: None };
    (Lease { id: id.as_str().to_owned(), expires_at: connection.expires_at }, Quota { scope, limit })
}

fn too_many_connections(limit: u32) -> Problem {
    let detail =
        format!("you have {limit} connections open, the most at once; close one, or use one for more requests");
    Problem::new(ProblemKind::TooManyRequests, detail)
        .retry_after(RETRY_SOON)
        .with_header(ProblemHeader::RateLimit { policy: "connections", quota: limit })
}

/// Checks the client's address.
fn check_source(allowed: Option<&[AllowedNetwork]>, source: Option<&str>, now: Timestamp) -> Result<(), Problem> {
    // Checked here, since a WebSocket API has neither a resource policy nor a firewall. The day is checked at each
    // connection, so that a network is refused from then on even if nobody deploys.
    let Some(allowed) = allowed else { return Ok(()) };
    // An address that is missing or cannot be read is on no list.
    let source: Option<IpAddr> = source.and_then(|text| text.parse().ok());
    if source.is_some_and(|source| allowed.iter().any(|network| network.admits(&source, now))) {
        return Ok(());
    }
    Err(forbidden("connections may not be opened from this address", "allowed-cidrs"))
}

/// Checks the origin of the page that connects.
fn check_origin(server: &ServerContext, headers: &HeaderMap) -> Result<(), Problem> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let is_allowed = |origin: &HeaderValue| {
        let named = origin.to_str().is_ok_and(|origin| server.allowed_origins.contains(origin));
        named || server.allowed_origins.contains("*")
    };
    // Browsers let any page connect and send its origin; other clients send none (RFC 6455, section 10.2).
    if origins.all(is_allowed) {
        return Ok(());
    }
    Err(forbidden("pages of this origin may not connect; add the origin to cors.allowed_origins", "allowed-origins"))
}

fn forbidden(detail: &str, policy: &'static str) -> Problem {
    Problem::new(ProblemKind::Forbidden, detail).with(ProblemMember::PolicyIds(vec![policy.to_owned()]))
}

/// Returns the subprotocols that the client offers (RFC 6455, section 4.1), in its order.
fn offered_protocols(headers: &HeaderMap) -> Vec<&str> {
    let lists = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// Returns a token among the subprotocols, the one header that browsers let a page set.
fn offered_token<'a>(offered: &[&'a str]) -> Option<&'a str> {
    // A JWT has three parts, and only the characters of a subprotocol's name.
    offered.iter().copied().find(|name| name.bytes().filter(|byte| *byte == b'.').count() == 2)
}

fn token<'a>(ports: &WebSocketPorts, handshake: &'a Handshake, offered: &[&'a str]) -> Result<&'a str, TokenFault> {
    match (bearer(&handshake.headers), offered_token(offered), &handshake.access_token) {
        // Only if the header is missing, so that another token does not make a bad one good.
        (Err(TokenFault::Missing), Some(token), _) => Ok(token),
        (Err(TokenFault::Missing), None, Some(token)) if ports.access_token_in_query => Ok(token),
        (header, _, _) => header,
    }
}

/// Returns the header with the chosen subprotocol.
fn chosen_protocol(offered: &[&str]) -> HeaderMap {
    let bearer = offered.iter().copied().find(|name| name.eq_ignore_ascii_case(BEARER));
    // A browser closes a connection whose server chooses none of the subprotocols that it offered.
    let chosen = bearer.or_else(|| offered_token(offered)).and_then(|name| HeaderValue::try_from(name).ok());
    chosen.map(|name| (SEC_WEBSOCKET_PROTOCOL, name)).into_iter().collect()
}
