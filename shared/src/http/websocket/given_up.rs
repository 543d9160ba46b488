//! What Lambda could not finish: its client, who may have heard of the run, is told that it will hear no more.

use http::{HeaderMap, StatusCode};
use tokio::time::timeout_at;

use super::event::GivenUp;
use super::frame::{FINAL_SEQ, Frames};
use super::serve::{Answered, Serving};
use crate::delivery::PostError;
use crate::http::errors::{SOON, internal};
use crate::http::{Problem, ProblemKind};
use crate::store::{RunStatus, StoreError};

/// Tells the client, unless the run is over.
///
/// # Errors
/// Where the client could not be told.
pub(super) async fn tell_given_up(serving: &mut Serving<'_>, given_up: GivenUp) -> Answered {
    let GivenUp { order, is_unbegun } = given_up;
    let (ports, run) = (serving.ports, order.ticket());
    serving.route = "given up";
    serving.facts.agent = order.agent;
    serving.connection = Some(run.connection.clone());
    serving.facts.fault = Some(if is_unbegun { "a run was not begun in time" } else { "a run broke off" }.to_owned());
    let connections = &ports.connections;
    let looking = timeout_at(serving.deadline.instant(), connections.standing(&run)).await;
    let standing = looking.unwrap_or(Err(StoreError::Unavailable("no answer in time")));
    if serving.stored(standing)? == RunStatus::Unknown {
        return Ok((StatusCode::OK, HeaderMap::new()));
    }
    let problem = if is_unbegun {
        let detail = "the run has waited for too long and was not begun; try again";
        Problem::new(ProblemKind::Unavailable, detail).retry_after(SOON)
    } else {
        internal()
    };
    let frame = Frames::from(run.name.as_str(), FINAL_SEQ).error(&problem, &serving.invocation.request_id);
    match serving.post(&run.connection, frame).await {
        // Nobody is left to be told.
        Ok(()) | Err(PostError::Gone) => {}
        Err(PostError::Failed(_)) => return Err(problem),
    }
    let _forgotten = timeout_at(serving.deadline.instant(), connections.end(&run)).await;
    // The run's own status, which its function could neither log nor count.
    Ok((problem.kind.status(), HeaderMap::new()))
}
