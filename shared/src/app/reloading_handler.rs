//! The handler of the current configuration: built at the start, and built again when Parameter Store has a new version.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{AppContext, KnownModels, StartError};
use crate::agent::NoSchemaChecks;
use crate::config::{self, Config};
use crate::domain::Timestamp;
use crate::secrets::{StoredDocument, read_changed_document, read_document};
use crate::telemetry::{config_refused_line, stdout};

/// The prefix of a location in Parameter Store.
const PARAMETER: &str = "ssm:";

/// How often a configuration in Parameter Store is checked for a new version.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// How long such a check may delay a request.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Builds handlers with `B` and keeps the one of the newest valid configuration.
pub struct ReloadingHandler<H, B> {
    context: AppContext,
    build: B,
    state: Mutex<State<H>>,
}

struct State<H> {
    handler: Arc<H>,
    version: Option<String>,
    checked_at: Timestamp,
}

impl<H, B> ReloadingHandler<H, B>
where
    B: AsyncFn(&Config, &AppContext) -> Result<H, StartError>,
{
    /// Reads the configuration and builds the handler.
    ///
    /// # Errors
    /// [`StartError`]; the function must not serve.
    pub async fn start(context: AppContext, build: B) -> Result<Self, StartError> {
        let (text, version) = read(&context).await?;
        let config = load(&context, &text)?;
        // Only at the start, so that a reload does not repeat them.
        config.notes.iter().for_each(|note| tracing::info!(detail = *note, "configuration"));
        let handler = Arc::new(build(&config, &context).await?);
        let state = State { handler, version, checked_at: context.clock.now() };
        Ok(Self { context, build, state: Mutex::new(state) })
    }

    /// Returns what all parts of the function share.
    pub(super) const fn context(&self) -> &AppContext {
        &self.context
    }

    /// Returns the handler of the newest valid configuration.
    pub async fn current(&self) -> Arc<H> {
        if let Some(version) = self.due_check() {
            let check = async {
                match read_newer(&self.context, &version).await {
                    Ok(Some(document)) => self.replace(document).await,
                    Ok(None) => {}
                    // A damaged document is refused as a faulty one is. A store that cannot be reached says nothing about
                    // the document.
                    Err(StartError::StoredConfig(error)) if error.is_damage() => self.refuse(&error.into(), None),
                    Err(error) => tracing::warn!(fault = error.to_string(), "the configuration cannot be checked"),
                }
            };
            // The request waits no longer, and the configuration in use serves it.
            if tokio::time::timeout(CHECK_TIMEOUT, check).await.is_err() {
                tracing::warn!("the configuration cannot be checked in time");
            }
        }
        Arc::clone(&self.lock().handler)
    }

    /// Returns the current version if it is time for a check. Only the first caller checks; the others continue.
    fn due_check(&self) -> Option<String> {
        let mut state = self.lock();
        let now = self.context.clock.now();
        let version = state.version.clone().filter(|_| now.since(state.checked_at) >= CHECK_INTERVAL)?;
        // Marked before the check, so that a slow Parameter Store delays one request a minute and not all.
        state.checked_at = now;
        Some(version)
    }

    async fn replace(&self, document: StoredDocument) {
        // Built without the lock, beside the handler that serves.
        let built = match load(&self.context, &document.text) {
            Ok(config) => (self.build)(&config, &self.context).await,
            Err(error) => Err(error),
        };
        match built {
            Ok(handler) => {
                let mut state = self.lock();
                state.handler = Arc::new(handler);
                state.version = Some(document.sha256);
                tracing::info!(version = state.version, "a new version of the configuration is in use");
            }
            Err(error) => {
                self.refuse(&error, Some(&document.sha256));
                // A version is refused once, unless a secret could not be read just now.
                if !matches!(error, StartError::Secret { .. }) {
                    self.lock().version = Some(document.sha256);
                }
            }
        }
    }

    /// Logs and counts a new version that is not used.
    fn refuse(&self, error: &StartError, version: Option<&str>) {
        log_start_error(error);
        tracing::error!(version, "the new version of the configuration is refused; the old one stays in use");
        stdout()(&config_refused_line(self.context.clock.now()));
    }

    fn lock(&self) -> MutexGuard<'_, State<H>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the bundle, and its version where it may change.
async fn read(context: &AppContext) -> Result<(String, Option<String>), StartError> {
    let location = context.environment.config_location();
    match location.strip_prefix(PARAMETER) {
        Some(name) => {
            let document = read_document(context.parameters.as_ref(), name).await?;
            Ok((document.text, Some(document.sha256)))
        }
        None => match std::fs::read_to_string(location) {
            Ok(text) => Ok((text, None)),
            Err(error) => {
                Err(StartError::ConfigUnreadable { location: location.to_owned(), why: error.kind().to_string() })
            }
        },
    }
}

/// Reads the bundle if Parameter Store has another version than the current one.
async fn read_newer(context: &AppContext, version: &str) -> Result<Option<StoredDocument>, StartError> {
    match context.environment.config_location().strip_prefix(PARAMETER) {
        Some(name) => Ok(read_changed_document(context.parameters.as_ref(), name, version).await?),
        // A bundle in a file has no version and is never read again.
        None => Ok(None),
    }
}

fn load(context: &AppContext, text: &str) -> Result<Config, StartError> {
    let environment = &context.environment;
    Ok(config::load(text, environment.config_location(), environment, &KnownModels(NoSchemaChecks))?)
}

/// Logs why a configuration is not used, a line for each fault.
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
