//! Opening a connection: from where, by which page, by whom.

use std::net::IpAddr;
use std::time::Duration;

use http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

use super::event::Handshake;
use super::serve::{Serving, WebSocketPorts};
use crate::auth::{TokenFault, Verified};
use crate::domain::ConnectionId;
use crate::http::authenticate::{authenticate, bearer};
use crate::http::errors::internal;
use crate::http::{Front, Problem, ProblemKind, ProblemMember};
use crate::store::Connection;

/// API Gateway closes a connection after two hours; the rest is for runs that still go on.
const FORGET_AFTER: Duration = Duration::from_mins(135);

/// A protocol that clients may offer beside their token, so that the answer need not repeat that.
const BEARER: &str = "bearer";

/// Remembers who has opened a connection; with the headers of the answer to the client.
pub(super) async fn connect(
    serving: &mut Serving<'_>,
    id: &ConnectionId,
    handshake: &Handshake,
) -> Result<HeaderMap, Problem> {
    let Serving { front, ports, deadline, .. } = *serving;
    check_source(ports.allowed_cidrs.as_deref(), handshake.source_ip.as_deref())?;
    check_origin(front, &handshake.headers)?;
    let verifier = front.verifier.as_ref().ok_or_else(internal)?;
    let offered = offered_protocols(&handshake.headers);
    let token = token(ports, handshake, &offered);
    let checked = authenticate(verifier.as_ref(), token, deadline).await;
    let Verified { principal, until } = checked.map_err(|mapped| serving.facts.note(mapped))?;
    serving.tenant = Some(principal.tenant.to_string());
    let connection = Connection { principal, until };
    let forget_at = front.clock.now().plus(FORGET_AFTER);
    let opened = ports.connections.open(id, &connection, forget_at).await;
    serving.stored(opened)?;
    Ok(answer(&offered))
}

/// A WebSocket API has neither resource policy nor firewall, so the function says who reaches it.
fn check_source(allowed: Option<&[IpNet]>, source: Option<&str>) -> Result<(), Problem> {
    let Some(allowed) = allowed else { return Ok(()) };
    let source: Option<IpAddr> = source.and_then(|text| text.parse().ok());
    if source.is_some_and(|source| allowed.iter().any(|block| block.contains(&source))) {
        return Ok(());
    }
    Err(forbidden("connections may not be opened from this address", "allowed-cidrs"))
}

/// Browsers let any page open a WebSocket, and say which one it was; other clients say nothing (RFC 6455, section 10.2).
fn check_origin(front: &Front, headers: &HeaderMap) -> Result<(), Problem> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let is_allowed = |origin: &HeaderValue| {
        let named = origin.to_str().is_ok_and(|origin| front.allowed_origins.contains(origin));
        named || front.allowed_origins.contains("*")
    };
    if origins.all(is_allowed) {
        return Ok(());
    }
    Err(forbidden("pages of this origin may not connect; cors.allowed_origins names those that may", "allowed-origins"))
}

fn forbidden(detail: &str, policy: &'static str) -> Problem {
    Problem::new(ProblemKind::Forbidden, detail).with(ProblemMember::PolicyIds(vec![policy]))
}

/// The protocols that the client offers (RFC 6455, section 4.1), in its order.
fn offered_protocols(headers: &HeaderMap) -> Vec<&str> {
    let lists = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// A token among the protocols: browsers can set no other header. A JWT has the characters of a protocol's name.
fn offered_token<'a>(offered: &[&'a str]) -> Option<&'a str> {
    offered.iter().copied().find(|name| name.bytes().filter(|byte| *byte == b'.').count() == 2)
}

fn token<'a>(ports: &WebSocketPorts, handshake: &'a Handshake, offered: &[&'a str]) -> Result<&'a str, TokenFault> {
    match (bearer(&handshake.headers), offered_token(offered), &handshake.access_token) {
        (Err(TokenFault::Missing), Some(token), _) => Ok(token),
        (Err(TokenFault::Missing), None, Some(token)) if ports.access_token_in_query => Ok(token),
        (header, _, _) => header,
    }
}

/// The protocol that is chosen, since a browser gives up a connection whose server chooses none of those offered.
fn answer(offered: &[&str]) -> HeaderMap {
    let bearer = offered.iter().copied().find(|name| name.eq_ignore_ascii_case(BEARER));
    let chosen = bearer.or_else(|| offered_token(offered)).and_then(|name| HeaderValue::try_from(name).ok());
    chosen.map(|name| (SEC_WEBSOCKET_PROTOCOL, name)).into_iter().collect()
}
