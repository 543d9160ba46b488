//! Selects the messages that a model sees: the newest, within a count and within the model's context. Pure.

use std::collections::HashSet;

use crate::domain::{Content, ContextOverflow, Message, Role, ToolCallId};
use crate::store::Window;

/// Bytes of text per token, in thousandths, for a conversation without a learned ratio: English has four or more, code
/// three.
const DEFAULT_MILLIBYTES: u32 = 3_000;
/// The lowest ratio that is used: one token for each byte.
const LEAST_MILLIBYTES: u32 = 1_000;
/// The highest ratio that is used. Higher ones come from repetitions, which the next prompt may not have.
const MOST_MILLIBYTES: u32 = 5_000;
/// The fewest tokens from which a ratio is learned; below, a provider's fixed overhead distorts it.
const MIN_SAMPLE_TOKENS: u64 = 64;
/// The tokens that a message's role and separators cost.
const TOKENS_PER_MESSAGE: u64 = 4;

/// The limits of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WindowLimits {
    /// The most earlier messages.
    pub(super) messages: usize,
    /// The size of the model's context, in tokens.
    pub(super) context_tokens: u32,
    /// The part of the context that is reserved for the answer, in tokens.
    pub(super) max_tokens: u32,
    /// Bytes per token as learned from the conversation, in thousandths; see
    /// [`crate::store::Head::millibytes_per_token`].
    pub(super) millibytes_per_token: Option<u32>,
}

/// The prompt does not fit the model's context, even without earlier messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the prompt has about {needed_tokens} tokens and the model's context leaves {left_tokens}")]
pub(super) struct PromptTooLarge {
    /// The estimated tokens of instructions, tools and prompt.
    pub(super) needed_tokens: u64,
    /// The tokens that the context leaves for them.
    pub(super) left_tokens: u64,
}

impl WindowLimits {
    /// Returns how much to load, so that no message that could fit is missing.
    #[must_use]
    pub(super) fn to_load(self) -> Window {
        let bytes = self.left_tokens().saturating_mul(MOST_MILLIBYTES.into()) / 1000;
        Window { messages: self.messages, size_bytes: usize::try_from(bytes).unwrap_or(usize::MAX) }
    }

    /// Returns the index from which on the messages of `history` (oldest first) fit beside `fixed_bytes` of instructions,
    /// tools and new prompt.
    ///
    /// The window starts with a user's message that is not a tool result, as providers require, and never separates a
    /// tool call from its result. It is empty if no such window fits.
    ///
    /// # Errors
    /// [`PromptTooLarge`] if not even `fixed_bytes` fit.
    pub(super) fn fit(self, history: &[Message], fixed_bytes: usize) -> Result<usize, PromptTooLarge> {
        let left_tokens = self.left_tokens();
        let needed_tokens = self.tokens(fixed_bytes, 1);
        let mut room = left_tokens.checked_sub(needed_tokens).ok_or(PromptTooLarge { needed_tokens, left_tokens })?;
        let mut start = history.len();
        let mut unanswered = HashSet::new();
        for (index, message) in history.iter().enumerate().rev().take(self.messages) {
            match room.checked_sub(self.tokens(message.size_bytes(), 1)) {
                Some(rest) => room = rest,
                None => break,
            }
            follow_calls(&message.content, &mut unanswered);
            let opens = message.role == Role::User && !message.has_tool_result();
            if opens && unanswered.is_empty() {
                start = index;
            }
        }
        Ok(start)
    }

    /// Returns the tokens that the context leaves for the prompt.
    #[must_use]
    pub(super) const fn left_tokens(self) -> u64 {
        self.context_tokens.saturating_sub(self.max_tokens) as u64
    }

    /// Returns whether an estimate is within a fifth of the limit, so that only a count can show whether the prompt fits.
    #[must_use]
    pub(super) const fn is_close(self, estimate: u64) -> bool {
        estimate.abs_diff(self.left_tokens()) <= self.left_tokens() / 5
    }

    /// Returns by how much a prompt of `prompt_tokens` exceeds the context, with the tokens that the answer needs.
    #[must_use]
    pub(super) const fn overflow(self, prompt_tokens: u64) -> ContextOverflow {
        ContextOverflow {
            needed_tokens: Some(prompt_tokens.saturating_add(self.max_tokens as u64)),
            context_tokens: Some(self.context_tokens as u64),
        }
    }

    /// Returns the limits as corrected by a provider's refusal of a prompt of `prompt_bytes`.
    #[must_use]
    pub(super) fn corrected(self, prompt_bytes: usize, overflow: ContextOverflow) -> Self {
        let context_tokens = overflow.context_tokens.and_then(|tokens| u32::try_from(tokens).ok()).map_or(
            self.context_tokens,
            |tokens| {
                // A larger context would be of no use, since the configured one is what the operator allows.
                tokens.min(self.context_tokens)
            },
        );
        // Without a number, the prompt has at least as many tokens as there is room for; twice as many are assumed, since
        // there is only one more attempt.
        let tokens = overflow.needed_tokens.unwrap_or_else(|| self.left_tokens().saturating_mul(2)).max(1);
        let millibytes_per_token = Some(millibytes(prompt_bytes, tokens));
        Self { context_tokens, millibytes_per_token, ..self }
    }

    /// Estimates the tokens of so many messages of this size in all, rather too high: only nine tenths of a learned ratio
    /// are used.
    #[must_use]
    pub(super) fn tokens(self, size_bytes: usize, messages: usize) -> u64 {
        let overhead = TOKENS_PER_MESSAGE.saturating_mul(messages as u64);
        (size_bytes as u64).saturating_mul(1000).div_ceil(self.assumed_millibytes()).saturating_add(overhead)
    }

    /// Estimates the bytes of text that so many tokens hold, rather too few.
    #[must_use]
    pub(super) fn bytes(self, tokens: u64) -> usize {
        usize::try_from(tokens.saturating_mul(self.assumed_millibytes()) / 1000).unwrap_or(usize::MAX)
    }

    fn assumed_millibytes(self) -> u64 {
        let learned = self.millibytes_per_token.map(|value| value.clamp(LEAST_MILLIBYTES, MOST_MILLIBYTES) / 10 * 9);
        learned.unwrap_or(DEFAULT_MILLIBYTES).into()
    }
}

/// Notes tool results whose call has not been met yet. Messages are read from the newest to the oldest.
fn follow_calls<'a>(content: &'a [Content], unanswered: &mut HashSet<&'a ToolCallId>) {
    for part in content {
        match part {
            Content::ToolResult(result) => {
                unanswered.insert(&result.call);
            }
            Content::ToolCall(call) => {
                unanswered.remove(&call.id);
            }
            Content::Text(_) => {}
        }
    }
}

/// Returns the bytes per token, in thousandths, from the last prompt's size and the tokens that the provider reported.
/// Returns `previous` if these are too few to learn from.
#[must_use]
pub(super) fn corrected_millibytes_per_token(
    previous: Option<u32>,
    prompt_bytes: usize,
    input_tokens: u64,
) -> Option<u32> {
    if input_tokens < MIN_SAMPLE_TOKENS || prompt_bytes == 0 {
        return previous;
    }
    Some(millibytes(prompt_bytes, input_tokens))
}

/// Returns the bytes per token, in thousandths, within the bounds of a ratio.
fn millibytes(size_bytes: usize, tokens: u64) -> u32 {
    let millibytes = (size_bytes as u64).saturating_mul(1000).checked_div(tokens).unwrap_or(u64::MAX);
    u32::try_from(millibytes).unwrap_or(u32::MAX).clamp(LEAST_MILLIBYTES, MOST_MILLIBYTES)
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
