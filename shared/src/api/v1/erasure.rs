//! `DELETE` of conversations: one, all of the caller's, all of a user's.
//!
//! An erased conversation is unreadable at once. Its items are deleted as far as the deadline allows; what is left is found
//! by the next `DELETE`, and expires in any case.

use std::time::Duration;

use super::conversations::{ConversationPorts, in_time, own_conversation};
use crate::api::auditor::Auditor;
use crate::api::errors::admin_only;
use crate::api::pagination::check_query;
use crate::api::{RETRY_SOON, RequestContext};
use crate::domain::{ADMIN_GROUP, ConversationId, TenantId, UserId, full_jitter};
use crate::http::{Problem, ProblemKind, Reply};
use crate::runner::Deadline;
use crate::store::{ConversationKey, ListRequest, StoreError, Window};

/// The time before the deadline at which deleting stops, so that the answer can be sent.
const RESERVE: Duration = Duration::from_secs(2);

/// Half the upper bound of the first wait while the store throttles; the bound doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The largest upper bound of a wait.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The conversations that are erased before their items are deleted.
const BATCH: usize = 100;

/// Answers `DELETE /v1/conversations/{id}`: erases one conversation of the caller.
///
/// # Errors
/// 404; 503 and 504 if it is not unreadable. Items that are left to delete are logged and counted, and not an error.
pub async fn erase_one(ports: &ConversationPorts, id: &str, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    let key = &own_conversation(id, &context)?;
    check_query(context.request, &[])?;
    // Only an erasure that happens has its entry. The erasure itself answers for a conversation that is not the caller's.
    if let Some(auditor) = Auditor::new(ports.audit.as_deref(), &context)?
        && exists(ports, key, &mut context).await?
    {
        auditor.erasure(&key.owner, key.conversation, ports.clock.now(), ports.random.as_ref()).await?;
    }
    in_time(&mut context, ports.store.erase(key, ports.clock.now())).await?;
    let until = context.request.deadline.less(RESERVE);
    if let Err(fault) = until.bound(purge(ports, key)).await.unwrap_or(Err(StoreError::Unavailable("the time is up"))) {
        record_incomplete(&mut context, &fault);
    }
    Ok(Reply::no_content())
}

/// Returns whether the caller has the conversation and has not erased it before.
async fn exists(
    ports: &ConversationPorts,
    key: &ConversationKey,
    context: &mut RequestContext<'_>,
) -> Result<bool, Problem> {
    let head = async {
        match ports.store.load(key, Window { messages: 1, size_bytes: 1 }).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    };
    in_time(context, head).await
}

/// Answers `DELETE /v1/conversations`: erases all conversations of the caller.
///
/// # Errors
/// 503 while something is left, to be asked for again.
pub async fn erase_own(ports: &ConversationPorts, context: RequestContext<'_>) -> Result<Reply, Problem> {
    let user = context.principal.user.clone();
    erase_all(ports, &user, context).await
}

/// Answers `DELETE /v1/users/{user}/conversations`: erases all conversations of a user of the administrator's tenant.
///
/// # Errors
/// 403 for other callers; 503 while something is left, to be asked for again.
pub async fn erase_of_user(
    ports: &ConversationPorts,
    user: &str,
    context: RequestContext<'_>,
) -> Result<Reply, Problem> {
    if !context.principal.has_group(ADMIN_GROUP) {
        return Err(admin_only());
    }
    erase_all(ports, &UserId::new(user), context).await
}

async fn erase_all(
    ports: &ConversationPorts,
    user: &UserId,
    mut context: RequestContext<'_>,
) -> Result<Reply, Problem> {
    check_query(context.request, &[])?;
    let tenant = context.principal.tenant.clone();
    let until: Deadline = context.request.deadline.less(RESERVE);
    let auditor = Auditor::new(ports.audit.as_deref(), &context)?;
    let erasing = until.bound(erase_and_purge(ports, auditor.as_ref(), &tenant, user)).await;
    let Err(fault) = erasing.unwrap_or(Err(StoreError::Unavailable("the time is up"))) else {
        return Ok(Reply::no_content());
    };
    record_incomplete(&mut context, &fault);
    let detail = "not everything is erased yet; send the request again until it answers 204";
    Err(Problem::new(ProblemKind::Unavailable, detail).retry_after(RETRY_SOON))
}

/// Erases and deletes until nothing is left.
async fn erase_and_purge(
    ports: &ConversationPorts,
    auditor: Option<&Auditor<'_>>,
    tenant: &TenantId,
    user: &UserId,
) -> Result<(), StoreError> {
    let key =
        |conversation: ConversationId| ConversationKey { tenant: tenant.clone(), owner: user.clone(), conversation };
    let mut listing = ListRequest { tenant: tenant.clone(), owner: user.clone(), limit: BATCH, cursor: None };
    let mut done = Vec::new();
    loop {
        let page = patiently(ports, || ports.store.list(&listing)).await?;
        let ids: Vec<ConversationId> = page.conversations.iter().map(|head| head.conversation).collect();
        // All of a page before any of its items, so that as much as possible is unreadable soon.
        for id in &ids {
            let key = key(*id);
            if let Some(auditor) = auditor {
                let audited = auditor.erasure(user, *id, ports.clock.now(), ports.random.as_ref()).await;
                audited.map_err(|_| StoreError::Unavailable("the audit cannot be written"))?;
            }
            match patiently(ports, || ports.store.erase(&key, ports.clock.now())).await {
                // The list is eventually consistent, so the conversation may be gone.
                Ok(()) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        for id in &ids {
            purge(ports, &key(*id)).await?;
        }
        done.extend(ids);
        match page.next {
            Some(cursor) => listing.cursor = Some(cursor),
            None => break,
        }
    }
    // What earlier requests left.
    loop {
        let left = patiently(ports, || ports.store.unpurged(tenant, user)).await?;
        // The list is eventually consistent, so it may still have those that are done.
        let left: Vec<ConversationId> = left.into_iter().filter(|id| !done.contains(id)).collect();
        if left.is_empty() {
            return Ok(());
        }
        for id in &left {
            purge(ports, &key(*id)).await?;
        }
        done.extend(left);
    }
}

/// Deletes the items of an erased conversation until none is left.
async fn purge(ports: &ConversationPorts, key: &ConversationKey) -> Result<(), StoreError> {
    while !patiently(ports, || ports.store.purge(key)).await? {}
    Ok(())
}

/// Repeats a call while the store throttles or does not answer; the caller's deadline ends that.
async fn patiently<T, F>(ports: &ConversationPorts, mut call: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut attempt = 0;
    loop {
        match call().await {
            Err(error) if error.is_transient() => {
                tokio::time::sleep(full_jitter(ports.random.as_ref(), FIRST_WAIT, LONGEST_WAIT, attempt)).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn record_incomplete(context: &mut RequestContext<'_>, fault: &StoreError) {
    context.log.is_erasure_incomplete = true;
    context.log.fault = Some(format!("the erasure is incomplete: {fault}"));
}

/// Describes the endpoints for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use crate::api::openapi::Operation;
    use crate::http::ProblemKind;

    /// Describes `DELETE /v1/conversations/{id}`.
    pub(in crate::api) fn one_operation() -> Value {
        Operation::no_content("eraseConversation", "Makes a conversation unreadable at once")
            .secured_problems(&[ProblemKind::InvalidParameter, ProblemKind::NotFound])
    }

    /// Describes `DELETE /v1/conversations`.
    pub(in crate::api) fn own_operation() -> Value {
        Operation::no_content("eraseConversations", "Erases all of the caller's conversations")
            .secured_problems(&[ProblemKind::InvalidParameter])
    }

    /// Describes `DELETE /v1/users/{user}/conversations`.
    pub(in crate::api) fn of_user_operation() -> Value {
        let summary = "Erases all conversations of a user of the administrator's tenant";
        Operation::no_content("eraseConversationsOfUser", summary)
            .secured_problems(&[ProblemKind::InvalidParameter, ProblemKind::Forbidden])
    }
}
