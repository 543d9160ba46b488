//! The configuration: the bundle that functions read, and the environment that overrides it, checked as a whole before
//! anything starts.
//!
//! Must not know adapters or YAML. What only a provider knows about its models is asked through [`ModelRules`].

mod action_file;
mod action_kind;
mod actions;
mod address;
mod agents;
mod authentication;
mod bounded;
mod bundle;
mod certificate;
mod check;
mod empty_keys;
pub mod env;
mod faults;
mod file;
mod limits;
mod llm_file;
mod load;
mod named_file;
mod overrides;
mod policies;
mod policy_file;
mod providers;
mod resolve;
mod rights;
mod rules;
mod schema;
mod settings;
mod shown;
mod source;
mod stage;
mod state_calls;
mod state_file;
mod states;
mod structure;
#[cfg(test)]
mod tests;

pub use action_kind::{ActionKind, ActionRights, ActionSettings, SettingFault};
pub use address::{UrlFault, checked_base_url};
pub use bundle::{BUNDLE_REVISION, Bundle, PolicyTexts};
pub use env::Environment;
pub use faults::{ConfigError, ConfigFault, FaultPart, WrittenPath};
pub use load::load;
pub use named_file::{FileFault, read_named_file};
pub use rights::{DefaultModel, Rights};
pub use rules::ModelRules;
pub use schema::json_schema;
pub use settings::{AuthenticationConfig, ClientConfig, Config, ExtendedSet, PolicyConfig, ProviderConfig};
pub use shown::{is_name, is_plain, is_sensitive, may_hold_secret, shown_path};
pub use source::SourceDocument;
pub use stage::Stage;
