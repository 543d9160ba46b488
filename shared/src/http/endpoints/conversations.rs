//! `/v1/conversations`: lists, transcripts, erasure.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Clock, ConversationId, Role};
use crate::http::cursor::{
    check_query, limit, list_cursor, transcript_cursor, write_list_cursor, write_transcript_cursor,
};
use crate::http::errors::{from_store, not_found};
use crate::http::{Call, Problem, ProblemKind, Reply};
use crate::store::{ConversationKey, ConversationStore, Head, ListRequest, StoreError, StoredMessage};

/// The largest page of a transcript, written as JSON. Below the 1 MB that a load balancer takes from a function.
const PAGE_BYTES: usize = 900_000;

/// What is left of the deadline when purging stops; the rest goes by its time to live.
const PURGE_RESERVE: Duration = Duration::from_secs(2);

/// What the endpoints work with.
pub struct ConversationPorts {
    /// Conversations.
    pub store: Arc<dyn ConversationStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// A conversation without its messages.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationSummary")]
pub(in crate::http) struct Summary {
    id: ConversationId,
    agent: String,
    /// The first prompt, shortened.
    title: String,
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    #[schemars(extend("format" = "date-time"))]
    updated_at: String,
}

/// A page of conversations, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationList")]
pub(in crate::http) struct List {
    conversations: Vec<Summary>,
    /// Names the next page; none at the end.
    next_cursor: Option<String>,
}

/// A conversation with a page of its messages, oldest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Conversation")]
pub(in crate::http) struct TranscriptBody {
    #[serde(flatten)]
    summary: Summary,
    messages: Vec<MessageBody>,
    /// Names the next page; none at the end.
    next_cursor: Option<String>,
}

/// A message in its place.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationMessage")]
pub(in crate::http) struct MessageBody {
    /// From 1, without gaps.
    sequence: u64,
    role: Role,
    text: String,
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
}

impl From<Head> for Summary {
    fn from(head: Head) -> Self {
        Self {
            id: head.conversation,
            agent: head.agent.to_string(),
            title: head.title,
            created_at: head.created_at.to_string(),
            updated_at: head.updated_at.to_string(),
        }
    }
}

impl From<StoredMessage> for MessageBody {
    fn from(stored: StoredMessage) -> Self {
        Self {
            sequence: stored.sequence,
            role: stored.message.role,
            text: stored.message.plain_text(),
            created_at: stored.created_at.to_string(),
        }
    }
}

/// `GET /v1/conversations`.
///
/// # Errors
/// 400 for bad parameters; 503.
pub async fn list(ports: &ConversationPorts, call: Call<'_>) -> Result<Reply, Problem> {
    check_query(call.request, &["limit", "cursor"])?;
    let request = ListRequest {
        tenant: call.principal.tenant.clone(),
        owner: call.principal.user.clone(),
        limit: limit(call.request, 50, 100)?,
        cursor: list_cursor(call.request)?,
    };
    let page = in_time(&call, ports.store.list(&request)).await?;
    let page = page.map_err(|error| call.facts.note(from_store(&error)))?;
    Reply::json(&List {
        conversations: page.conversations.into_iter().map(Summary::from).collect(),
        next_cursor: page.next.map(write_list_cursor),
    })
}

/// `GET` and `DELETE` of `/v1/conversations/{id}`.
///
/// # Errors
/// 400 for bad parameters; 404; 503.
pub async fn one(ports: &ConversationPorts, id: &str, call: Call<'_>) -> Result<Reply, Problem> {
    let key = ConversationKey {
        tenant: call.principal.tenant.clone(),
        owner: call.principal.user.clone(),
        conversation: ConversationId::parse(id).ok_or_else(|| not_found("conversation"))?,
    };
    if call.request.method == Method::DELETE {
        erase(ports, &key, call).await
    } else {
        transcript(ports, &key, call).await
    }
}

async fn transcript(ports: &ConversationPorts, key: &ConversationKey, call: Call<'_>) -> Result<Reply, Problem> {
    check_query(call.request, &["limit", "cursor"])?;
    let limit = limit(call.request, 100, 1000)?;
    let after = transcript_cursor(call.request)?;
    let page = in_time(&call, ports.store.transcript(key, after, limit, PAGE_BYTES)).await?;
    let page = page.map_err(|error| call.facts.note(from_store(&error)))?;
    call.facts.agent = Some(page.head.agent.to_string());
    let (messages, cut_after) = fit_page(page.messages);
    Reply::json(&TranscriptBody {
        summary: page.head.into(),
        messages,
        next_cursor: cut_after.or(page.next_after).map(write_transcript_cursor),
    })
}

/// As many messages as fit a page when they are written as JSON, but at least one; and where the page was cut, the
/// sequence after which to go on.
fn fit_page(stored: Vec<StoredMessage>) -> (Vec<MessageBody>, Option<u64>) {
    let mut messages: Vec<MessageBody> = Vec::with_capacity(stored.len());
    let mut size_bytes = 0_usize;
    for message in stored.into_iter().map(MessageBody::from) {
        size_bytes = size_bytes.saturating_add(serde_json::to_vec(&message).map_or(0, |json| json.len() + 1));
        if let Some(last) = messages.last().filter(|_| size_bytes > PAGE_BYTES) {
            let after = last.sequence;
            return (messages, Some(after));
        }
        messages.push(message);
    }
    (messages, None)
}

async fn erase(ports: &ConversationPorts, key: &ConversationKey, call: Call<'_>) -> Result<Reply, Problem> {
    check_query(call.request, &[])?;
    let erased = in_time(&call, ports.store.erase(key, ports.clock.now())).await?;
    erased.map_err(|error| call.facts.note(from_store(&error)))?;
    // From here on it is unreadable; deleting its items is housekeeping that may stop at any point.
    let purging = async { while !matches!(ports.store.purge(key).await, Ok(true) | Err(_)) {} };
    let until = call.request.deadline.instant().checked_sub(PURGE_RESERVE);
    if let Some(until) = until {
        let _what_is_left_goes_by_its_time_to_live = tokio::time::timeout_at(until, purging).await;
    }
    Ok(Reply::no_content())
}

async fn in_time<T>(
    call: &Call<'_>,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<Result<T, StoreError>, Problem> {
    let late =
        |_| Problem::new(ProblemKind::DeadlineExceeded, "the deadline came before the store's answer; try again");
    tokio::time::timeout_at(call.request.deadline.instant(), work).await.map_err(late)
}
