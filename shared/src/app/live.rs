//! The configuration as it is now: read at the start, and where it lives in Parameter Store, looked at again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{KnownModels, Shared, StartError};
use crate::config::{self, Config};
use crate::domain::Timestamp;
use crate::secrets::{StoredDocument, read_changed_document, read_document};
use crate::telemetry::{config_refused_line, stdout};

/// The prefix of a configuration's location in Parameter Store.
const PARAMETER: &str = "ssm:";

/// How often a configuration in Parameter Store is looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// How long such a look may keep a request waiting.
const LOOK_PATIENCE: Duration = Duration::from_secs(2);

/// What is built from a configuration: a function's door.
#[async_trait]
pub trait FromConfig: Sized + Send + Sync {
    /// Builds it.
    ///
    /// # Errors
    /// [`StartError`]; it must not serve then.
    async fn from_config(config: &Config, shared: &Shared) -> Result<Self, StartError>;
}

/// A door that follows its configuration.
pub struct Live<D> {
    shared: Shared,
    state: Mutex<State<D>>,
}

struct State<D> {
    door: Arc<D>,
    version: Option<String>,
    looked_at: Timestamp,
}

struct Document {
    text: String,
    /// Tells one content from another; none where it never changes.
    version: Option<String>,
}

impl<D: FromConfig> Live<D> {
    /// Reads the configuration and builds the door.
    ///
    /// # Errors
    /// [`StartError`]; the function must not serve.
    pub async fn start(shared: Shared) -> Result<Self, StartError> {
        let Document { text, version } = read(&shared).await?;
        let door = build::<D>(&shared, &text, true).await?;
        let state = State { door: Arc::new(door), version, looked_at: shared.clock.now() };
        Ok(Self { shared, state: Mutex::new(state) })
    }

    /// What the door and all that is around it share.
    pub(super) const fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The door of the newest good configuration.
    pub async fn door(&self) -> Arc<D> {
        if let Some(serving) = self.is_due() {
            let look = async {
                match read_newer(&self.shared, &serving).await {
                    Ok(Some(document)) => self.renew(document).await,
                    Ok(None) => {}
                    Err(StartError::StoredConfig(error)) if error.is_damage() => self.refuse(&error.into(), None),
                    Err(error) => tracing::warn!(fault = error.to_string(), "the configuration cannot be looked at"),
                }
            };
            if tokio::time::timeout(LOOK_PATIENCE, look).await.is_err() {
                tracing::warn!("the configuration cannot be looked at in time");
            }
        }
        Arc::clone(&self.lock().door)
    }

    /// The version that serves, where it is time to look again. Whoever asks first looks; the others go on.
    fn is_due(&self) -> Option<String> {
        let mut state = self.lock();
        let now = self.shared.clock.now();
        let serving = state.version.clone().filter(|_| now.since(state.looked_at) >= LOOK_EVERY)?;
        state.looked_at = now;
        Some(serving)
    }

    async fn renew(&self, document: StoredDocument) {
        match build::<D>(&self.shared, &document.text, false).await {
            Ok(door) => {
                let mut state = self.lock();
                state.door = Arc::new(door);
                state.version = Some(document.sha256);
                tracing::info!(version = state.version, "a new version of the configuration serves");
            }
            Err(error) => {
                self.refuse(&error, Some(&document.sha256));
                // Refused once is enough, unless a secret could not be read just now.
                if !matches!(error, StartError::Secret { .. }) {
                    self.lock().version = Some(document.sha256);
                }
            }
        }
    }

    /// Logs and counts a new version that does not serve.
    fn refuse(&self, error: &StartError, version: Option<&str>) {
        log_start_error(error);
        tracing::error!(version, "the new version of the configuration is refused; the old one keeps serving");
        stdout()(&config_refused_line(self.shared.clock.now()));
    }

    fn lock(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the configuration's bundle.
async fn read(shared: &Shared) -> Result<Document, StartError> {
    let location = shared.environment.config_location();
    match location.strip_prefix(PARAMETER) {
        Some(name) => {
            let document = read_document(shared.parameters.as_ref(), name).await?;
            Ok(Document { text: document.text, version: Some(document.sha256) })
        }
        None => match std::fs::read_to_string(location) {
            Ok(text) => Ok(Document { text, version: None }),
            Err(error) => {
                Err(StartError::ConfigUnreadable { location: location.to_owned(), why: error.kind().to_string() })
            }
        },
    }
}

/// Reads the configuration's bundle if Parameter Store has another version than the one that serves.
async fn read_newer(shared: &Shared, serving: &str) -> Result<Option<StoredDocument>, StartError> {
    match shared.environment.config_location().strip_prefix(PARAMETER) {
        Some(name) => Ok(read_changed_document(shared.parameters.as_ref(), name, serving).await?),
        None => Ok(None),
    }
}

async fn build<D: FromConfig>(shared: &Shared, text: &str, first: bool) -> Result<D, StartError> {
    let config = config::load(text, shared.environment.config_location(), &shared.environment, &KnownModels)?;
    if first {
        config.notes.iter().for_each(|note| tracing::info!(detail = *note, "configuration"));
    }
    D::from_config(&config, shared).await
}

/// Logs why a configuration does not serve, a line for each fault.
pub(super) fn log_start_error(error: &StartError) {
    match error {
        StartError::Config(refused) => {
            for fault in &refused.0 {
                tracing::error!(source = fault.source, fault = fault.to_string(), "the configuration is refused");
            }
        }
        other => tracing::error!(fault = other.to_string(), "the function cannot start"),
    }
}
