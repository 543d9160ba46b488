//! `OpenAI`'s models, and open ones that are often served by its protocol.
//!
//! Sources: each model's page (context, output); "Reasoning models" (o-series and gpt-5 allow no temperature but 1 and take
//! `max_completion_tokens` instead of `max_tokens`); "Using GPT-5.1" to "5.4", parameter compatibility (temperature is
//! allowed at their default effort, none).

use super::limits::Capabilities;
use super::name::version;

const K: u32 = 1000;
const OPEN: Capabilities = Capabilities::unknown(2.0);
const GPT: Capabilities = OPEN.with_tools(true);

/// Returns the model's row, or a permissive one if the model is not known.
pub(super) fn find(name: &str) -> Capabilities {
    if let Some(generation) = reasoning_series(name) {
        return match (generation, name) {
            (1, "o1-mini" | "o1-preview") => OPEN.only_default_temperature().context(128 * K),
            _ => GPT.only_default_temperature().limits(200 * K, 100 * K),
        };
    }
    match gpt_version(name) {
        // The chat variants do not reason, so they take any temperature.
        Some((5.., _)) if name.contains("-chat") => GPT.limits(128 * K, 16_384),
        Some((5, 1..=4)) if !name.contains("-pro") && !name.contains("-codex") => GPT.limits(400 * K, 128 * K),
        Some((5, _)) => GPT.only_default_temperature().limits(400 * K, 128 * K),
        Some((4, 1)) => GPT.limits(1_047_576, 32_768),
        Some((4, 5)) => GPT.limits(128 * K, 16_384),
        Some((3, 5)) => GPT.limits(16_385, 4096),
        _ => by_prefix(name),
    }
}

fn by_prefix(name: &str) -> Capabilities {
    const ROWS: [(&str, Capabilities); 6] = [
        ("gpt-4o", GPT.limits(128 * K, 16_384)),
        ("chatgpt-4o", OPEN.limits(128 * K, 16_384)),
        ("gpt-4-turbo", GPT.limits(128 * K, 4096)),
        ("gpt-4", GPT.context(8192)),
        // the model cards of gpt-oss and SmolLM2
        ("gpt-oss", GPT.context(131_072)),
        ("smollm2", OPEN.context(8192)),
    ];
    ROWS.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(OPEN, |(_, capabilities)| capabilities)
}

/// Returns whether the model takes `max_completion_tokens`. Other servers of the protocol often know only `max_tokens`.
pub(in crate::llm) fn takes_completion_limit(model: &crate::domain::ModelId) -> bool {
    let name = super::name::plain(crate::domain::Provider::OpenAi, model.as_str());
    reasoning_series(&name).is_some() || gpt_version(&name).is_some_and(|(major, _)| major >= 5)
}

/// Returns 3 for `o3-mini`.
fn reasoning_series(name: &str) -> Option<u32> {
    version(name.strip_prefix('o')?).map(|(generation, _)| generation)
}

/// Returns 5 and 1 for `gpt-5.1-mini`.
fn gpt_version(name: &str) -> Option<(u32, u32)> {
    version(name.strip_prefix("gpt-")?)
}
