//! The metrics: their names, units and meanings.

/// A metric in the namespace `OpenClaw`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Requests.
    Requests,
    /// Failed requests.
    Errors,
    /// Time spent waiting for models.
    LlmLatency,
    /// Time spent waiting for actions.
    ActionLatency,
    /// The rest of a request's time.
    OverheadLatency,
    /// Tokens of prompts.
    InputTokens,
    /// Tokens of answers.
    OutputTokens,
    /// Throttled calls of a provider.
    ProviderThrottles,
    /// Models that failed before another one answered.
    Fallbacks,
    /// Requests and calls that policy refused.
    PolicyDenials,
    /// Erasures that have left something to delete.
    ErasureIncomplete,
    /// Requests without the right to what they ask for.
    Refusals,
    /// Refused versions of the configuration.
    ConfigRefused,
    /// Entries of the audit that were archived.
    AuditEntries,
    /// Chains of the audit that are broken.
    AuditChainBroken,
    /// Items of the audit that could not be read.
    AuditUnreadable,
}

impl Metric {
    /// Every metric, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::Requests,
        Self::Errors,
        Self::LlmLatency,
        Self::ActionLatency,
        Self::OverheadLatency,
        Self::InputTokens,
        Self::OutputTokens,
        Self::ProviderThrottles,
        Self::Fallbacks,
        Self::PolicyDenials,
        Self::ErasureIncomplete,
        Self::Refusals,
        Self::ConfigRefused,
        Self::AuditEntries,
        Self::AuditChainBroken,
        Self::AuditUnreadable,
    ];

    /// Returns the name in `CloudWatch`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Errors => "Errors",
            Self::LlmLatency => "LlmLatency",
            Self::ActionLatency => "ActionLatency",
            Self::OverheadLatency => "OverheadLatency",
            Self::InputTokens => "InputTokens",
            Self::OutputTokens => "OutputTokens",
            Self::ProviderThrottles => "ProviderThrottles",
            Self::Fallbacks => "Fallbacks",
            Self::PolicyDenials => "PolicyDenials",
            Self::ErasureIncomplete => "ErasureIncomplete",
            Self::Refusals => "Refusals",
            Self::ConfigRefused => "ConfigRefused",
            Self::AuditEntries => "AuditEntries",
            Self::AuditChainBroken => "AuditChainBroken",
            Self::AuditUnreadable => "AuditUnreadable",
        }
    }

    /// Returns the unit in `CloudWatch`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::LlmLatency | Self::ActionLatency | Self::OverheadLatency => "Milliseconds",
            _ => "Count",
        }
    }

    /// Returns the meaning, in Markdown, for the documentation. No function links it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Requests => "Requests.",
            Self::Errors => "Answers with a status of 500 or above.",
            Self::LlmLatency => "The time that a request waited for models; only for requests that called one.",
            Self::ActionLatency => {
                "The time that a request waited for actions, those that call a model included; only for requests that made a call."
            }
            Self::OverheadLatency => "The rest of the request's time.",
            Self::InputTokens => {
                "Tokens of prompts, as the provider reports them, or as estimated for attempts without a report."
            }
            Self::OutputTokens => "Tokens of answers, likewise.",
            Self::ProviderThrottles => "Calls that a provider throttled.",
            Self::Fallbacks => "Models that failed before another one answered.",
            Self::PolicyDenials => {
                "Answers with status 403, and calls of agents that policy denied or that need approval."
            }
            Self::ErasureIncomplete => "Erasures that have left items to delete; the conversations are unreadable.",
            Self::Refusals => "Answers with status 401 or 403.",
            Self::ConfigRefused => "New versions of the configuration that were refused.",
            Self::AuditEntries => "Entries that `archive` has moved into the audit.",
            Self::AuditChainBroken => {
                "Batches that `archive` cannot store, since what is stored does not continue its chain."
            }
            Self::AuditUnreadable => {
                "Items of the audit that `archive` could not read, and replaced by an entry that says so."
            }
        }
    }
}
