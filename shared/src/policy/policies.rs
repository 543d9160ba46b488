//! The sets of policies of an installation, by name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{CallRequest, Decision, Extends, InvocationRequest, PolicySet};

/// What the policies of a set read that must be fetched before they judge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// The caller's grants.
    pub grants: bool,
    /// Earlier calls.
    pub count: bool,
    /// Whether invocations are judged, too.
    pub invoke_agent: bool,
}

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

    /// Returns what the policies of a set read that must be fetched first.
    #[must_use]
    pub fn reads(&self, name: &str) -> Reads {
        let Some(source) = self.0.get(name) else { return Reads::default() };
        // Words anywhere in the text, comments included: what is fetched for nothing does no harm.
        let has = |word: &str| source.texts.iter().any(|text| words(text).any(|found| found == word));
        Reads { grants: has("grants"), count: has("count"), invoke_agent: has("invoke_agent") }
    }

    /// Judges whether a caller may invoke an agent, by a set that names `invoke_agent`: what no policy forbids is allowed, since
    /// the agent's `access` has admitted the caller.
    #[must_use]
    pub fn judge_invocation(&self, name: &str, invocation: &InvocationRequest<'_>) -> Decision {
        let set = self.0.get(name).and_then(Source::set);
        set.map_or_else(|| Decision::denied("evaluation-error"), |set| set.judge_invocation(invocation))
    }

    /// Judges a call by the set of this name. A set that does not exist or cannot be read denies.
    #[must_use]
    pub fn judge(&self, name: &str, call: &CallRequest<'_>) -> Decision {
        let set = self.0.get(name).and_then(Source::set);
        set.map_or_else(|| Decision::denied("evaluation-error"), |set| set.judge(call))
    }
}

/// Returns the words of a text of policies.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
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
