//! Lambda's record of a run that failed or was never started: notifies the client that the run has ended.

use http::{HeaderMap, StatusCode};

use super::dispatched_run::{DispatchedRun, FailedRun, RunEnvelope};
use super::event_scope::{EventOutcome, EventScope};
use super::frame::{FINAL_SEQ, FrameWriter};
use crate::api::{RETRY_SOON, internal};
use crate::delivery::SendError;
use crate::http::{Problem, ProblemKind};
use crate::lambda::FailedInvocation;
use crate::store::{RunStatus, StoreError};

impl EventScope<'_> {
    /// Notifies the client that its run failed, unless the run has ended.
    ///
    /// # Errors
    /// When the client could not be notified.
    pub(super) async fn notify_of_failure(&mut self, failed: FailedInvocation) -> EventOutcome {
        self.log.route = Some("failed run");
        // Only what every revision of a run has is read, because the client must learn of the failure anyway.
        let dispatched: Option<RunEnvelope<DispatchedRun>> = serde_json::from_value(failed.event.clone()).ok();
        let read = serde_json::from_value(failed.event);
        let RunEnvelope { websocket_run: failed_run }: RunEnvelope<FailedRun> =
            read.map_err(|_| self.fail(internal(), "the record names no run".to_owned()))?;
        let run = failed_run.handle();
        self.log.agent = failed_run.agent;
        self.log.connection = Some(run.connection.as_str().to_owned());
        let fault = if failed.never_started { "a run was not started in time" } else { "a run broke off" };
        self.log.fault = Some(fault.to_owned());
        let connections = &self.ports.connections;
        let status = self.deadline.bound(connections.status(&run)).await;
        let status = status.unwrap_or(Err(StoreError::Unavailable("no answer in time")));
        let status = self.stored(status)?;
        // The run has ended by itself, or its client has left.
        if status == RunStatus::Unknown && !failed.never_started {
            return Ok((StatusCode::OK, HeaderMap::new()));
        }
        let problem = if failed.never_started {
            let detail = "the run waited for too long and was not started; try again";
            Problem::new(ProblemKind::Unavailable, detail).retry_after(RETRY_SOON)
        } else {
            internal()
        };
        if let Some(RunEnvelope { websocket_run: dispatched }) = dispatched {
            let audit = (&self.ports.refusals, self.log.request_id.as_str());
            let recording = dispatched.audit_end(audit, problem.kind.name(), self.server, self.ports.random.as_ref());
            let recorded = self.deadline.bound(recording).await;
            // The invocation fails, and Lambda repeats it.
            recorded.unwrap_or_else(|_late| Err(internal()))?;
        }
        if status == RunStatus::Unknown {
            return Ok((StatusCode::OK, HeaderMap::new()));
        }
        let mut frames = FrameWriter::starting_at(run.request_id.as_str(), FINAL_SEQ);
        match self.send(&run.connection, frames.error(&problem, &self.log.request_id)).await {
            Ok(()) | Err(SendError::Gone) => {}
            // The invocation fails, and Lambda repeats it.
            Err(SendError::Failed(_)) => return Err(problem),
        }
        // A run that stays recorded expires.
        let _ended = self.deadline.bound(connections.end(&run)).await;
        // The run's own status, which its function could neither log nor count.
        Ok((problem.kind.status(), HeaderMap::new()))
    }
}
