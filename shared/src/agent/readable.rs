//! A conversation as providers accept it.

use crate::domain::{Content, Message};

/// What a model can read of the messages: blank texts left out, and neighbours of one role joined, since providers
/// refuse the one and some the other. A blank line parts their texts, which some providers take as one.
pub(super) fn readable(messages: &[Message]) -> Vec<Message> {
    let mut readable: Vec<Message> = Vec::with_capacity(messages.len());
    for message in messages {
        let mut content: Vec<Content> = message
            .content
            .iter()
            .filter(|part| !matches!(part, Content::Text(text) if text.trim().is_empty()))
            .cloned()
            .collect();
        if content.is_empty() {
            continue;
        }
        match readable.last_mut() {
            Some(last) if last.role == message.role => {
                if let (Some(Content::Text(_)), Some(Content::Text(text))) = (last.content.last(), content.first_mut())
                {
                    text.insert_str(0, "\n\n");
                }
                last.content.extend(content);
            }
            _ => readable.push(Message { role: message.role, content }),
        }
    }
    readable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;

    #[test]
    fn what_stands_around_an_empty_answer_is_joined_and_still_told_apart() {
        let messages =
            [Message::text(Role::User, "one"), Message::text(Role::Assistant, " "), Message::text(Role::User, "two")];
        let readable = readable(&messages);
        assert_eq!(readable.len(), 1);
        assert_eq!(readable[0].plain_text(), "one\n\ntwo");
    }
}
