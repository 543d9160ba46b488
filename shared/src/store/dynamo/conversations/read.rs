//! Reads the end of a conversation, a page of its messages, and an owner's list.

use aws_sdk_dynamodb::operation::query::QueryOutput;

use super::convert::{MessageParts, newest_unbroken};
use super::head_item::StoredHead;
use crate::store::conversations::{
    ConversationKey, ConversationPage, Head, ListCursor, ListRequest, Loaded, StoredMessage, Transcript, Window,
};
use crate::store::dynamo::attributes::{INDEX_PARTITION, INDEX_SORT, OWNER_INDEX, PARTITION, SORT};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{Item, extend, key, sort_key};
use crate::store::dynamo::keys::{self, MessagePosition};
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::text;
use crate::store::error::StoreError;

/// Loads with one request if the window fits a page of 1 MB: the head comes first, then the newest messages.
pub(super) async fn load(store: &DynamoStore, id: &ConversationKey, window: Window) -> Result<Loaded, StoreError> {
    let mut page = newest_page(store, id, window, None).await?;
    let mut items = live_items(store, page.items.take());
    // The head sorts after every message, so it is the first item of a page that is read backwards.
    let head = owned_head(id, items.next().filter(|item| sort_key(item) == keys::HEAD))?;
    let mut parts = MessageParts::default();
    items.try_for_each(|item| parts.push(item))?;
    // DynamoDB ends a page at 1 MB, which a window of long messages can exceed.
    while let Some(from) = page.last_evaluated_key.take()
        && parts.messages() < window.messages
        && parts.size_bytes() < window.size_bytes
    {
        page = newest_page(store, id, window, Some(from)).await?;
        live_items(store, page.items.take()).try_for_each(|item| parts.push(item))?;
    }
    Ok(Loaded { head, messages: newest_unbroken(parts.assemble()?, window.messages) })
}

/// Reads a page with one request if it reaches the end of the conversation, where the head is; otherwise reads the head
/// with one more request.
pub(super) async fn transcript(
    store: &DynamoStore,
    id: &ConversationKey,
    after: u64,
    limit: usize,
    limit_bytes: usize,
) -> Result<Transcript, StoreError> {
    let start = keys::message(MessagePosition { sequence: after.saturating_add(1), part: 0 });
    let (mut stored_head, mut parts, mut from) = (None, MessageParts::default(), None);
    loop {
        let mut page = query(store, id, &start, true, limit, from).await?;
        for item in live_items(store, page.items.take()) {
            if sort_key(&item) == keys::HEAD { stored_head = Some(item) } else { parts.push(item)? }
        }
        from = page.last_evaluated_key;
        // One complete message makes a page. Its pieces may be larger than a page of 1 MB.
        if from.is_none() || stored_head.is_some() || parts.has_complete_message() {
            break;
        }
    }
    let head = match stored_head {
        Some(item) => owned_head(id, Some(item))?,
        // Read last, so that nothing is returned once the conversation was erased.
        None => head(store, id).await?,
    };
    let mut messages = parts.assemble()?;
    messages.truncate(page_length(&messages, limit, limit_bytes));
    let last = messages.last().map(|stored| stored.sequence);
    // The head knows the last message, so no cursor leads to an empty page.
    let next_after = last.filter(|last| last.saturating_add(1) < head.next_sequence);
    Ok(Transcript { head, messages, next_after })
}

/// Returns how many messages a page holds: at least one, whatever its size.
fn page_length(messages: &[StoredMessage], limit: usize, limit_bytes: usize) -> usize {
    let mut size_bytes = 0_usize;
    let within = messages.iter().take_while(|stored| {
        size_bytes = size_bytes.saturating_add(stored.message.size_bytes());
        size_bytes <= limit_bytes
    });
    // `clamp` panics if its bounds are reversed, so a limit of 0 counts as 1.
    within.count().clamp(1, limit.max(1))
}

/// Lists with one request.
pub(super) async fn list(store: &DynamoStore, request: &ListRequest) -> Result<ConversationPage, StoreError> {
    let owner = keys::owner(&request.tenant, &request.owner);
    let start = request.cursor.map(|cursor| index_key(request, &owner, cursor));
    let page = store
        .client
        .query()
        .table_name(&store.table)
        // A global secondary index cannot be read consistently.
        .index_name(OWNER_INDEX)
        .key_condition_expression(format!("{INDEX_PARTITION} = :owner"))
        .expression_attribute_values(":owner", text(owner))
        .scan_index_forward(false)
        // One item more than the page holds shows whether there is a next page.
        .limit(item_limit(request.limit))
        // DynamoDB continues after this position even if the entry has moved since.
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let mut conversations = Vec::with_capacity(request.limit);
    let (mut last, mut more) = (None, page.last_evaluated_key.is_some());
    for item in page.items.unwrap_or_default() {
        if conversations.len() == request.limit {
            more = true;
            break;
        }
        let is_live = store.is_live(&item);
        if let StoredHead::Active(stored) = StoredHead::from_item(item)? {
            let head = stored.into_head()?;
            // Taken from expired conversations too, so that a page of nothing else leads on.
            last = Some(ListCursor { updated_at: head.updated_at, conversation: head.conversation });
            conversations.extend(is_live.then_some(head));
        }
    }
    Ok(ConversationPage { conversations, next: last.filter(|_| more) })
}

/// Reads only the head.
async fn head(store: &DynamoStore, id: &ConversationKey) -> Result<Head, StoreError> {
    let found = store
        .client
        .get_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::conversation(id), keys::HEAD)))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    owned_head(id, found.item.filter(|item| store.is_live(item)))
}

/// Returns the items of a page that have not expired.
fn live_items(store: &DynamoStore, items: Option<Vec<Item>>) -> impl Iterator<Item = Item> {
    items.unwrap_or_default().into_iter().filter(|item| store.is_live(item))
}

/// Checks that the table answers a request for an item.
pub(super) async fn check(store: &DynamoStore) -> Result<(), StoreError> {
    // An item that never exists proves table, permission and connection as well as any other.
    let asked = store.client.get_item().table_name(&store.table).set_key(Some(key("CHECK".to_owned(), "CHECK")));
    asked.send().await.map(|_| ()).map_err(|error| failure::store_error(&error))
}

/// Returns the head in an item if the conversation belongs to the owner and was not erased.
fn owned_head(id: &ConversationKey, item: Option<Item>) -> Result<Head, StoreError> {
    match item.map(StoredHead::from_item).transpose()? {
        Some(StoredHead::Active(stored)) if stored.owner == keys::owner(&id.tenant, &id.owner) => stored.into_head(),
        // Another user's conversation reads as one that does not exist.
        Some(StoredHead::Active(_) | StoredHead::Erased { .. }) | None => Err(StoreError::NotFound),
    }
}

async fn newest_page(
    store: &DynamoStore,
    id: &ConversationKey,
    window: Window,
    from: Option<Item>,
) -> Result<QueryOutput, StoreError> {
    query(store, id, keys::MESSAGE_PREFIX, false, window.messages, from).await
}

/// Reads a strongly consistent page of a conversation from a sort key on.
async fn query(
    store: &DynamoStore,
    id: &ConversationKey,
    first: &str,
    ascending: bool,
    limit: usize,
    from: Option<Item>,
) -> Result<QueryOutput, StoreError> {
    store
        .client
        .query()
        .table_name(&store.table)
        .key_condition_expression(format!("{PARTITION} = :partition AND {SORT} >= :first"))
        .expression_attribute_values(":partition", text(keys::conversation(id)))
        .expression_attribute_values(":first", text(first))
        .scan_index_forward(ascending)
        .consistent_read(true)
        // With room for the head beside the messages.
        .limit(item_limit(limit))
        .set_exclusive_start_key(from)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))
}

fn item_limit(limit: usize) -> i32 {
    i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX)
}

/// Makes the index key of the list's last entry.
fn index_key(request: &ListRequest, owner: &str, cursor: ListCursor) -> Item {
    // A start key needs the table's keys beside the index's, since index keys need not be unique.
    let mut start = key(keys::conversation_of(&request.tenant, cursor.conversation), keys::HEAD);
    let updated_at = keys::sortable(cursor.updated_at);
    extend(&mut start, [(INDEX_PARTITION, text(owner)), (INDEX_SORT, text(updated_at))]);
    start
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
