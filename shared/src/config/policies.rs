//! The sets of policies resolved: their names, and what an agent's `policy` may name.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::file::ConfigFile;
use super::policy_file::ExtendsName;
use super::settings::{ExtendedSet, PolicyConfig};
use super::shown::quoted;

/// The sets that the gateway ships.
pub(super) const SHIPPED: [&str; 2] = ["permissive", "strict"];

/// Resolves the sets.
pub(super) fn resolve(file: &ConfigFile, faults: &mut Faults) -> BTreeMap<String, PolicyConfig> {
    let mut sets = BTreeMap::new();
    for (name, section) in &file.policies {
        let at = format!("policies.{name}");
        if !is_set_name(name) || SHIPPED.contains(&name.as_str()) {
            faults.add_key(&at, quoted(name), "a name of 1 to 64 of a-z, A-Z, 0-9, _ and -, not strict or permissive");
        }
        if section.files.is_empty() {
            faults.add(format!("{at}.files"), "nothing", "the paths of Cedar files");
        }
        let extends = match section.extends {
            Some(ExtendsName::Strict) | None => ExtendedSet::Strict,
            Some(ExtendsName::Permissive) => ExtendedSet::Permissive,
            Some(ExtendsName::None) => ExtendedSet::None,
        };
        let (files, tests) = (section.files.clone(), section.tests.clone());
        sets.insert(name.clone(), PolicyConfig { files, texts: Vec::new(), tests, extends });
    }
    sets
}

/// Checks the name that an agent's `policy` has.
pub(super) fn check_name(path: &str, name: &str, file: &ConfigFile, faults: &mut Faults) {
    if !SHIPPED.contains(&name) && !file.policies.contains_key(name) {
        let own = file.policies.keys().map(String::as_str);
        let allowed = SHIPPED.into_iter().chain(own).collect::<Vec<_>>().join(", ");
        faults.add(format!("{path}policy"), quoted(name), allowed);
    }
}

fn is_set_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(is_part)
}
