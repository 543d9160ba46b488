//! Newtypes for ids and names, so that one cannot be mistaken for another.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A name that breaks its rule. The text says what the rule allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("1 to {max} characters of {allowed}")]
pub struct InvalidName {
    max: usize,
    allowed: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text unchecked.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String", extend("format" = "uuid"))] Uuid);

        impl $name {
            /// Creates the id with this UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }
    };
}

text_id! {
    /// A model as its provider names it: a model id, an inference profile, an ARN.
    ModelId
}
text_id! {
    /// A tenant; `default` if the token names none.
    TenantId
}
text_id! {
    /// A caller within a tenant: a Cognito `sub`, or `client:<client_id>`.
    UserId
}
text_id! {
    /// A tool as the model sees it.
    ToolName
}
text_id! {
    /// The provider's id of one tool call.
    ToolCallId
}
text_id! {
    /// A WebSocket connection, as API Gateway names it.
    ConnectionId
}
uuid_id! {
    /// A conversation.
    ConversationId
}
uuid_id! {
    /// One run of an agent.
    RunId
}

impl TenantId {
    /// Parses a tenant's id: 1 to 64 of `a-z A-Z 0-9 _ -`. Returns `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_plain_name(text).then(|| Self::new(text))
    }
}

impl ToolName {
    /// The name that stands for every tool that does not exist. No action can have it.
    pub const UNKNOWN: &'static str = "unknown";

    /// Returns this name, or [`Self::UNKNOWN`] if providers would refuse it in a request: they accept 1 to 64 of
    /// `a-z A-Z 0-9 _ -`.
    #[must_use]
    pub fn or_unknown(self) -> Self {
        if is_plain_name(&self.0) { self } else { Self::new(Self::UNKNOWN) }
    }
}

impl Default for TenantId {
    /// Returns the tenant of callers whose token names none.
    fn default() -> Self {
        Self::new("default")
    }
}

impl ConversationId {
    /// The form that the gateway issues, as a regular expression.
    pub const PATTERN: &'static str = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$";

    /// Parses the form that the gateway issues: hyphenated, lower case, version 4. Returns `None` for anything else, so
    /// that each conversation has one spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(text).ok()?;
        let issued = uuid.get_version_num() == 4 && uuid.hyphenated().to_string() == text;
        issued.then_some(Self(uuid))
    }
}

/// A client's own name for a request on its connection: 1 to 128 of `a-z A-Z 0-9 _ - . :`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ClientRequestId(String);

impl ClientRequestId {
    /// The allowed characters and length, for error texts.
    pub const ALLOWED: &'static str = "1 to 128 of a-z, A-Z, 0-9, _, -, . and :";

    /// Parses an id. Returns `None` if it breaks the rule.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
        ((1..=128).contains(&text.len()) && text.bytes().all(is_allowed)).then(|| Self(text.to_owned()))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ClientRequestId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom(Self::ALLOWED))
    }
}

impl fmt::Display for ClientRequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An agent's name: 1 to 64 of `a-z A-Z 0-9 _ -`, so that it can stand in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct AgentName(#[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,64}$"))] String);

impl AgentName {
    /// Returns the name of an agent that is configured without one.
    #[must_use]
    pub fn fallback() -> Self {
        Self("default".to_owned())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgentName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if is_plain_name(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName { max: 64, allowed: "a-z, A-Z, 0-9, _ and -" })
        }
    }
}

fn is_plain_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

impl<'de> Deserialize<'de> for AgentName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The providers that the gateway can call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon Bedrock, by its Converse API.
    Bedrock,
    /// Anthropic's Messages API.
    Anthropic,
    /// `OpenAI`'s Chat Completions API, and servers with the same API.
    OpenAi,
    /// Ollama's chat API.
    Ollama,
}

impl Provider {
    /// All providers, in the order in which they are reported.
    pub const ALL: [Self; 4] = [Self::Bedrock, Self::Anthropic, Self::OpenAi, Self::Ollama];

    /// Returns the name that configuration, logs and responses use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bedrock => "bedrock",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
