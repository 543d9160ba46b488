//! Every environment variable that the gateway reads, and the only place that reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::address::is_loopback;
use super::faults::Faults;
use crate::domain::AllowedNetwork;

/// The location of the bundle that `openclaw bundle` writes: a path, relative to the function's working directory, or
/// `ssm:/name` for a bundle in Parameter Store. Default `bundle.json`.
pub const CONFIG: &str = "OPENCLAW_CONFIG";
/// `1` on a developer's machine: allows `authentication.enabled: false` and a key set of one's own. A function on AWS does
/// not start with it. Default unset.
pub const LOCAL: &str = "OPENCLAW_LOCAL";
/// The front door's limit for one request, in milliseconds. Default 60000.
pub const DEADLINE_MS: &str = "OPENCLAW_DEADLINE_MS";
/// The name of the DynamoDB table. Default `openclaw`.
pub const TABLE: &str = "OPENCLAW_TABLE";
/// The name of the table that entries of the audit are written to before they are archived. Required, except on a developer's
/// machine, where nothing is audited without it.
pub const AUDIT_TABLE: &str = "OPENCLAW_AUDIT_TABLE";
/// The bucket of the audit's chained entries. Required by `archive`.
pub const AUDIT_BUCKET: &str = "OPENCLAW_AUDIT_BUCKET";
/// The bucket of the texts of agents with `audit: full`. Required by `archive`.
pub const AUDIT_TEXTS_BUCKET: &str = "OPENCLAW_AUDIT_TEXTS_BUCKET";
/// A prefix of every name in `{{ secrets['name'] }}`, so that two environments can share an account: with
/// `openclaw-prod/`, `bedrock/api-key` is the secret `openclaw-prod/bedrock/api-key`. Default empty.
pub const SECRETS_PREFIX: &str = "OPENCLAW_SECRETS_PREFIX";
/// The whole name of the secret that is the key of all digests, those of the audit and the callers' names in the log among
/// them: 32 random bytes in base64. While it is empty or cannot be read, lines have no `subject`, and where runs are audited no
/// agent runs. Default: none.
pub const DIGEST_SECRET: &str = "OPENCLAW_DIGEST_SECRET";
/// The address to which frames for WebSocket connections are posted: the API's address with its stage. Required by
/// `websocket`; `stream` uses it too.
pub const CONNECTIONS_URL: &str = "OPENCLAW_CONNECTIONS_URL";
/// The name or ARN of the function that performs runs for WebSocket clients. Required by `websocket`.
pub const STREAM_FUNCTION: &str = "OPENCLAW_STREAM_FUNCTION";
/// The addresses from which `websocket` accepts connections: CIDR blocks separated by commas, or `none`. A block may be
/// followed by its last day in UTC, as in `192.0.2.0/24@2030-12-31`; without one it does not end. Default: all addresses.
pub const ALLOWED_CIDRS: &str = "OPENCLAW_ALLOWED_CIDRS";
/// The origins of the web pages that may read the answers of `health`, with commas between them: those of
/// `cors.allowed_origins`, since `health` reads no configuration. Default: none.
pub const ALLOWED_ORIGINS: &str = "OPENCLAW_ALLOWED_ORIGINS";
/// The least severe level that is logged: `error`, `warn`, `info` or `debug`. Default `info`.
pub const LOG_LEVEL: &str = "OPENCLAW_LOG_LEVEL";
/// The values that [`LOG_LEVEL`] may have.
const LOG_LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];
/// Overrides the top-level `llm.provider`.
pub const LLM_PROVIDER: &str = "LLM_PROVIDER";
/// Overrides the top-level `llm.model`.
pub const LLM_MODEL: &str = "LLM_MODEL";
/// Overrides the top-level `llm.api_key`.
pub const LLM_API_KEY: &str = "LLM_API_KEY";
/// Overrides any scalar; the path follows the prefix: `OPENCLAW__AUTHENTICATION__CLIENT_ID`,
/// `OPENCLAW__AGENTS__0__SYSTEM`. Names are converted to lower case; a number selects an entry of a list that the
/// configuration already has.
pub const OVERRIDE_PREFIX: &str = "OPENCLAW__";
/// The host and port of the Runtime API, from which `stream` fetches its events. Set by Lambda.
pub const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";
/// The function's name. Set by Lambda.
pub const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
/// The region; required. The gateway looks for it only here. Set by Lambda.
pub const AWS_REGION: &str = "AWS_REGION";
/// The access key id of the role; required. The gateway looks for credentials only in these variables. Set by Lambda.
pub const AWS_ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// The secret access key of the role; required. Set by Lambda.
pub const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// The session token of the role. Set by Lambda.
pub const AWS_SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Another endpoint for every AWS service.
pub const AWS_ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// Another endpoint for one AWS service, named after the prefix: `BEDROCK`, `BEDROCK_RUNTIME`, `DYNAMODB`, `LAMBDA`,
/// `RDS_DATA`, `SECRETS_MANAGER` or `SSM`.
pub const AWS_ENDPOINT_URL_PREFIX: &str = "AWS_ENDPOINT_URL_";

/// Variables whose values are checked with the configuration.
pub(super) const CHECKED: [&str; 4] = [ALLOWED_CIDRS, DEADLINE_MS, LOCAL, LOG_LEVEL];

/// The default of [`DEADLINE_MS`]: a load balancer's usual idle timeout.
const DEFAULT_DEADLINE_MS: u64 = 60_000;

/// The environment as it was when the function started.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// An environment variable with a value that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: allowed is {allowed}")]
pub struct InvalidVariable {
    /// The variable.
    pub name: &'static str,
    /// The values that are allowed.
    pub allowed: &'static str,
}

impl Environment {
    /// Reads the process's environment; variables that are not UTF-8 are left out.
    #[must_use]
    pub fn from_process() -> Self {
        Self(
            // `std::env::vars` panics on a variable that is not UTF-8.
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// Makes an environment of these variables.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Returns a variable's value; `None` if it is unset or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        // Deployments set a variable to empty text where they mean that it is unset.
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns all variables, for `{{ env['NAME'] }}`.
    #[must_use]
    pub const fn variables(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Returns the variables whose names begin with the prefix, by the rest of their names.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Returns whether this is a developer's machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        // Exactly `1`, so that neither `0` nor `false` allows authentication to be switched off.
        self.get(LOCAL) == Some("1")
    }

    /// Returns whether AWS itself is a local stand-in.
    fn has_local_endpoint(&self) -> bool {
        self.get(AWS_ENDPOINT_URL).and_then(|url| Url::parse(url).ok()).is_some_and(|url| is_loopback(&url))
    }

    /// Returns where the configuration's bundle is.
    #[must_use]
    pub fn config_location(&self) -> &str {
        self.get(CONFIG).unwrap_or("bundle.json")
    }

    /// Returns the origins of the web pages that may read the answers of the function without a configuration.
    #[must_use]
    pub fn allowed_origins(&self) -> BTreeSet<String> {
        let origins = self.get(ALLOWED_ORIGINS).unwrap_or_default().split(',').map(str::trim);
        origins.filter(|origin| !origin.is_empty()).map(str::to_owned).collect()
    }

    /// Returns the name of the DynamoDB table.
    #[must_use]
    pub fn table(&self) -> &str {
        self.get(TABLE).unwrap_or("openclaw")
    }

    /// Adds a fault for each variable with a value that is not allowed. `OPENCLAW__…` and `LLM_…` are checked with the
    /// document.
    pub(super) fn check(&self, faults: &mut Faults) {
        if let Err(InvalidVariable { name, allowed }) = self.front_door_limit() {
            // Quoted, so that white space can be seen.
            faults.add(name, format!("{:?}", self.get(name).unwrap_or_default()), allowed);
        }
        if let Err(InvalidVariable { name, allowed }) = self.allowed_cidrs() {
            faults.add(name, format!("{:?}", self.get(name).unwrap_or_default()), allowed);
        }
        // On AWS it would open the gateway to everybody who can reach it.
        if self.is_local() && self.get(FUNCTION_NAME).is_some() && !self.has_local_endpoint() {
            faults.add(LOCAL, "1 in a function on AWS", "unset; 1 only on a developer's machine");
        }
        if let Some(level) = self.get(LOG_LEVEL).filter(|level| !LOG_LEVELS.contains(level)) {
            faults.add(LOG_LEVEL, format!("{level:?}"), LOG_LEVELS.join(", "));
        }
    }

    /// Returns the front door's limit for one request.
    ///
    /// # Errors
    /// [`InvalidVariable`] if it is not a whole number of milliseconds from 1.
    pub fn front_door_limit(&self) -> Result<Duration, InvalidVariable> {
        let Some(text) = self.get(DEADLINE_MS) else { return Ok(Duration::from_millis(DEFAULT_DEADLINE_MS)) };
        match text.parse::<u64>() {
            Ok(millis) if millis > 0 => Ok(Duration::from_millis(millis)),
            _ => Err(InvalidVariable { name: DEADLINE_MS, allowed: "a whole number of milliseconds from 1" }),
        }
    }

    /// Returns the networks from which WebSocket connections may be opened; `None` for any address.
    ///
    /// # Errors
    /// [`InvalidVariable`] if an entry is not a block of addresses, or its last day is not a date.
    pub fn allowed_cidrs(&self) -> Result<Option<Vec<AllowedNetwork>>, InvalidVariable> {
        // Set but empty is a mistake, which must not admit everybody.
        match self.0.get(ALLOWED_CIDRS).map(String::as_str) {
            None => Ok(None),
            Some("none") => Ok(Some(Vec::new())),
            Some(text) => text
                .split(',')
                .map(|block| block.trim().parse())
                .collect::<Result<_, _>>()
                .map(Some)
                .map_err(|_| InvalidVariable {
                    name: ALLOWED_CIDRS,
                    allowed: "blocks such as 192.0.2.0/24 or 192.0.2.0/24@2030-12-31 with commas between them, or none",
                }),
        }
    }
}

impl std::fmt::Debug for Environment {
    /// Shows names only, since values may be keys.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}
