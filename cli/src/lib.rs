//! The command `openclaw`: checks a configuration directory, and bundles it for functions and for Terraform.
//!
//! The only crate that reads YAML. Must not know AWS: what it prints depends on the directory alone.

pub mod commands;
mod directory;
mod fault;
mod mask;
mod places;
mod policies;
mod report;
mod schema;
mod warnings;
mod yaml;

pub use directory::{Directory, DirectoryError};
pub use fault::{Fault, OtherFile};
pub use policies::{SetReport, check_policies};
pub use report::{json, text};

/// Reads a YAML document as JSON.
///
/// # Errors
/// The [`Fault`] of a text that is not YAML.
pub fn read_yaml(text: &str) -> Result<serde_json::Value, Box<Fault>> {
    yaml::read(text).map(|document| document.to_json())
}
