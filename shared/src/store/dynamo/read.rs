//! Reading: a conversation's end, a page of its messages, an owner's list.

use aws_sdk_dynamodb::operation::query::QueryOutput;

use super::attributes::{Item, key, sort_key, text};
use super::convert::{MessageParts, from_head_item, newest_unbroken};
use super::item::StoredHead;
use super::keys::{self, Place};
use super::{DynamoStore, failure};
use crate::store::{
    ConversationKey, ConversationPage, Head, ListCursor, ListRequest, Loaded, StoreError, StoredMessage, Transcript,
    Window,
};

/// One request where the window fits a page of 1 MB: the head comes first, then the newest messages.
pub(super) async fn load(store: &DynamoStore, of: &ConversationKey, window: Window) -> Result<Loaded, StoreError> {
    let mut page = newest_page(store, of, window, None).await?;
    let mut items = page.items.take().unwrap_or_default().into_iter();
    let head = living(of, items.next().filter(|item| sort_key(item) == keys::HEAD))?;
    let mut parts = MessageParts::default();
    items.try_for_each(|item| parts.push(item))?;
    while let Some(from) = page.last_evaluated_key.take()
        && parts.messages() < window.messages
        && parts.size_bytes() < window.size_bytes
    {
        page = newest_page(store, of, window, Some(from)).await?;
        page.items.take().unwrap_or_default().into_iter().try_for_each(|item| parts.push(item))?;
    }
    Ok(Loaded { head, messages: newest_unbroken(parts.assemble()?, window.messages) })
}

/// One request where the page reaches the end of the conversation, since its head stands there; else one more for the
/// head. The head is read last, so that nothing is given out after an erasure.
pub(super) async fn transcript(
    store: &DynamoStore,
    of: &ConversationKey,
    after: u64,
    limit: usize,
    limit_bytes: usize,
) -> Result<Transcript, StoreError> {
    let start = keys::message(Place { sequence: after.saturating_add(1), part: 0 });
    let (mut stored_head, mut parts, mut from) = (None, MessageParts::default(), None);
    loop {
        let page = query(store, of, &start, true, limit, from).await?;
        for item in page.items.unwrap_or_default() {
            if sort_key(&item) == keys::HEAD { stored_head = Some(item) } else { parts.push(item)? }
        }
        from = page.last_evaluated_key;
        if from.is_none() || stored_head.is_some() || parts.has_whole() {
            break;
        }
    }
    let head = match stored_head {
        Some(item) => living(of, Some(item))?,
        None => head(store, of).await?,
    };
    let mut messages = parts.assemble()?;
    messages.truncate(fitting(&messages, limit, limit_bytes));
    let last = messages.last().map(|stored| stored.sequence);
    let next_after = last.filter(|last| last.saturating_add(1) < head.next_sequence);
    Ok(Transcript { head, messages, next_after })
}

/// How many messages a page takes: at least one, whatever its size.
fn fitting(messages: &[StoredMessage], limit: usize, limit_bytes: usize) -> usize {
    let mut size_bytes = 0_usize;
    let within = messages.iter().take_while(|stored| {
        size_bytes = size_bytes.saturating_add(stored.message.size_bytes());
        size_bytes <= limit_bytes
    });
    within.count().clamp(1, limit.max(1))
}

/// One request. An entry more than asked for tells whether there is a next page.
pub(super) async fn list(store: &DynamoStore, request: &ListRequest) -> Result<ConversationPage, StoreError> {
    let owner = keys::owner(&request.tenant, &request.owner);
    let start = request.cursor.map(|cursor| index_key(request, &owner, cursor));
    let page = store
        .client
        .query()
        .table_name(&store.table)
        .index_name(keys::OWNER_INDEX)
        .key_condition_expression("GSI1PK = :owner")
        .expression_attribute_values(":owner", text(owner))
        .scan_index_forward(false)
        .limit(items(request.limit))
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let mut conversations = Vec::with_capacity(request.limit);
    let mut more = false;
    for item in page.items.unwrap_or_default() {
        if conversations.len() == request.limit {
            more = true;
            break;
        }
        if let StoredHead::Living(stored) = StoredHead::from_item(item)? {
            conversations.push(from_head_item(stored)?);
        }
    }
    let last = conversations.last().filter(|_| more);
    let next = last.map(|head| ListCursor { updated_at: head.updated_at, conversation: head.conversation });
    Ok(ConversationPage { conversations, next })
}

/// The head alone.
async fn head(store: &DynamoStore, of: &ConversationKey) -> Result<Head, StoreError> {
    let found = store
        .client
        .get_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::conversation(of), keys::HEAD)))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    living(of, found.item)
}

/// Asks for an item that is never there: table, permission and connection answer all the same.
pub(super) async fn check(store: &DynamoStore) -> Result<(), StoreError> {
    let asked = store.client.get_item().table_name(&store.table).set_key(Some(key("CHECK".to_owned(), "CHECK")));
    asked.send().await.map(|_| ()).map_err(|error| failure::store_error(&error))
}

/// The head in an item, if the conversation is the caller's and not erased.
fn living(of: &ConversationKey, item: Option<Item>) -> Result<Head, StoreError> {
    match item.map(StoredHead::from_item).transpose()? {
        Some(StoredHead::Living(stored)) if stored.owner == keys::owner(&of.tenant, &of.owner) => {
            from_head_item(stored)
        }
        Some(StoredHead::Living(_) | StoredHead::Erased { .. }) | None => Err(StoreError::NotFound),
    }
}

async fn newest_page(
    store: &DynamoStore,
    of: &ConversationKey,
    window: Window,
    from: Option<Item>,
) -> Result<QueryOutput, StoreError> {
    query(store, of, keys::FIRST_MESSAGE, false, window.messages, from).await
}

/// A strongly consistent page of a conversation from a sort key on, one item larger than asked, for the head.
async fn query(
    store: &DynamoStore,
    of: &ConversationKey,
    first: &str,
    ascending: bool,
    limit: usize,
    from: Option<Item>,
) -> Result<QueryOutput, StoreError> {
    store
        .client
        .query()
        .table_name(&store.table)
        .key_condition_expression("PK = :pk AND SK >= :first")
        .expression_attribute_values(":pk", text(keys::conversation(of)))
        .expression_attribute_values(":first", text(first))
        .scan_index_forward(ascending)
        .consistent_read(true)
        .limit(items(limit))
        .set_exclusive_start_key(from)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))
}

fn items(limit: usize) -> i32 {
    i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX)
}

/// The index's key of the list's last entry; DynamoDB goes on behind it even where the entry has moved since.
fn index_key(request: &ListRequest, owner: &str, cursor: ListCursor) -> Item {
    let mut start = key(keys::conversation_of(&request.tenant, cursor.conversation), keys::HEAD);
    start.insert(keys::INDEX_PARTITION.to_owned(), text(owner));
    start.insert(keys::INDEX_SORT.to_owned(), text(keys::sortable(cursor.updated_at)));
    start
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
