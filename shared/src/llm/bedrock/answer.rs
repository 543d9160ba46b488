//! From a whole answer of `Converse` to a generation; pure.

use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConverseOutput as Output, StopReason, TokenUsage};

use super::document::to_value;
use crate::domain::{FinishReason, Generation, ModelRef, ToolCall, ToolCallId, ToolName, Usage};
use crate::llm::LlmError;
use crate::llm::assembly::Answer;

/// Reasoning, citations and other parts that were not asked for are left out.
pub(super) fn from_wire(answer: ConverseOutput, served_by: ModelRef) -> Result<Generation, LlmError> {
    let Some(Output::Message(message)) = answer.output else {
        return Err(LlmError::Malformed("the answer has no message"));
    };
    let finish = finish(&answer.stop_reason)?;
    let mut whole = Answer::default();
    for block in message.content {
        match block {
            ContentBlock::Text(text) => whole.text.push_str(&text),
            ContentBlock::ToolUse(call) => whole.calls.push(ToolCall {
                id: ToolCallId::new(call.tool_use_id),
                name: ToolName::new(call.name),
                arguments: to_value(call.input),
            }),
            _ => {}
        }
    }
    Ok(whole.into_generation(finish, answer.usage.as_ref().map(usage).unwrap_or_default(), served_by))
}

/// API reference, "Converse", `stopReason`. One that is still to come is the end of a turn.
pub(super) fn finish(reason: &StopReason) -> Result<FinishReason, LlmError> {
    match reason {
        StopReason::ToolUse => Ok(FinishReason::ToolCalls),
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => Ok(FinishReason::MaxTokens),
        StopReason::StopSequence => Ok(FinishReason::StopSequence),
        StopReason::GuardrailIntervened | StopReason::ContentFiltered => Ok(FinishReason::Policy),
        StopReason::MalformedModelOutput => Err(LlmError::Malformed("the model's output")),
        StopReason::MalformedToolUse => Err(LlmError::Malformed("the model's tool call")),
        _ => Ok(FinishReason::EndTurn),
    }
}

/// `inputTokens` leaves out what was read from and written to the prompt cache ("Prompt caching", "Token usage").
pub(super) fn usage(usage: &TokenUsage) -> Usage {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    let cached = [usage.cache_read_input_tokens, usage.cache_write_input_tokens];
    Usage {
        input_tokens: cached.into_iter().flatten().map(count).fold(count(usage.input_tokens), u64::saturating_add),
        output_tokens: count(usage.output_tokens),
    }
}
