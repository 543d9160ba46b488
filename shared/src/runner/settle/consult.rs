//! Asks a model about calls, on the gateway's own behalf.

use super::settling::Settling;
use crate::agent::Consultation;
use crate::domain::{FinishReason, Generation, GenerationRequest, MaxTokens, Message, Prompt, Role, Temperature};
use crate::llm::Fallback;
use crate::runner::{DeadlinePassed, TurnMetrics};

/// The longest answer, in tokens: a few names and numbers.
const MAX_TOKENS: u32 = 400;

/// Asks a model and returns its text, or `None` if it failed. The step that the client sees has the name `name` and, from
/// `outcome_of`, what was understood.
pub(super) async fn consult<T>(
    name: &'static str,
    model: &Fallback,
    system: &str,
    question: String,
    settling: &Settling<'_>,
    (consulted, metrics): (&mut Vec<Consultation>, &mut TurnMetrics),
    outcome_of: impl FnOnce(&str) -> Option<(T, &'static str)>,
) -> Result<Option<T>, DeadlinePassed> {
    let prompt = Prompt {
        system: Some(system.to_owned()),
        messages: vec![Message::text(Role::User, question)],
        tools: Vec::new(),
    };
    let began_at = settling.context.clock.now();
    let estimate = u64::try_from(prompt.size_bytes() / 4).unwrap_or(u64::MAX);
    let meter = metrics.begin_call(model.model(), estimate, began_at);
    let max_tokens = MaxTokens::try_from(MAX_TOKENS).unwrap_or(MaxTokens::DEFAULT);
    let mut request = GenerationRequest { prompt, temperature: Temperature::try_from(0.0).ok(), max_tokens };
    if crate::llm::check(model.model(), request.temperature, max_tokens).is_err() {
        // A model that takes no temperature answers with its own.
        request.temperature = None;
    }
    let answered = settling.context.deadline.bound(model.complete(&request, &meter)).await;
    let now = settling.context.clock.now();
    let mut consultation = Consultation {
        name,
        served_by: model.model().clone(),
        latency: now.since(began_at),
        usage: None,
        outcome: "failed",
    };
    let understood = match answered {
        Err(late) => {
            metrics.break_off(now);
            return Err(late);
        }
        Ok(Err(error)) => {
            metrics.fail_call(&error.source, now);
            let (provider, model) = (error.model.provider.as_str(), error.model.model.as_str());
            tracing::warn!(
                provider,
                model,
                fault = error.source.with_cause(),
                "a question about calls was not answered"
            );
            None
        }
        Ok(Ok(Generation { message, finish, usage, served_by })) => {
            metrics.end_call(now);
            (consultation.usage, consultation.served_by) = (Some(usage), served_by);
            // Of an answer that was cut or filtered, the rest is unknown.
            let is_whole = matches!(finish, FinishReason::EndTurn | FinishReason::StopSequence);
            let is_text = message.tool_calls().next().is_none();
            if is_whole && is_text { outcome_of(&message.plain_text()) } else { None }
        }
    };
    let value = understood.map(|(value, outcome)| {
        consultation.outcome = outcome;
        value
    });
    consulted.push(consultation);
    Ok(value)
}
