//! A conversation as providers accept it.

use crate::domain::{Content, Message};

/// What a model can read of the messages: blank texts left out, and neighbours of one role joined, since providers
/// refuse the one and some the other.
pub(super) fn readable(messages: &[Message]) -> Vec<Message> {
    let mut readable: Vec<Message> = Vec::with_capacity(messages.len());
    for message in messages {
        let content: Vec<Content> = message
            .content
            .iter()
            .filter(|part| !matches!(part, Content::Text(text) if text.trim().is_empty()))
            .cloned()
            .collect();
        if content.is_empty() {
            continue;
        }
        match readable.last_mut() {
            Some(last) if last.role == message.role => last.content.extend(content),
            _ => readable.push(Message { role: message.role, content }),
        }
    }
    readable
}
