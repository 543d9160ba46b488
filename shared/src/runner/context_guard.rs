//! What is done about a prompt that exceeds the model's context.

use super::RunContext;
use super::window::{WindowLimits, corrected_millibytes_per_token};
use crate::agent::{AgentRun, Proposer, RunEvent};
use crate::domain::{ContextOverflow, FailureKind, LlmFailure, Message, ModelRef, Prompt, Usage};
use crate::llm::Fallback;

/// Watches the size of a run's prompts. The limits learn from what providers report.
pub(super) struct ContextGuard {
    limits: WindowLimits,
    has_dropped: bool,
    /// The ratio of the last prompt whose tokens were reported, or that of the conversation.
    observed: Option<u32>,
    /// The ratio of a prompt that was refused with a number.
    refused: Option<u32>,
}

impl ContextGuard {
    pub(super) const fn new(limits: WindowLimits) -> Self {
        Self { limits, has_dropped: false, observed: limits.millibytes_per_token, refused: None }
    }

    /// Estimates the tokens of a prompt.
    pub(super) fn estimate(&self, prompt: &Prompt) -> u64 {
        self.limits.tokens(prompt.size_bytes(), prompt.messages.len())
    }

    /// Returns by how much the prompt exceeds the context, or `None` if it fits or only the provider can judge it.
    ///
    /// The provider counts the tokens where it can and where the estimate is too close to the limit to be relied on.
    pub(super) async fn overflow(
        &mut self,
        prompt: &Prompt,
        model: &Fallback,
        context: &RunContext<'_>,
        run: &AgentRun,
    ) -> Option<ContextOverflow> {
        let estimate = self.estimate(prompt);
        let counted = if self.limits.is_close(estimate) {
            context.deadline.bound(model.count_tokens(prompt)).await.ok().flatten()
        } else {
            None
        };
        // An estimate refuses only what has not been asked: once the run has an answer or has dropped messages, the provider
        // has the last word.
        let trusts_estimate = !self.has_dropped && run.turn_messages().len() == 1;
        let needed_tokens = counted.or_else(|| trusts_estimate.then_some(estimate))?;
        if needed_tokens <= self.limits.left_tokens() {
            return None;
        }
        let overflow = self.limits.overflow(needed_tokens);
        // By the prompt's own tokens, while the overflow names those of the answer too.
        self.learn_from_refusal(prompt, ContextOverflow { needed_tokens: Some(needed_tokens), context_tokens: None });
        Some(overflow)
    }

    /// Learns from a refusal of the prompt.
    pub(super) fn learn_from_refusal(&mut self, prompt: &Prompt, overflow: ContextOverflow) {
        self.limits = self.limits.corrected(prompt.size_bytes(), overflow);
        // Without a number the ratio is a guess, which is good enough for the next attempt and not for later turns.
        if overflow.needed_tokens.is_some() {
            self.refused = self.limits.millibytes_per_token;
        }
    }

    /// Returns how many bytes the outputs of the calls that are being settled may take, so that the model can read them. A
    /// graph's calls have no such limit, since its templates decide what a model reads.
    pub(super) fn room_bytes(&self, run: &AgentRun) -> usize {
        if run.proposer() == Some(Proposer::Graph) {
            return usize::MAX;
        }
        let prompt = run.prompt();
        // Earlier messages may be dropped for them, once.
        let droppable = if self.has_dropped { 0 } else { bytes_of(run.history()) };
        let kept = prompt.size_bytes().saturating_sub(droppable);
        self.limits.bytes(self.limits.left_tokens().saturating_sub(self.limits.tokens(kept, prompt.messages.len())))
    }

    /// Reacts to a prompt that exceeds the context of `model`: drops earlier messages and has the model called again. Once
    /// only, and if there are any; otherwise the call has failed.
    pub(super) fn react(
        &mut self,
        overflow: ContextOverflow,
        run: &AgentRun,
        prompt: &Prompt,
        model: &ModelRef,
        was_called: bool,
    ) -> RunEvent {
        let history = run.history();
        if self.has_dropped || history.is_empty() {
            let ModelRef { provider, model } = model.clone();
            let context_tokens = overflow.context_tokens.unwrap_or_else(|| self.limits.context_tokens.into());
            // An estimate that fits would contradict the refusal.
            let needed_tokens = overflow.needed_tokens.filter(|needed| *needed > context_tokens);
            let overflow = ContextOverflow { needed_tokens, context_tokens: Some(context_tokens) };
            let kind = FailureKind::ContextExceeded(overflow);
            return RunEvent::ModelFailed(LlmFailure { provider, model, kind, retry_after: None });
        }
        self.has_dropped = true;
        let fixed_bytes = prompt.size_bytes().saturating_sub(bytes_of(history));
        // All are dropped where none would fit, or where the estimate has all fit although they do not.
        let history_start = self.limits.fit(history, fixed_bytes).ok().filter(|start| *start > 0);
        let history_start = history_start.unwrap_or(history.len());
        RunEvent::ContextExceeded { history_start, refused_by: was_called.then(|| model.clone()) }
    }

    /// Learns from the tokens that a provider has reported for a prompt.
    pub(super) fn learn(&mut self, prompt_bytes: usize, usage: Usage) {
        self.observed = corrected_millibytes_per_token(self.observed, prompt_bytes, usage.input_tokens);
        self.limits.millibytes_per_token = self.millibytes_per_token();
    }

    /// Returns the bytes per token as learned so far, in thousandths. A prompt that was refused counts although a shorter one
    /// was answered, since its messages are still in the conversation.
    pub(super) fn millibytes_per_token(&self) -> Option<u32> {
        [self.observed, self.refused].into_iter().flatten().min()
    }
}

fn bytes_of(messages: &[Message]) -> usize {
    messages.iter().map(Message::size_bytes).sum()
}
