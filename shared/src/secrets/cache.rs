//! The cache of secrets, in front of their sources.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use secrecy::{ExposeSecret, SecretString};

use super::entry::Entry;
use super::json_key::pick;
use super::{SecretError, SecretResolver, SecretSource};
use crate::domain::{Clock, SecretRef, SecretTemplate, TemplatePart};

/// The sources that a function may read. References to a source that is missing here are unusable, and the error says
/// so.
#[derive(Default, Clone)]
pub struct SecretSources {
    /// For `secrets['…']`.
    pub secrets_manager: Option<Arc<dyn SecretSource>>,
    /// For `ssm['…']`.
    pub parameter_store: Option<Arc<dyn SecretSource>>,
    /// For `env['…']`.
    pub environment: Option<Arc<dyn SecretSource>>,
}

/// A [`SecretResolver`] that fetches a secret when it is first needed and keeps it for 5 minutes.
///
/// A secret is renewed at most once in 30 s, concurrent callers share one fetch, and the last good value stays in use
/// for up to 24 hours while its service cannot be reached. A secret that was deleted or denied ends after 5 minutes. Keys of one JSON secret share its fetch. If a provider refuses the same old value twice,
/// [`renew`](SecretResolver::renew) returns true to the second caller as well, although the first one renewed it.
pub struct CachingSecretResolver {
    sources: SecretSources,
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<SecretRef, Arc<Entry>>>,
}

impl CachingSecretResolver {
    /// Creates an empty cache in front of these sources.
    #[must_use]
    pub fn new(sources: SecretSources, clock: Arc<dyn Clock>) -> Self {
        Self { sources, clock, entries: Mutex::default() }
    }

    async fn value(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let entry = self.entry(reference)?;
        if let Some(fetch) = entry.refresh() {
            fetch.await?;
        }
        pick(reference, entry.value()?)
    }

    async fn renew_one(&self, reference: &SecretRef) -> Result<bool, SecretError> {
        let entry = self.entry(reference)?;
        if let Some(fetch) = entry.renew() {
            fetch.await?;
        }
        Ok(entry.changed_lately())
    }

    fn entry(&self, reference: &SecretRef) -> Result<Arc<Entry>, SecretError> {
        let whole = match reference {
            SecretRef::Secret { name, .. } => SecretRef::Secret { name: name.clone(), key: None },
            SecretRef::Parameter(_) | SecretRef::Environment(_) => reference.clone(),
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(&whole) {
            return Ok(Arc::clone(entry));
        }
        let source = self.sources.of(reference)?;
        let entry = Arc::new(Entry::new(whole.clone(), source, Arc::clone(&self.clock)));
        entries.insert(whole, Arc::clone(&entry));
        Ok(entry)
    }
}

impl SecretSources {
    fn of(&self, reference: &SecretRef) -> Result<Arc<dyn SecretSource>, SecretError> {
        let (source, why) = match reference {
            SecretRef::Secret { .. } => (&self.secrets_manager, "this function reads no secrets of Secrets Manager"),
            SecretRef::Parameter(_) => (&self.parameter_store, "this function reads no parameters of Parameter Store"),
            SecretRef::Environment(_) => (&self.environment, "this function takes no secrets from its environment"),
        };
        source.clone().ok_or_else(|| SecretError::Unusable { reference: reference.clone(), why })
    }
}

#[async_trait]
impl SecretResolver for CachingSecretResolver {
    async fn resolve(&self, template: &SecretTemplate) -> Result<SecretString, SecretError> {
        let values = try_join_all(template.references().map(|reference| self.value(reference))).await?;
        Ok(fill(template, values))
    }

    async fn renew(&self, template: &SecretTemplate) -> Result<bool, SecretError> {
        let changed = try_join_all(template.references().map(|reference| self.renew_one(reference))).await?;
        Ok(changed.contains(&true))
    }
}

/// Replaces the references by the values, in order. The text is allocated once, so that no copy of a part of it stays
/// in memory.
fn fill(template: &SecretTemplate, values: Vec<SecretString>) -> SecretString {
    let literals = template.parts().iter().map(|part| match part {
        TemplatePart::Literal(text) => text.len(),
        TemplatePart::Reference(_) => 0,
    });
    let size = literals.sum::<usize>() + values.iter().map(|value| value.expose_secret().len()).sum::<usize>();
    let mut text = String::with_capacity(size);
    let mut values = values.into_iter();
    for part in template.parts() {
        match part {
            TemplatePart::Literal(literal) => text.push_str(literal),
            TemplatePart::Reference(_) => text.extend(values.next().as_ref().map(ExposeSecret::expose_secret)),
        }
    }
    text.into()
}

impl fmt::Debug for CachingSecretResolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CachingSecretResolver").finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
