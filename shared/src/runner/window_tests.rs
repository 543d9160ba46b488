use proptest::prelude::*;
use serde_json::json;

use super::{PromptTooLarge, WindowLimits, corrected_millibytes_per_token};
use crate::domain::{Content, Message, Role, Timestamp, ToolCall, ToolCallId, ToolName, ToolResult};
use crate::store::StoredMessage;

const WIDE: WindowLimits =
    WindowLimits { messages: 1000, context_tokens: 200_000, max_tokens: 4_096, millibytes_per_token: None };

fn call(id: &str) -> Message {
    let call = ToolCall { id: ToolCallId::new(id), name: ToolName::new("look"), arguments: json!({}) };
    Message { role: Role::Assistant, content: vec![Content::ToolCall(call)] }
}

fn result(id: &str, text: &str) -> Message {
    let result = ToolResult { call: ToolCallId::new(id), text: text.to_owned(), is_error: false };
    Message { role: Role::User, content: vec![Content::ToolResult(result)] }
}

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn assistant(text: &str) -> Message {
    Message::text(Role::Assistant, text)
}

fn history(messages: impl IntoIterator<Item = Message>) -> Vec<StoredMessage> {
    let stored = |(sequence, message)| StoredMessage { sequence, created_at: Timestamp::from_millis(1), message };
    (1..).zip(messages).map(stored).collect()
}

fn sequences(limits: WindowLimits, history: &[StoredMessage], fixed_bytes: usize) -> Vec<u64> {
    limits.fit(history, fixed_bytes).unwrap().iter().map(|stored| stored.sequence).collect()
}

#[test]
fn takes_all_that_fits() {
    let history = history([user("a"), assistant("b"), user("c"), assistant("d")]);
    assert_eq!(sequences(WIDE, &history, 10), [1, 2, 3, 4]);
}

#[test]
fn counts_messages_and_starts_with_the_user() {
    let history = history([user("a"), assistant("b"), user("c"), assistant("d")]);
    let expected: [&[u64]; 6] = [&[], &[], &[3, 4], &[3, 4], &[1, 2, 3, 4], &[1, 2, 3, 4]];
    for (messages, expected) in expected.into_iter().enumerate() {
        assert_eq!(sequences(WindowLimits { messages, ..WIDE }, &history, 0), expected, "{messages} messages");
    }
}

#[test]
fn never_separates_a_call_from_its_result() {
    let history = history([user("a"), call("1"), result("1", "x"), assistant("b"), user("c"), assistant("d")]);
    for messages in 2..6 {
        assert_eq!(sequences(WindowLimits { messages, ..WIDE }, &history, 0), [5, 6]);
    }
    assert_eq!(sequences(WindowLimits { messages: 6, ..WIDE }, &history, 0), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_prompt_between_call_and_result_does_not_start_a_window() {
    let history = history([user("a"), call("1"), user("b"), result("1", "x"), assistant("c")]);
    assert_eq!(sequences(WindowLimits { messages: 3, ..WIDE }, &history, 0), [0_u64; 0]);
    assert_eq!(sequences(WindowLimits { messages: 5, ..WIDE }, &history, 0), [1, 2, 3, 4, 5]);
}

#[test]
fn counts_tokens_with_the_prompt() {
    let limits = WindowLimits { context_tokens: 300, max_tokens: 100, ..WIDE };
    let long = "x".repeat(240);
    let history = history([user(&long), assistant("b"), user(&long), assistant("d")]);
    assert_eq!(sequences(limits, &history, 60), [3, 4]);
    assert_eq!(sequences(limits, &history, 400), [0_u64; 0]);
    assert_eq!(limits.fit(&history, 600), Err(PromptTooLarge { needed_tokens: 204, left_tokens: 200 }));
    let empty = WindowLimits { context_tokens: 100, max_tokens: 100, ..WIDE };
    assert!(empty.fit(&history, 0).is_err());
}

#[test]
fn learns_the_ratio_within_bounds() {
    assert_eq!(corrected_millibytes_per_token(None, 4_000, 1_000), Some(4_000));
    assert_eq!(corrected_millibytes_per_token(Some(3_500), 20, 10), Some(3_500));
    assert_eq!(corrected_millibytes_per_token(None, 0, 1_000), None);
    assert_eq!(corrected_millibytes_per_token(None, 100, 1_000), Some(1_000));
    assert_eq!(corrected_millibytes_per_token(None, usize::MAX, 100), Some(5_000));
}

#[test]
fn a_learned_ratio_moves_the_bound() {
    let history = history([user(&"x".repeat(300)), assistant("b")]);
    let limits = WindowLimits { context_tokens: 120, max_tokens: 0, ..WIDE };
    let with = |millibytes_per_token| sequences(WindowLimits { millibytes_per_token, ..limits }, &history, 0).len();
    assert_eq!((with(Some(4_500)), with(None), with(Some(1_000))), (2, 2, 0));
}

/// Generates a conversation as the gateway stores it: turns of a prompt, calls with their results, and an answer.
fn turns() -> impl Strategy<Value = Vec<StoredMessage>> {
    let turn = (0_usize..200, 0_usize..4, 0_usize..200);
    prop::collection::vec(turn, 0..12).prop_map(|turns| {
        history(turns.into_iter().enumerate().flat_map(|(number, (prompt, calls, answer))| {
            let mut messages = vec![user(&"p".repeat(prompt))];
            for index in 0..calls {
                let id = format!("{number}-{index}");
                messages.extend([call(&id), result(&id, "r")]);
            }
            messages.push(assistant(&"a".repeat(answer)));
            messages
        }))
    })
}

proptest! {
    #[test]
    fn windows_are_whole_and_as_large_as_the_limits_allow(
        history in turns(),
        messages in 0_usize..40,
        context_tokens in 0_u32..600,
        max_tokens in 0_u32..200,
        fixed_bytes in 0_usize..300,
        millibytes_per_token in prop::option::of(0_u32..9_000),
    ) {
        let limits = WindowLimits { messages, context_tokens, max_tokens, millibytes_per_token };
        let Ok(window) = limits.fit(&history, fixed_bytes) else {
            prop_assert!(limits.tokens(fixed_bytes) > limits.left_tokens());
            return Ok(());
        };
        let tokens = |messages: &[StoredMessage]| {
            limits.tokens(fixed_bytes)
                + messages.iter().map(|stored| limits.tokens(stored.message.size_bytes())).sum::<u64>()
        };
        prop_assert!(window.len() <= messages);
        prop_assert!(window.is_empty() || tokens(window) <= limits.left_tokens());
        prop_assert_eq!(window, &history[history.len() - window.len()..]);
        let opens = |stored: &StoredMessage| stored.message.role == Role::User && !stored.message.has_tool_result();
        prop_assert!(window.first().is_none_or(opens));
        for (index, stored) in window.iter().enumerate() {
            if stored.message.has_tool_result() {
                prop_assert!(index > 0 && window[index - 1].message.tool_calls().next().is_some());
            }
        }
        // One turn more would break a bound.
        let earlier = history.len() - window.len();
        if let Some(start) = history[..earlier].iter().rposition(opens) {
            let larger = &history[start..];
            prop_assert!(larger.len() > messages || tokens(larger) > limits.left_tokens());
        }
    }

    #[test]
    fn all_messages_that_fit_are_loaded(history in turns(), context_tokens in 0_u32..600) {
        let limits = WindowLimits { context_tokens, max_tokens: 0, millibytes_per_token: Some(9_000), ..WIDE };
        if let Ok(window) = limits.fit(&history, 0) {
            let size: usize = window.iter().map(|stored| stored.message.size_bytes()).sum();
            prop_assert!(size <= limits.to_load().size_bytes);
        }
    }

    #[test]
    fn learned_ratios_are_sane(previous in prop::option::of(1_000_u32..=5_000), bytes: usize, tokens: u64) {
        if let Some(millibytes) = corrected_millibytes_per_token(previous, bytes, tokens) {
            prop_assert!((1_000..=5_000).contains(&millibytes));
        }
    }
}
