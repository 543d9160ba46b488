//! Whether strangers may have written a text, and what a message carries of that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Whether strangers may have written a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// They cannot.
    Trusted,
    /// They may.
    Untrusted,
}

/// Who has written the result of a tool call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultSource {
    /// The gateway itself: the call was denied, or has failed.
    Gateway,
    /// An action whose output strangers cannot write.
    Trusted,
    /// An action whose output strangers may have written.
    #[default]
    Untrusted,
}

/// What a message carries of the texts that it was written after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Whether strangers may have had a say in it.
    pub is_tainted: bool,
    /// The data classes that it may hold.
    pub data: BTreeSet<String>,
}

impl ResultSource {
    /// Returns whether strangers may have written the text.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        *self == Self::Untrusted
    }
}

impl Marks {
    /// Returns whether there is nothing to mark.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.is_tainted && self.data.is_empty()
    }
}
