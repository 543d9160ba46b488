//! A graph as mermaid text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Graph, State, StateName};

impl Graph {
    /// Draws the graph as a mermaid state diagram. Conditions and texts are left out, since they are the operator's.
    #[must_use]
    pub fn mermaid(&self) -> String {
        // Numbered, since a name may be a word of mermaid's language.
        let ids: BTreeMap<&StateName, usize> = self.nodes().map(|(name, _)| name).zip(1..).collect();
        let id = |name: &StateName| ids.get(name).copied().unwrap_or_default();
        let mut text = "stateDiagram-v2\n".to_owned();
        for (name, node) in self.nodes() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "    state \"{name}\" as s{}", id(name));
            if matches!(node.state, State::Input) {
                let _ = writeln!(text, "    [*] --> s{}", id(name));
            }
            for (key, target) in node.targets() {
                let label = match key.as_str() {
                    "next" => "",
                    "on_error" => " : error",
                    "otherwise" => " : otherwise",
                    _ => " : if",
                };
                let _ = writeln!(text, "    s{} --> s{}{label}", id(name), id(target));
            }
            if matches!(node.state, State::Output(_)) {
                let _ = writeln!(text, "    s{} --> [*]", id(name));
            }
        }
        text
    }
}
