use proptest::prelude::*;
use serde_json::json;

use super::{PromptTooLarge, WindowLimits, corrected_millibytes_per_token};
use crate::domain::{Content, ContextOverflow, Message, Role, ToolCall, ToolCallId, ToolName, ToolResult};

const WIDE: WindowLimits =
    WindowLimits { messages: 1000, context_tokens: 200_000, max_tokens: 4_096, millibytes_per_token: None };

fn call(id: &str) -> Message {
    let call = ToolCall { id: ToolCallId::new(id), name: ToolName::new("look"), arguments: json!({}) };
    Message::new(Role::Assistant, vec![Content::ToolCall(call)])
}

fn result(id: &str, text: &str) -> Message {
    let result = ToolResult {
        call: ToolCallId::new(id),
        text: text.to_owned(),
        is_error: false,
        source: crate::domain::ResultSource::default(),
    };
    Message::new(Role::User, vec![Content::ToolResult(result)])
}

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn assistant(text: &str) -> Message {
    Message::text(Role::Assistant, text)
}

/// Returns the numbers of the messages in the window, counted from 1.
fn window(limits: WindowLimits, history: &[Message], fixed_bytes: usize) -> Vec<usize> {
    (limits.fit(history, fixed_bytes).unwrap() + 1..=history.len()).collect()
}

#[test]
fn takes_all_that_fits() {
    let history = [user("a"), assistant("b"), user("c"), assistant("d")];
    assert_eq!(window(WIDE, &history, 10), [1, 2, 3, 4]);
}

#[test]
fn counts_messages_and_starts_with_the_user() {
    let history = [user("a"), assistant("b"), user("c"), assistant("d")];
    let expected: [&[usize]; 6] = [&[], &[], &[3, 4], &[3, 4], &[1, 2, 3, 4], &[1, 2, 3, 4]];
    for (messages, expected) in expected.into_iter().enumerate() {
        assert_eq!(window(WindowLimits { messages, ..WIDE }, &history, 0), expected, "{messages} messages");
    }
}

#[test]
fn never_separates_a_call_from_its_result() {
    let history = [user("a"), call("1"), result("1", "x"), assistant("b"), user("c"), assistant("d")];
    for messages in 2..6 {
        assert_eq!(window(WindowLimits { messages, ..WIDE }, &history, 0), [5, 6]);
    }
    assert_eq!(window(WindowLimits { messages: 6, ..WIDE }, &history, 0), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_prompt_between_call_and_result_does_not_start_a_window() {
    let history = [user("a"), call("1"), user("b"), result("1", "x"), assistant("c")];
    assert_eq!(window(WindowLimits { messages: 3, ..WIDE }, &history, 0), [0_usize; 0]);
    assert_eq!(window(WindowLimits { messages: 5, ..WIDE }, &history, 0), [1, 2, 3, 4, 5]);
}

#[test]
fn counts_tokens_with_the_prompt() {
    let limits = WindowLimits { context_tokens: 300, max_tokens: 100, ..WIDE };
    let long = "x".repeat(240);
    let history = [user(&long), assistant("b"), user(&long), assistant("d")];
    assert_eq!(window(limits, &history, 60), [3, 4]);
    assert_eq!(window(limits, &history, 400), [0_usize; 0]);
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
fn a_refusal_corrects_the_limits() {
    let limits = WindowLimits { context_tokens: 1_000, max_tokens: 100, ..WIDE };
    let numbers = ContextOverflow { needed_tokens: Some(2_000), context_tokens: Some(500) };
    let corrected = limits.corrected(3_000, numbers);
    assert_eq!((corrected.context_tokens, corrected.millibytes_per_token), (500, Some(1_500)));
    assert!(corrected.tokens(3_000, 1) > 2_000, "the prompt is known not to fit");
    let without = limits.corrected(3_000, ContextOverflow::default());
    assert_eq!((without.context_tokens, without.millibytes_per_token), (1_000, Some(1_666)));
    let larger = ContextOverflow { needed_tokens: None, context_tokens: Some(5_000) };
    assert_eq!(limits.corrected(3_000, larger).context_tokens, 1_000, "the operator's limit holds");
}

#[test]
fn estimates_within_a_fifth_of_the_limit_are_close() {
    let limits = WindowLimits { context_tokens: 1_100, max_tokens: 100, ..WIDE };
    let close = [799, 800, 1_000, 1_200, 1_201].map(|estimate| limits.is_close(estimate));
    assert_eq!(close, [false, true, true, true, false]);
}

#[test]
fn a_learned_ratio_moves_the_bound() {
    let history = [user(&"x".repeat(300)), assistant("b")];
    let limits = WindowLimits { context_tokens: 120, max_tokens: 0, ..WIDE };
    let with = |millibytes_per_token| window(WindowLimits { millibytes_per_token, ..limits }, &history, 0).len();
    assert_eq!((with(Some(4_500)), with(None), with(Some(1_000))), (2, 2, 0));
}

/// Generates a conversation as the gateway stores it: turns of a prompt, calls with their results, and an answer.
fn turns() -> impl Strategy<Value = Vec<Message>> {
    let turn = (0_usize..200, 0_usize..4, 0_usize..200);
    prop::collection::vec(turn, 0..12).prop_map(|turns| {
        let messages = turns.into_iter().enumerate().flat_map(|(number, (prompt, calls, answer))| {
            let mut messages = vec![user(&"p".repeat(prompt))];
            for index in 0..calls {
                let id = format!("{number}-{index}");
                messages.extend([call(&id), result(&id, "r")]);
            }
            messages.push(assistant(&"a".repeat(answer)));
            messages
        });
        messages.collect()
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
        let Ok(start) = limits.fit(&history, fixed_bytes) else {
            prop_assert!(limits.tokens(fixed_bytes, 1) > limits.left_tokens());
            return Ok(());
        };
        let window = &history[start..];
        let tokens = |messages: &[Message]| {
            limits.tokens(fixed_bytes, 1)
                + messages.iter().map(|message| limits.tokens(message.size_bytes(), 1)).sum::<u64>()
        };
        prop_assert!(window.len() <= messages);
        prop_assert!(window.is_empty() || tokens(window) <= limits.left_tokens());
        let opens = |message: &Message| message.role == Role::User && !message.has_tool_result();
        prop_assert!(window.first().is_none_or(opens));
        for (index, message) in window.iter().enumerate() {
            if message.has_tool_result() {
                prop_assert!(index > 0 && window[index - 1].tool_calls().next().is_some());
            }
        }
        // One turn more would break a bound.
        if let Some(start) = history[..start].iter().rposition(opens) {
            let larger = &history[start..];
            prop_assert!(larger.len() > messages || tokens(larger) > limits.left_tokens());
        }
    }

    #[test]
    fn all_messages_that_fit_are_loaded(history in turns(), context_tokens in 0_u32..600) {
        let limits = WindowLimits { context_tokens, max_tokens: 0, millibytes_per_token: Some(9_000), ..WIDE };
        if let Ok(start) = limits.fit(&history, 0) {
            let size: usize = history[start..].iter().map(Message::size_bytes).sum();
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
