//! The function `archive`: moves entries of the audit from the outbox's stream into chained objects, and closes each day.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AppContext, StartError};
use crate::audit::{Archive, ArchiveError, S3Bucket};
use crate::aws::{AwsService, CallLimits};
use crate::config::env::{AUDIT_BUCKET, AUDIT_TABLE, AUDIT_TEXTS_BUCKET};
use crate::domain::Clock;
use crate::lambda::{Handler, Invocation, TableEvent};
use crate::store::{DynamoAudit, outbox_record};
use crate::telemetry::{ArchiveMetrics, LineWriter, stdout};

/// What the function is invoked with: changes of the outbox, or the schedule that closes the day.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ArchiveEvent {
    /// Changes of the outbox.
    Records(TableEvent),
    /// `{"manifest": true}`, after midnight.
    Schedule {
        /// Whether manifests are due.
        manifest: bool,
    },
}

/// What the function has done; Lambda ignores it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArchiveResponse {
    /// The entries that were archived.
    pub entries: u64,
    /// The days whose manifests were written.
    pub manifests: Vec<String>,
}

/// The handler.
pub struct ArchiveHandler {
    table: DynamoAudit,
    objects: S3Bucket,
    texts: S3Bucket,
    clock: Arc<dyn Clock>,
    metrics: LineWriter,
}

/// Builds the handler.
///
/// # Errors
/// [`StartError`] if a table or a bucket is not named.
pub fn archive(context: &AppContext) -> Result<ArchiveHandler, StartError> {
    let sdk = context.aws.sdk_config(AwsService::DynamoDb, CallLimits::PATIENT);
    let bucket = |name: &'static str| -> Result<S3Bucket, StartError> {
        let client = context.aws.client(AwsService::S3, CallLimits::PATIENT);
        Ok(S3Bucket::new(client, context.required(name)?))
    };
    Ok(ArchiveHandler {
        table: DynamoAudit::new(aws_sdk_dynamodb::Client::new(&sdk), context.required(AUDIT_TABLE)?),
        objects: bucket(AUDIT_BUCKET)?,
        texts: bucket(AUDIT_TEXTS_BUCKET)?,
        clock: Arc::clone(&context.clock),
        metrics: stdout(),
    })
}

/// Returns a bucket of the audit, for reading it.
#[must_use]
pub fn audit_bucket(context: &AppContext, name: &str) -> S3Bucket {
    S3Bucket::new(context.aws.client(AwsService::S3, CallLimits::PATIENT), name)
}

#[async_trait]
impl Handler for ArchiveHandler {
    type Event = ArchiveEvent;
    type Response = ArchiveResponse;
    type Error = ArchiveError;

    async fn handle(&self, event: ArchiveEvent, invocation: &Invocation) -> Result<ArchiveResponse, ArchiveError> {
        let (now, mut metrics) = (self.clock.now(), ArchiveMetrics::default());
        let archive = Archive { heads: &self.table, objects: &self.objects, texts: &self.texts };
        let mut response = ArchiveResponse::default();
        let result = match event {
            ArchiveEvent::Records(event) => {
                let records = event.items().filter_map(|item| outbox_record(|name| item.text(name))).collect();
                archive.archive(records, now).await.map(|report| {
                    metrics.entries = report.entries;
                    metrics.unreadable = report.unreadable;
                    response.entries = report.entries;
                })
            }
            ArchiveEvent::Schedule { manifest } if manifest => {
                archive.write_manifests(now).await.map(|days| response.manifests = days)
            }
            ArchiveEvent::Schedule { .. } => Ok(()),
        };
        metrics.is_broken = matches!(result, Err(ArchiveError::Broken { .. }));
        if let Err(error) = &result {
            tracing::error!(fault = %error, "entries of the audit are not archived; the stream delivers them again");
        }
        (self.metrics)(&metrics.to_line(&invocation.request_id, now));
        result.map(|()| response)
    }
}
