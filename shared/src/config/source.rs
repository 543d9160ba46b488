//! A document before it is bundled: checked for a person, who sees every fault at once.

use std::path::Path;

use serde_json::Value;

use super::bundle::{Bundle, sections};
use super::certificate::certificates;
use super::check::Check;
use super::env::{Environment, LOCAL};
use super::faults::{ConfigError, Faults};
use super::file::ConfigFile;
use super::resolve::resolve;
use super::rights::Rights;
use super::rules::ModelRules;
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

impl SourceDocument<'_> {
    /// Checks the document as functions do, without the environment's overrides.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault.
    pub fn check(&self, stage: Stage, rules: &dyn ModelRules) -> Result<(), ConfigError> {
        self.read(stage, rules).map(|_| ())
    }

    /// Checks the document and bundles it.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault, as [`SourceDocument::check`].
    pub fn bundle(&self, stage: Stage, rules: &dyn ModelRules) -> Result<Bundle, ConfigError> {
        let (mut document, file) = self.read(stage, rules)?;
        let mut faults = Faults::default();
        for provider in Provider::ALL {
            self.inline_certificates(&mut document, provider, &mut faults);
        }
        if faults.is_empty() {
            Ok(Bundle::new(document, Rights::of(&file, rules)))
        } else {
            Err(faults.into_error(|_| self.source.to_owned()))
        }
    }

    fn read(&self, stage: Stage, rules: &dyn ModelRules) -> Result<(Value, ConfigFile), ConfigError> {
        let mut faults = Faults::default();
        let document = sections(self.value.clone(), &mut faults);
        let file = structure::read_file(document.clone(), &mut faults);
        // The local cloud sets `OPENCLAW_LOCAL=1` for its functions, so they are checked under the same condition.
        let local = (stage == Stage::LocalCloud).then_some((LOCAL, "1"));
        let environment = Environment::from_pairs(local);
        let check =
            Check { environment: &environment, rules, stage, directory: self.directory, replaced_provider: None };
        if let Some(file) = &file {
            resolve(file, &check, &mut faults);
        }
        match file {
            Some(file) if faults.is_empty() => Ok((document, file)),
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
