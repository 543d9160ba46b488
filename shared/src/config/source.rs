//! A document before it is bundled: checked for a person, who sees every fault at once.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::bundle::{Bundle, PolicyTexts, sections};
use super::certificate::certificates;
use super::check::Check;
use super::env::{Environment, LOCAL};
use super::faults::{ConfigError, Faults};
use super::file::ConfigFile;
use super::named_file::read_named_file;
use super::resolve::resolve;
use super::rights::Rights;
use super::rules::ModelRules;
use super::settings::Config;
use super::stage::Stage;
use super::structure;
use crate::domain::Provider;

/// A document as read from `openclaw.yaml`.
#[derive(Debug, Clone, Copy)]
pub struct SourceDocument<'a> {
    /// The document as JSON.
    pub value: &'a Value,
    /// The name of the file, for faults.
    pub source: &'a str,
    /// The directory that relative paths in the document start from.
    pub directory: &'a Path,
}

/// A document that has passed its check.
struct Read {
    document: Value,
    file: ConfigFile,
    config: Config,
}

impl SourceDocument<'_> {
    /// Checks the document as functions do, without the environment's overrides.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault.
    pub fn check(&self, stage: Stage, rules: &dyn ModelRules) -> Result<(), ConfigError> {
        self.resolve(stage, rules).map(|_| ())
    }

    /// Checks the document and returns the configuration that it describes, without the texts of its policies.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault, as [`SourceDocument::check`].
    pub fn resolve(&self, stage: Stage, rules: &dyn ModelRules) -> Result<Config, ConfigError> {
        self.read(stage, rules).map(|read| read.config)
    }

    /// Checks the document and bundles it.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault, as [`SourceDocument::check`].
    pub fn bundle(&self, stage: Stage, rules: &dyn ModelRules) -> Result<Bundle, ConfigError> {
        let Read { mut document, file, config } = self.read(stage, rules)?;
        let mut faults = Faults::default();
        for provider in Provider::ALL {
            self.inline_certificates(&mut document, provider, &mut faults);
        }
        let policies = self.policy_texts(&config, &mut faults);
        if faults.is_empty() {
            Ok(Bundle::new(document, policies, Rights::of(&file, rules)))
        } else {
            Err(faults.into_error(|_| self.source.to_owned()))
        }
    }

    /// Reads the files of the sets of policies.
    fn policy_texts(&self, config: &Config, faults: &mut Faults) -> BTreeMap<String, PolicyTexts> {
        let mut sets = BTreeMap::new();
        for (name, set) in &config.policies {
            let mut texts = Vec::new();
            for (index, file) in set.files.iter().enumerate() {
                match read_named_file(self.directory, file) {
                    Ok(text) => texts.push(text),
                    Err(fault) => faults.add(
                        format!("policies.{name}.files[{index}]"),
                        fault.found(),
                        "the path of a Cedar file within the directory of openclaw.yaml",
                    ),
                }
            }
            sets.insert(name.clone(), PolicyTexts { texts });
        }
        sets
    }

    fn read(&self, stage: Stage, rules: &dyn ModelRules) -> Result<Read, ConfigError> {
        let mut faults = Faults::default();
        let document = sections(self.value.clone(), &mut faults);
        let file = structure::read_file(document.clone(), &mut faults);
        // The local cloud sets `OPENCLAW_LOCAL=1` for its functions, so they are checked under the same condition.
        let local = (stage == Stage::LocalCloud).then_some((LOCAL, "1"));
        let environment = Environment::from_pairs(local);
        let check =
            Check { environment: &environment, rules, stage, directory: self.directory, replaced_provider: None };
        let resolved = file.map(|file| {
            let config = resolve(&file, &check, &mut faults);
            (file, config)
        });
        match resolved {
            Some((file, config)) if faults.is_empty() => Ok(Read { document, file, config }),
            _ => Err(faults.into_error(|_| self.source.to_owned())),
        }
    }

    /// Puts the text of the certificates in place of their path.
    fn inline_certificates(&self, document: &mut Value, provider: Provider, faults: &mut Faults) {
        let Some(ca) = document.pointer_mut(&format!("/providers/{provider}/ca")) else { return };
        let path = format!("providers.{provider}.ca");
        let pem = ca.as_str().and_then(|text| certificates(text, self.directory, &path, faults));
        if let Some(pem) = pem {
            // A function does not have the directory.
            *ca = Value::String(pem);
        }
    }
}
