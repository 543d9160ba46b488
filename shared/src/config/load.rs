//! From a bundle and the environment to the configuration of a function.

use std::path::Path;

use super::bundle::{HOW_TO_BUNDLE, read_bundle, sections};
use super::check::Check;
use super::env::{CHECKED, Environment};
use super::faults::{ConfigError, Faults};
use super::overrides;
use super::resolve::resolve;
use super::rules::ModelRules;
use super::settings::Config;
use super::stage::Stage;
use super::structure;

/// Loads a configuration from the text of a bundle: the environment overrides its document, which is then resolved and
/// checked. `source` names the bundle in faults.
///
/// # Errors
/// [`ConfigError`] with every fault: unknown keys, wrong types, unknown names, impossible values. The function must not
/// serve.
pub fn load(
    text: &str,
    source: &str,
    environment: &Environment,
    rules: &dyn ModelRules,
) -> Result<Config, ConfigError> {
    let mut faults = Faults::default();
    let Some(bundle) = read_bundle(text, &mut faults) else { return Err(faults.into_error(|_| source.to_owned())) };
    let document = sections(bundle.document, &mut faults);
    let mut document = overrides::apply(document, environment, &mut faults);
    let overridden = std::mem::take(&mut document.overridden);
    let source_of = |path: &str| {
        let from_environment = CHECKED.contains(&path).then(|| "environment".to_owned());
        from_environment.or_else(|| overridden.get(path).cloned()).unwrap_or_else(|| source.to_owned())
    };
    // With so many faults the document has another shape altogether, and further checks would say nothing new.
    let Some(file) = structure::read_file(document.value, &mut faults) else {
        return Err(faults.into_error(source_of));
    };
    // Checked although the document may be faulty, so that all faults are reported at once.
    environment.check(&mut faults);
    let replaced_provider = document.replaced_provider.as_deref();
    // A function has no directory beside its bundle: certificates were inlined when the bundle was made.
    let check = Check { environment, rules, stage: Stage::Start, directory: Path::new(""), replaced_provider };
    let mut config = resolve(&file, &check, &mut faults);
    for (name, set) in &mut config.policies {
        match bundle.policies.get(name) {
            Some(policies) if policies.texts.len() == set.files.len() => set.texts.clone_from(&policies.texts),
            _ => faults.add(format!("policies.{name}"), "a set without the texts of its files", HOW_TO_BUNDLE),
        }
    }
    if faults.is_empty() { Ok(config) } else { Err(faults.into_error(source_of)) }
}
