//! The configuration as it is now: read at the start, and where it lives in Parameter Store, looked at again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{KnownModels, Shared, StartError};
use crate::config::{self, Config};
use crate::domain::Timestamp;
use crate::telemetry::{config_refused_line, stdout};

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
        let document = read(&shared).await?;
        let door = build::<D>(&shared, &document, true).await?;
        let state = State { door: Arc::new(door), version: document.version, looked_at: shared.clock.now() };
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
                match read(&self.shared).await {
                    Ok(document) if document.version.as_ref() != Some(&serving) => self.renew(document).await,
                    Ok(_) => {}
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

    async fn renew(&self, document: Document) {
        match build::<D>(&self.shared, &document, false).await {
            Ok(door) => {
                let mut state = self.lock();
                state.door = Arc::new(door);
                state.version = document.version;
                tracing::info!(version = state.version, "a new version of the configuration serves");
            }
            Err(error) => {
                log_start_error(&error);
                tracing::error!(
                    version = document.version,
                    "the new version of the configuration is refused, the old one serves on"
                );
                stdout()(&config_refused_line(self.shared.clock.now()));
                // Refused once is enough, unless a secret could not be read just now.
                if !matches!(error, StartError::Secret { .. }) {
                    self.lock().version = document.version;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(shared: &Shared) -> Result<Document, StartError> {
    let location = shared.environment.config_location();
    let unreadable = |why: String| StartError::ConfigUnreadable { location: location.to_owned(), why };
    match location.strip_prefix("ssm:") {
        Some(name) => {
            let document =
                shared.parameters.read_document(name).await.map_err(|error| unreadable(error.to_string()))?;
            Ok(Document { text: document.text, version: Some(document.version) })
        }
        None => match std::fs::read_to_string(location) {
            Ok(text) => Ok(Document { text, version: None }),
            Err(error) => Err(unreadable(error.kind().to_string())),
        },
    }
}

async fn build<D: FromConfig>(shared: &Shared, document: &Document, first: bool) -> Result<D, StartError> {
    let config = config::load(&document.text, shared.environment.config_location(), &shared.environment, &KnownModels)?;
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
