//! A configuration directory: `openclaw.yaml` and the files that it names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use openclaw::config::{Bundle, Config, ConfigError, ModelRules, SourceDocument, Stage};
use openclaw::domain::{PrivateNetwork, Timestamp};
use serde_json::Value;

use crate::fault::Fault;
use crate::mask;
use crate::places::Places;
use crate::policies::{SetReport, check_policies};
use crate::warnings::warnings;
use crate::yaml::{self, Node};

/// The file that every configuration directory has.
const FILE: &str = "openclaw.yaml";

/// A configuration directory, read.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// The path of the file, as faults show it.
    file: String,
    text: String,
    document: Result<Document, Box<Fault>>,
}

#[derive(Debug)]
struct Document {
    node: Node,
    value: Value,
    places: Places,
    /// The faults of repeated keys.
    repeated: Vec<Fault>,
}

/// A directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The path does not lead to a directory.
    #[error("{0} is not a directory; name the directory that holds openclaw.yaml")]
    NotADirectory(String),
    /// The directory does not hold the file.
    #[error("{0} does not exist; a configuration directory holds openclaw.yaml")]
    NoFile(String),
    /// The file cannot be read.
    #[error("{file} cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// The reason.
        source: io::Error,
    },
}

impl Directory {
    /// Reads a directory. Text that is not YAML is a fault of the configuration and no error here.
    ///
    /// # Errors
    /// [`DirectoryError`] if there is nothing to check.
    pub fn read(path: &Path) -> Result<Self, DirectoryError> {
        // Before the file is read, so that the path of openclaw.yaml itself gets a fitting error.
        if !path.is_dir() {
            return Err(DirectoryError::NotADirectory(path.display().to_string()));
        }
        let file = path.join(FILE).display().to_string();
        let bytes = match fs::read(path.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(DirectoryError::NoFile(file)),
            Err(source) => return Err(DirectoryError::Unreadable { file, source }),
        };
        // Bad bytes are replaced, so that their place can be shown.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let document = if text.len() == bytes.len() && std::str::from_utf8(&bytes).is_ok() {
            yaml::read(&text).map(Document::of)
        } else {
            Err(Box::new(not_utf8(&text)))
        };
        Ok(Self { path: path.to_owned(), file, text, document })
    }

    /// Checks the directory and returns every fault, in the order of the file, and then the warnings.
    #[must_use]
    pub fn check(&self, stage: Stage, rules: &dyn ModelRules, now: Timestamp) -> Vec<Fault> {
        match &self.document {
            Ok(document) => match self.source(document).resolve(stage, rules) {
                Ok(config) => {
                    let (of_policies, warnings) = self.policy_faults(&config);
                    let faults = document.faults(None).into_iter().chain(document.expired(now)).chain(of_policies);
                    faults.chain(document.warnings(&config)).chain(warnings).collect()
                }
                Err(refused) => document.faults(Some(refused)),
            },
            Err(fault) => vec![fault.as_ref().clone()],
        }
    }

    /// Bundles the directory, and returns the warnings beside the bundle.
    ///
    /// # Errors
    /// Every fault, as [`Directory::check`] returns them.
    pub fn bundle(
        &self,
        stage: Stage,
        rules: &dyn ModelRules,
        now: Timestamp,
    ) -> Result<(Bundle, Vec<Fault>), Vec<Fault>> {
        let document = self.document.as_ref().map_err(|fault| vec![fault.as_ref().clone()])?;
        let source = self.source(document);
        match source.bundle(stage, rules) {
            // The check sees one value for each key, so repeated keys are judged here.
            Ok(bundle) if document.repeated.is_empty() => {
                let (mut faults, mut warnings) = (document.expired(now), Vec::new());
                if let Ok(config) = source.resolve(stage, rules) {
                    let (of_policies, its_warnings) = self.policy_faults(&config);
                    faults.extend(of_policies);
                    warnings = document.warnings(&config);
                    warnings.extend(its_warnings);
                }
                if faults.is_empty() { Ok((bundle, warnings)) } else { Err(faults) }
            }
            bundled => Err(document.faults(bundled.err())),
        }
    }

    /// Checks the sets of policies, and runs their examples.
    ///
    /// # Errors
    /// Every fault of `openclaw.yaml` itself.
    pub fn policies(&self, stage: Stage, rules: &dyn ModelRules, now: Timestamp) -> Result<Vec<SetReport>, Vec<Fault>> {
        let document = self.document.as_ref().map_err(|fault| vec![fault.as_ref().clone()])?;
        match self.source(document).resolve(stage, rules) {
            Ok(config) if document.repeated.is_empty() => match document.expired(now) {
                faults if faults.is_empty() => Ok(self.sets(&config)),
                faults => Err(faults),
            },
            resolved => Err(document.faults(resolved.err())),
        }
    }

    /// Checks the sets of policies. A fault without a place of its own is shown where it is named.
    fn sets(&self, config: &Config) -> Vec<SetReport> {
        let mut reports = check_policies(config, &self.path);
        if let Ok(document) = &self.document {
            let faults = reports.iter_mut().flat_map(|report| report.faults.iter_mut().chain(&mut report.warnings));
            for fault in faults.filter(|fault| fault.other.is_none()) {
                fault.marked = document.places.at(&fault.path, fault.part);
            }
        }
        reports
    }

    /// Returns the faults of the sets of policies, and their warnings.
    fn policy_faults(&self, config: &Config) -> (Vec<Fault>, Vec<Fault>) {
        let (mut faults, mut warnings) = (Vec::new(), Vec::new());
        for report in self.sets(config) {
            faults.extend(report.faults);
            warnings.extend(report.warnings);
        }
        (faults, warnings)
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text of the file as a report may show it, with the same length: all is covered but the names of keys and
    /// the values that have the kind which their place requires and that are not keys, headers or comments.
    #[must_use]
    pub fn shown_text(&self) -> String {
        self.document
            .as_ref()
            .map_or_else(|_| mask::masked_unread(&self.text), |document| mask::masked(&self.text, &document.node))
    }

    fn source<'a>(&'a self, document: &'a Document) -> SourceDocument<'a> {
        SourceDocument { value: &document.value, source: &self.file, directory: &self.path }
    }
}

impl Document {
    fn of(node: Node) -> Self {
        let (places, repeated) = Places::of(&node);
        Self { value: node.to_json(), node, places, repeated }
    }

    /// Returns what a configuration may do and its author may not expect.
    fn warnings(&self, config: &Config) -> Vec<Fault> {
        warnings(config, &self.value).into_iter().map(|warning| self.placed(warning)).collect()
    }

    /// Returns the faults of private networks whose last day is over. A function loads such a configuration and refuses the
    /// calls.
    fn expired(&self, now: Timestamp) -> Vec<Fault> {
        let actions = self.value.get("actions").and_then(Value::as_array);
        let expired = |(index, action): (usize, &Value)| {
            let private = action.get("private")?;
            let text = |key| private.get(key).and_then(Value::as_str);
            let network = PrivateNetwork::new(text("cidr")?, text("expires")?).ok()?;
            let path = format!("actions[{index}].private.expires");
            let allowed = "a last day that is not over, in UTC, or no `private`; the network is not called any more";
            network.has_expired(now).then(|| self.placed(Fault::at(path, "a last day that is over", allowed)))
        };
        actions.into_iter().flatten().enumerate().filter_map(expired).collect()
    }

    /// Marks a fault at its path.
    fn placed(&self, fault: Fault) -> Fault {
        let marked = self.places.at(&fault.path, fault.part);
        Fault { marked, ..fault }
    }

    /// Returns the faults of repeated keys and of the check with their places, in the order of the file.
    fn faults(&self, refused: Option<ConfigError>) -> Vec<Fault> {
        let checked = refused.into_iter().flat_map(|refused| refused.0).map(|fault| {
            let marked = self.places.marked(&fault);
            Fault::of(fault, marked)
        });
        let mut faults: Vec<Fault> = self.repeated.iter().cloned().chain(checked).collect();
        faults.sort_by_key(|fault| fault.marked.as_ref().map_or(0, |marked| marked.start));
        faults
    }
}

/// Returns the fault of a file that is not UTF-8; `text` has a replacement character in its place.
fn not_utf8(text: &str) -> Fault {
    let at = text.find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
    Fault {
        marked: Some(at..at + char::REPLACEMENT_CHARACTER.len_utf8()),
        ..Fault::at("", "bytes that are not UTF-8", "text in UTF-8")
    }
}
