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
pub struct Policies {
    sets: BTreeMap<String, Source>,
    /// Whether a set reads counts. The calls of all agents are counted then, since a caller's calls are one number.
    are_calls_counted: bool,
}

#[derive(Debug)]
struct Source {
    texts: Vec<String>,
    extends: Extends,
    reads: Reads,
    /// `None` for a set that cannot be read, which denies every call.
    parsed: OnceLock<Option<PolicySet>>,
}

impl Policies {
    /// Creates the sets: the shipped ones, and those with a name, their texts and the set that they extend.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = (String, Vec<String>, Extends)>) -> Self {
        let shipped = [("strict", Extends::Strict), ("permissive", Extends::Permissive)];
        let shipped = shipped.map(|(name, extends)| (name.to_owned(), Vec::new(), extends));
        let source = |(name, texts, extends): (String, Vec<String>, Extends)| {
            let reads = Reads::of(&texts);
            (name, Source { texts, extends, reads, parsed: OnceLock::new() })
        };
        let sets: BTreeMap<String, Source> = own.into_iter().chain(shipped).map(source).collect();
        let are_calls_counted = sets.values().any(|source| source.reads.count);
        Self { sets, are_calls_counted }
    }

    /// Returns what the policies of a set read that must be fetched first. Earlier calls count if any set reads them.
    #[must_use]
    pub fn reads(&self, name: &str) -> Reads {
        let own = self.sets.get(name).map(|source| source.reads).unwrap_or_default();
        Reads { count: self.are_calls_counted, ..own }
    }

    /// Judges whether a caller may invoke an agent, by a set that names `invoke_agent`: what no policy forbids is allowed, since
    /// the agent's `access` has admitted the caller.
    #[must_use]
    pub fn judge_invocation(&self, name: &str, invocation: &InvocationRequest<'_>) -> Decision {
        let set = self.sets.get(name).and_then(Source::set);
        set.map_or_else(|| Decision::denied("evaluation-error"), |set| set.judge_invocation(invocation))
    }

    /// Judges a call by the set of this name. A set that does not exist or cannot be read denies.
    #[must_use]
    pub fn judge(&self, name: &str, call: &CallRequest<'_>) -> Decision {
        let set = self.sets.get(name).and_then(Source::set);
        set.map_or_else(|| Decision::denied("evaluation-error"), |set| set.judge(call))
    }
}

impl Reads {
    /// Looks for words anywhere in the texts, comments included: what is fetched for nothing does no harm.
    fn of(texts: &[String]) -> Self {
        // An escape may spell any of the words.
        let has = |word: &str| texts.iter().any(|text| text.contains('\\') || words(text).any(|found| found == word));
        Self { grants: has("grants"), count: has("count"), invoke_agent: has("invoke_agent") }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_policies_read_is_fetched() {
        let texts = |text: &str| ("own".to_owned(), vec![text.to_owned()], Extends::Strict);
        let reads = |text: &str| Policies::new([texts(text)]).reads("own");
        assert_eq!(reads("forbid when { context[\"count\"].hour > 2 }"), Reads { count: true, ..Reads::default() });
        assert_eq!(reads("context.grants.contains(\"x\")"), Reads { grants: true, ..Reads::default() });
        assert_eq!(reads("Action::\"invoke_agent\""), Reads { invoke_agent: true, ..Reads::default() });
        let all = Reads { grants: true, count: true, invoke_agent: true };
        assert_eq!(reads(r#"Action::"invoke\u{5f}agent""#), all);
        assert_eq!(reads("context.input.account == \"discount\""), Reads::default());
        for shipped in ["strict", "permissive", "unknown"] {
            assert_eq!(Policies::new([]).reads(shipped), Reads::default(), "{shipped} costs no request");
        }
        // The calls of one agent count for the next.
        let beside = Policies::new([texts("forbid when { context.count.day > 2 }")]).reads("permissive");
        assert_eq!(beside, Reads { count: true, ..Reads::default() });
    }
}
