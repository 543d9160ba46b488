//! `/v1/conversations`: lists, transcripts, erasure.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::api::pagination::{
    check_query, limit, list_cursor, parameter, transcript_cursor, write_list_cursor, write_transcript_cursor,
};
use crate::api::{ApiError, RequestContext, deadline_passed, not_found};
use crate::audit::AuditOutbox;
use crate::domain::{Clock, Content, ConversationId, Random, Role, ToolCall, ToolResult};
use crate::http::{Problem, ProblemKind, Reply};
use crate::lambda::HttpRequest;
use crate::store::{ConversationKey, ConversationStore, Head, ListRequest, StoreError, StoredMessage};

/// The largest page of a transcript as JSON; less than the 1 MB that a load balancer accepts from a function.
const PAGE_BYTES: usize = 900_000;

/// What the endpoints need.
pub struct ConversationPorts {
    /// Conversations.
    pub store: Arc<dyn ConversationStore>,
    /// The audit's outbox; `None` where nothing is audited.
    pub audit: Option<Arc<dyn AuditOutbox>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
}

/// A conversation without its messages.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationSummary")]
pub(in crate::api) struct Summary {
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
pub(in crate::api) struct List {
    conversations: Vec<Summary>,
    /// The cursor of the next page; `null` at the end.
    next_cursor: Option<String>,
}

/// A conversation with a page of its messages, oldest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Conversation")]
pub(in crate::api) struct TranscriptBody {
    #[serde(flatten)]
    summary: Summary,
    messages: Vec<MessageBody>,
    /// The cursor of the next page; `null` at the end.
    next_cursor: Option<String>,
}

/// A message of a transcript.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationMessage")]
pub(in crate::api) struct MessageBody {
    /// From 1, without gaps.
    sequence: u64,
    role: Role,
    text: String,
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    /// All parts in order, tool calls and their results among them; only with `format=export`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<PartBody>>,
}

/// A part of an exported message.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "ConversationMessagePart")]
pub(in crate::api) enum PartBody {
    /// Text.
    Text { text: String },
    /// A tool call that the model proposed.
    ToolCall { id: String, name: String, arguments: Value },
    /// The result of a tool call, as the model read it.
    ToolResult { call: String, text: String, is_error: bool },
}

impl From<Content> for PartBody {
    fn from(part: Content) -> Self {
        match part {
            Content::Text(text) => Self::Text { text },
            Content::ToolCall(ToolCall { id, name, arguments }) => {
                Self::ToolCall { id: id.as_str().to_owned(), name: name.as_str().to_owned(), arguments }
            }
            Content::ToolResult(ToolResult { call, text, is_error, .. }) => {
                Self::ToolResult { call: call.as_str().to_owned(), text, is_error }
            }
        }
    }
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

impl MessageBody {
    fn new(stored: StoredMessage, is_export: bool) -> Self {
        let StoredMessage { sequence, message, created_at } = stored;
        Self {
            sequence,
            role: message.role,
            text: message.plain_text(),
            created_at: created_at.to_string(),
            parts: is_export.then(|| message.content.into_iter().map(PartBody::from).collect()),
        }
    }
}

/// Answers `GET /v1/conversations`.
///
/// # Errors
/// 400 for bad parameters; 503; 504.
pub async fn list(ports: &ConversationPorts, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    check_query(context.request, &["limit", "cursor"])?;
    let request = ListRequest {
        tenant: context.principal.tenant.clone(),
        owner: context.principal.user.clone(),
        limit: limit(context.request, 50, 100)?,
        cursor: list_cursor(context.request)?,
    };
    let page = in_time(&mut context, ports.store.list(&request)).await?;
    Reply::json(&List {
        conversations: page.conversations.into_iter().map(Summary::from).collect(),
        next_cursor: page.next.map(write_list_cursor),
    })
}

/// Answers `GET /v1/conversations/{id}`.
///
/// # Errors
/// 400 for bad parameters; 404; 503; 504.
pub async fn one(ports: &ConversationPorts, id: &str, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    let key = own_conversation(id, &context)?;
    check_query(context.request, &["limit", "cursor", "format"])?;
    let is_export = is_export(context.request)?;
    let limit = limit(context.request, 100, 1000)?;
    let after = transcript_cursor(context.request)?;
    let page = in_time(&mut context, ports.store.transcript(&key, after, limit, PAGE_BYTES)).await?;
    context.log.agent = Some(page.head.agent.to_string());
    // The store's limit counts text, which may be several times as long once it is escaped as JSON.
    let (messages, cut_after) = fit_page(page.messages, is_export);
    Reply::json(&TranscriptBody {
        summary: page.head.into(),
        messages,
        next_cursor: cut_after.or(page.next_after).map(write_transcript_cursor),
    })
}

/// Returns the key of a conversation of the caller's.
///
/// # Errors
/// 404 for an id that no conversation can have.
pub(super) fn own_conversation(id: &str, context: &RequestContext<'_>) -> Result<ConversationKey, Problem> {
    Ok(ConversationKey {
        tenant: context.principal.tenant.clone(),
        owner: context.principal.user.clone(),
        // An id of another form cannot exist, so it is not found.
        conversation: ConversationId::parse(id).ok_or_else(|| not_found("conversation"))?,
    })
}

/// Returns whether the transcript is to have all parts of its messages.
fn is_export(request: &HttpRequest) -> Result<bool, Problem> {
    match parameter(request, "format") {
        None => Ok(false),
        Some("export") => Ok(true),
        Some(_) => Err(Problem::new(ProblemKind::InvalidParameter, "format must be export")),
    }
}

/// Returns as many messages as fit a page once they are written as JSON, but at least one, and the sequence after which
/// the next page begins if some did not fit.
fn fit_page(stored: Vec<StoredMessage>, is_export: bool) -> (Vec<MessageBody>, Option<u64>) {
    let mut messages: Vec<MessageBody> = Vec::with_capacity(stored.len());
    let mut size_bytes = 0_usize;
    for message in stored.into_iter().map(|stored| MessageBody::new(stored, is_export)) {
        // One more for the comma.
        size_bytes = size_bytes.saturating_add(serde_json::to_vec(&message).map_or(0, |json| json.len() + 1));
        if let Some(last) = messages.last().filter(|_| size_bytes > PAGE_BYTES) {
            let after = last.sequence;
            return (messages, Some(after));
        }
        messages.push(message);
    }
    (messages, None)
}

/// Waits for the store until the deadline.
pub(super) async fn in_time<T>(
    context: &mut RequestContext<'_>,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, Problem> {
    let done = context.request.deadline.bound(work).await.map_err(|_| deadline_passed("the store answered"))?;
    done.map_err(|error| context.log.fail(ApiError::from_store(&error)))
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::{Value, json};

    use super::{List, TranscriptBody};
    use crate::api::openapi::{Operation, Schemas};
    use crate::http::ProblemKind;

    /// Describes `GET /v1/conversations`.
    pub(in crate::api) fn list_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<List>();
        Operation::get("listConversations", "The caller's conversations, newest first", &body)
            .paged(50, 100)
            .secured_problems(&[ProblemKind::InvalidParameter])
    }

    /// Describes `GET /v1/conversations/{id}`.
    pub(in crate::api) fn one_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<TranscriptBody>();
        Operation::get("getConversation", "A conversation's messages, oldest first", &body)
            .paged(100, 1000)
            .query("format", "`export` adds all parts of each message", &json!({"type": "string", "enum": ["export"]}))
            .secured_problems(&[ProblemKind::InvalidParameter, ProblemKind::NotFound])
    }
}
