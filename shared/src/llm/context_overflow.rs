//! Recognises, in an error's text, that a prompt exceeds the model's context. Only numbers are kept of the text, which may
//! quote the prompt.

use crate::domain::ContextOverflow;

/// What providers and servers say, in lower case: Anthropic, and Bedrock for Claude; Bedrock for other models; `OpenAI`,
/// vLLM and `DeepSeek`; llama.cpp; Ollama.
const PHRASES: [&str; 15] = [
    "prompt is too long",
    "exceed context limit",
    "input is too long for requested model",
    "too many input tokens",
    "input tokens exceeded",
    "number of input tokens exceeds",
    "maximum context length",
    "reduce the length of the messages",
    "exceeds the context window",
    "exceeds the available context size",
    "context size has been exceeded",
    "input length exceeds the context length",
    "input length exceeds maximum context length",
    "exceeded max context length",
    "context length exceeded",
];

/// The words before the size of the context.
const BEFORE_CONTEXT: [&str; 4] = ["maximum context length is", "context size (", "max input tokens:", ">"];

/// Returns what the text says about the prompt's size, or `None` if it is about something else.
pub(super) fn recognise(message: &str) -> Option<ContextOverflow> {
    let text = message.to_lowercase();
    PHRASES.iter().any(|phrase| text.contains(phrase)).then(|| numbers(&text))
}

fn numbers(text: &str) -> ContextOverflow {
    let context_tokens = BEFORE_CONTEXT.iter().find_map(|before| {
        let (_, rest) = text.split_once(before)?;
        counts(rest).next()
    });
    // "188240 + 21333 > 200000": the prompt and `max_tokens`, which only together exceed the context.
    let sum = text.split_once('>').filter(|(before, _)| before.contains('+')).map(|(before, _)| {
        let (left, right) = before.rsplit_once('+').unwrap_or_default();
        counts(left).last().unwrap_or(0).saturating_add(counts(right).next().unwrap_or(0))
    });
    // The other numbers are parts of the needed tokens, which exceed the context.
    let needed_tokens = sum.or_else(|| counts(text).max()).filter(|needed| Some(*needed) > context_tokens);
    ContextOverflow { needed_tokens: needed_tokens.filter(|_| context_tokens.is_some()), context_tokens }
}

/// Returns the numbers in the text that can be counts of tokens.
fn counts(text: &str) -> impl Iterator<Item = u64> {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != ',').filter_map(|digits| {
        // No context has a billion tokens.
        digits.replace(',', "").parse().ok().filter(|count| *count < 1_000_000_000)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_is_understood() {
        for (text, needed_tokens, context_tokens) in [
            ("prompt is too long: 208310 tokens > 200000 maximum", Some(208_310), Some(200_000)),
            (
                "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
                Some(209_573),
                Some(200_000),
            ),
            (
                "The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum",
                Some(200_049),
                Some(200_000),
            ),
            ("Input is too long for requested model.", None, None),
            (
                "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
                None,
                None,
            ),
            (
                "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9123",
                Some(9_123),
                Some(8_192),
            ),
            (
                "This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens. Please reduce the length of the messages.",
                Some(4_294),
                Some(4_097),
            ),
            (
                "This model's maximum context length is 131,072 tokens. However, you requested 131134 tokens (122942 in the messages, 8192 in the completion).",
                Some(131_134),
                Some(131_072),
            ),
            (
                "Your input exceeds the context window of this model. Please adjust your input and try again.",
                None,
                None,
            ),
            (
                "request (5003 tokens) exceeds the available context size (4096 tokens), try increasing it",
                Some(5_003),
                Some(4_096),
            ),
            ("the request exceeds the available context size, try increasing it", None, None),
            ("the input length exceeds the context length", None, None),
            ("prompt too long; exceeded max context length by 12 tokens", None, None),
        ] {
            assert_eq!(recognise(text), Some(ContextOverflow { needed_tokens, context_tokens }), "{text}");
        }
    }

    #[test]
    fn other_errors_are_not_taken_for_it() {
        for text in [
            "",
            "max_tokens: 9000 > 8192, which is the maximum allowed number of output tokens for this model",
            "messages: at least one message is required",
            "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_cannot_be_right_are_left_out() {
        let overflow = recognise("maximum context length is 99999999999999999999 tokens, you requested 5").unwrap();
        assert_eq!(overflow, ContextOverflow { needed_tokens: None, context_tokens: Some(5) });
        let swapped = recognise("prompt is too long: 100 tokens > 200 maximum").unwrap();
        assert_eq!(swapped, ContextOverflow { needed_tokens: None, context_tokens: Some(200) });
    }
}
