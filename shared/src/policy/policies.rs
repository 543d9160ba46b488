//! The sets of policies of an installation, by name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{CallRequest, Decision, Extends, PolicySet};

/// The sets of policies of an installation. A set is parsed when the first call is judged by it, since most turns judge none.
#[derive(Debug)]
pub struct Policies(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    texts: Vec<String>,
    extends: Extends,
    /// `None` for a set that cannot be read, which denies every call.
    parsed: OnceLock<Option<PolicySet>>,
}

impl Policies {
    /// Creates the sets: the shipped ones, and those with a name, their texts and the set that they extend.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = (String, Vec<String>, Extends)>) -> Self {
        let shipped = [("strict", Extends::Strict), ("permissive", Extends::Permissive)];
        let shipped = shipped.map(|(name, extends)| (name.to_owned(), Vec::new(), extends));
        let source = |(name, texts, extends)| (name, Source { texts, extends, parsed: OnceLock::new() });
        Self(own.into_iter().chain(shipped).map(source).collect())
    }

    /// Judges a call by the set of this name. A set that does not exist or cannot be read denies.
    #[must_use]
    pub fn judge(&self, name: &str, call: &CallRequest<'_>) -> Decision {
        let set = self.0.get(name).and_then(Source::set);
        set.map_or_else(|| Decision::denied("evaluation-error"), |set| set.judge(call))
    }
}

impl Source {
    fn set(&self) -> Option<&PolicySet> {
        let parse = || {
            let texts: Vec<&str> = self.texts.iter().map(String::as_str).collect();
            PolicySet::parse(&texts, self.extends).ok()
        };
        self.parsed.get_or_init(parse).as_ref()
    }
}
