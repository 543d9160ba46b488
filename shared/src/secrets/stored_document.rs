//! A long document in Parameter Store, which readers never see half-written.
//!
//! The parameter `/name` is a pointer `{"parts": N, "sha256": "…"}`. The text is in the parameters `/name/<sha256>/1` to
//! `/name/<sha256>/N`, and the digest is that of the joined parts. A deployment writes the parts of a new version first,
//! then the pointer, and removes the old parts last. A reader that misses a part therefore reads the pointer again.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;

use super::SecretError;
use crate::domain::{SecretRef, sha256_hex};

/// The most parameters that one `GetParameters` call may name.
const NAMES_PER_CALL: usize = 10;

/// The most parts of a document, 4 KB each.
const MAX_PARTS: usize = 250;

/// The number of times that the parts are read before a missing part counts as lost.
const ATTEMPTS: u32 = 4;

/// The pause before the pointer is read again.
const PAUSE: Duration = Duration::from_millis(100);

/// A source of parameters.
#[async_trait]
pub trait ReadParameters: Send + Sync {
    /// Returns the values of those parameters that exist, by name; takes at most ten names.
    ///
    /// # Errors
    /// [`SecretError`] if the service cannot be asked.
    async fn read_parameters(&self, names: &[String]) -> Result<BTreeMap<String, String>, SecretError>;
}

/// A document.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct StoredDocument {
    /// The text, its parts joined.
    #[debug("[{} bytes]", text.len())]
    pub text: String,
    /// The digest of the text, which names this version.
    pub sha256: String,
}

/// A document that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredDocumentError {
    /// A parameter cannot be read.
    #[error(transparent)]
    Parameter(#[from] SecretError),
    /// The parameter is not a pointer.
    #[error(
        "the parameter {name} is not a pointer to a bundle, {{\"parts\", \"sha256\"}}; run `openclaw bundle DIR` and deploy \
         what it writes"
    )]
    NotAPointer {
        /// The parameter.
        name: String,
    },
    /// A part does not exist, though the pointer counts it.
    #[error("the parameter {name} does not exist, though its pointer counts it; deploy the bundle again")]
    MissingPart {
        /// The part.
        name: String,
    },
    /// The parts have another digest than the pointer says.
    #[error("the parts of {name} do not have the digest that their pointer says; deploy the bundle again")]
    OtherDigest {
        /// The document.
        name: String,
    },
}

impl StoredDocumentError {
    /// Returns whether the document itself is damaged, which another attempt does not change.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        !matches!(self, Self::Parameter(_))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pointer {
    parts: usize,
    sha256: String,
}

/// Reads the document `name`.
///
/// # Errors
/// [`StoredDocumentError`]; a mixture of two versions is never returned.
pub async fn read_document(parameters: &dyn ReadParameters, name: &str) -> Result<StoredDocument, StoredDocumentError> {
    let pointer = read_pointer(parameters, name).await?;
    follow(parameters, name, pointer).await
}

/// Reads the document `name` if its digest is another than `known`; otherwise returns `None` after one call.
///
/// # Errors
/// As [`read_document`].
pub async fn read_changed_document(
    parameters: &dyn ReadParameters,
    name: &str,
    known: &str,
) -> Result<Option<StoredDocument>, StoredDocumentError> {
    let pointer = read_pointer(parameters, name).await?;
    if pointer.sha256 == known {
        return Ok(None);
    }
    follow(parameters, name, pointer).await.map(Some)
}

/// Reads the parts. Reads the pointer again if a part is missing: the pointer has changed, or the part has not arrived
/// yet.
async fn follow(
    parameters: &dyn ReadParameters,
    name: &str,
    mut pointer: Pointer,
) -> Result<StoredDocument, StoredDocumentError> {
    for _ in 1..ATTEMPTS {
        match read_parts(parameters, name, &pointer).await {
            Err(StoredDocumentError::MissingPart { .. }) => {}
            read => return read,
        }
        tokio::time::sleep(PAUSE).await;
        pointer = read_pointer(parameters, name).await?;
    }
    read_parts(parameters, name, &pointer).await
}

async fn read_pointer(parameters: &dyn ReadParameters, name: &str) -> Result<Pointer, StoredDocumentError> {
    let mut found = parameters.read_parameters(&[name.to_owned()]).await?;
    let Some(text) = found.remove(name) else {
        return Err(SecretError::NotFound { reference: SecretRef::Parameter(name.to_owned()) }.into());
    };
    let pointer = serde_json::from_str(&text).ok().filter(|pointer: &Pointer| {
        (1..=MAX_PARTS).contains(&pointer.parts)
            && pointer.sha256.len() == 64
            && pointer.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    pointer.ok_or_else(|| StoredDocumentError::NotAPointer { name: name.to_owned() })
}

async fn read_parts(
    parameters: &dyn ReadParameters,
    name: &str,
    pointer: &Pointer,
) -> Result<StoredDocument, StoredDocumentError> {
    let names: Vec<String> = (1..=pointer.parts).map(|part| format!("{name}/{}/{part}", pointer.sha256)).collect();
    let mut text = String::new();
    for names in names.chunks(NAMES_PER_CALL) {
        let mut found = parameters.read_parameters(names).await?;
        for part in names {
            let Some(value) = found.remove(part) else {
                return Err(StoredDocumentError::MissingPart { name: part.clone() });
            };
            text.push_str(&value);
        }
    }
    if sha256_hex(text.as_bytes()) == pointer.sha256 {
        Ok(StoredDocument { text, sha256: pointer.sha256.clone() })
    } else {
        Err(StoredDocumentError::OtherDigest { name: name.to_owned() })
    }
}

#[cfg(test)]
#[path = "stored_document_tests.rs"]
mod tests;
