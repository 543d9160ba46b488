//! What the entries of a batch change in the store of texts.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{AuditEntry, AuditTexts, EntryKind};
use super::ports::{ObjectError, TextObjects};

/// What a batch changes in the store of texts. Making the same changes again changes nothing.
#[derive(Debug, Default)]
pub(super) struct TextChanges<'a> {
    /// The conversations that are erased.
    erased: BTreeSet<&'a str>,
    /// The texts that no later entry of the batch erases, by conversation and entry.
    kept: BTreeMap<(&'a str, &'a str), &'a AuditTexts>,
}

impl<'a> TextChanges<'a> {
    /// Collects the changes of entries, which must be in their order.
    pub(super) fn of(entries: impl Iterator<Item = &'a AuditEntry>) -> Self {
        let mut changes = Self::default();
        for entry in entries {
            let conversation = entry.conversation.as_deref();
            if let Some(texts) = &entry.texts {
                changes.kept.insert((conversation.unwrap_or("none"), &entry.id), texts);
            }
            if let (EntryKind::Erasure, Some(conversation)) = (entry.kind, conversation) {
                changes.kept.retain(|(of, _), _| *of != conversation);
                changes.erased.insert(conversation);
            }
        }
        changes
    }

    /// Deletes the texts of erased conversations, then stores the others.
    ///
    /// # Errors
    /// Transient ones; some changes may be made then.
    pub(super) async fn apply(&self, texts: &dyn TextObjects) -> Result<(), ObjectError> {
        for conversation in &self.erased {
            texts.delete_all(&format!("{conversation}/")).await?;
        }
        for ((conversation, id), kept) in &self.kept {
            let body = serde_json::to_string(kept)
                .map_err(|_| ObjectError::Unavailable("texts cannot be written as JSON".to_owned()))?;
            texts.put(&format!("{conversation}/{id}.json"), body).await?;
        }
        Ok(())
    }
}
