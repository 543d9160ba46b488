//! The messages of a prompt, in the form that all providers accept.

use crate::domain::{Content, Message};

/// Removes blank texts and joins consecutive messages of one role.
pub(super) fn prompt_messages(messages: &[Message]) -> Vec<Message> {
    let mut joined: Vec<Message> = Vec::with_capacity(messages.len());
    for message in messages {
        let mut content: Vec<Content> = message
            .content
            .iter()
            // Providers refuse blank texts.
            .filter(|part| !matches!(part, Content::Text(text) if text.trim().is_empty()))
            .cloned()
            .collect();
        // Leaving a message out brings its neighbours together, so it must happen before messages are joined.
        if content.is_empty() {
            continue;
        }
        match joined.last_mut() {
            // Some providers refuse two messages of one role in a row.
            Some(last) if last.role == message.role => {
                if let (Some(Content::Text(_)), Some(Content::Text(text))) = (last.content.last(), content.first_mut())
                {
                    // Some providers would concatenate the two texts.
                    text.insert_str(0, "\n\n");
                }
                last.content.extend(content);
            }
            _ => joined.push(Message::new(message.role, content)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;

    #[test]
    fn messages_around_an_empty_one_are_joined_with_a_blank_line() {
        let messages =
            [Message::text(Role::User, "one"), Message::text(Role::Assistant, " "), Message::text(Role::User, "two")];
        let joined = prompt_messages(&messages);
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].plain_text(), "one\n\ntwo");
    }
}
