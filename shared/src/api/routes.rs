//! The one table of routes. Every function has it, so that each can distinguish an unknown path (404) from a wrong method
//! (405).

use http::Method;
use percent_encoding::percent_decode_str;

use crate::http::Offer;

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/v1/health`
    Health,
    /// `/v1/health/deep`
    DeepHealth,
    /// `/v1/agents`
    Agents,
    /// `/v1/agents/{agent_name}`
    Agent(String),
    /// `/v1/models`
    Models,
    /// `/v1/agent/{agent_name}`
    Invoke(String),
    /// `/v1/agent/{agent_name}/stream`
    Stream(String),
    /// `/v1/conversations`
    Conversations,
    /// `/v1/conversations/{id}`
    Conversation(String),
    /// `/v1/users/{user}/conversations`
    UserConversations(String),
    /// `/v1/grants`
    Grants,
    /// `/v1/grants/{id}`
    Grant(String),
}

impl Route {
    /// Returns the methods of the path, besides `OPTIONS` and the `HEAD` that comes with `GET`.
    #[must_use]
    pub const fn methods(&self) -> &'static [Method] {
        match self {
            Self::Health | Self::DeepHealth | Self::Agents | Self::Agent(_) | Self::Models => &[Method::GET],
            Self::Invoke(_) | Self::Stream(_) => &[Method::POST],
            Self::Conversations | Self::Conversation(_) => &[Method::GET, Method::DELETE],
            Self::UserConversations(_) | Self::Grant(_) => &[Method::DELETE],
            Self::Grants => &[Method::GET, Method::POST],
        }
    }

    /// Returns the media types of the response, the preferred one first.
    #[must_use]
    pub const fn offers(&self) -> &'static [Offer] {
        match self {
            Self::Stream(_) => &[Offer::EVENT_STREAM],
            // Clients that accept anything get JSON.
            Self::Invoke(_) => &[Offer::JSON, Offer::NAMED_EVENT_STREAM],
            _ => &[Offer::JSON],
        }
    }

    /// Returns the value of `Allow`.
    #[must_use]
    pub fn allow(&self) -> String {
        // `HEAD` comes with `GET`, and `OPTIONS` with every path.
        let names =
            self.methods().iter().map(|method| if *method == Method::GET { "GET, HEAD" } else { method.as_str() });
        names.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
    }

    /// Returns the path with the names of its parameters, as in logs and the API description.
    #[must_use]
    pub const fn template(&self) -> &'static str {
        match self {
            Self::Health => "/v1/health",
            Self::DeepHealth => "/v1/health/deep",
            Self::Agents => "/v1/agents",
            Self::Agent(_) => "/v1/agents/{agent_name}",
            Self::Models => "/v1/models",
            Self::Invoke(_) => "/v1/agent/{agent_name}",
            Self::Stream(_) => "/v1/agent/{agent_name}/stream",
            Self::Conversations => "/v1/conversations",
            Self::Conversation(_) => "/v1/conversations/{id}",
            Self::UserConversations(_) => "/v1/users/{user}/conversations",
            Self::Grants => "/v1/grants",
            Self::Grant(_) => "/v1/grants/{id}",
        }
    }
}

/// Returns the route of a percent-encoded path, or `None` if it is unknown.
#[must_use]
pub fn resolve(path: &str) -> Option<Route> {
    let segments: Vec<String> = path
        .strip_prefix('/')?
        .split('/')
        // Decoded after splitting, so that an encoded slash stays within its segment.
        .map(|segment| percent_decode_str(segment).decode_utf8().map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()
        .ok()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["v1", "health"] => Some(Route::Health),
        ["v1", "health", "deep"] => Some(Route::DeepHealth),
        ["v1", "agents"] => Some(Route::Agents),
        ["v1", "agents", name] if !name.is_empty() => Some(Route::Agent((*name).to_owned())),
        ["v1", "models"] => Some(Route::Models),
        ["v1", "agent", name] if !name.is_empty() => Some(Route::Invoke((*name).to_owned())),
        ["v1", "agent", name, "stream"] if !name.is_empty() => Some(Route::Stream((*name).to_owned())),
        ["v1", "conversations"] => Some(Route::Conversations),
        ["v1", "conversations", id] if !id.is_empty() => Some(Route::Conversation((*id).to_owned())),
        ["v1", "grants"] => Some(Route::Grants),
        ["v1", "grants", id] if !id.is_empty() => Some(Route::Grant((*id).to_owned())),
        ["v1", "users", user, "conversations"] if !user.is_empty() => {
            Some(Route::UserConversations((*user).to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_route() {
        for path in ["/v1/health", "/v1/health/deep", "/v1/agents", "/v1/agents/a", "/v1/models", "/v1/agent/a"] {
            assert!(resolve(path).is_some(), "{path}");
        }
        assert_eq!(resolve("/v1/agent/a/stream"), Some(Route::Stream("a".to_owned())));
        assert_eq!(resolve("/v1/conversations/x"), Some(Route::Conversation("x".to_owned())));
        assert_eq!(
            resolve("/v1/users/client%3Aabc/conversations"),
            Some(Route::UserConversations("client:abc".to_owned()))
        );
    }

    #[test]
    fn unknown_paths_have_no_route() {
        for path in [
            "",
            "/",
            "/v1",
            "/v1/agent",
            "/v1/agent/",
            "/v1/agent/a/b",
            "/v1/agent/a/stream/",
            "/v1/agent//stream",
            "/v2/health",
            "/v1/health/",
            "//v1/health",
            "/v1/agent/%ff",
        ] {
            assert_eq!(resolve(path), None, "{path}");
        }
    }

    #[test]
    fn parameters_are_decoded_within_their_segment() {
        assert_eq!(resolve("/v1/agent/a%2Fb"), Some(Route::Invoke("a/b".to_owned())));
    }

    #[test]
    fn allow_lists_all_methods() {
        assert_eq!(
            resolve("/v1/conversations/x").map(|route| route.allow()).as_deref(),
            Some("GET, HEAD, DELETE, OPTIONS")
        );
    }
}
