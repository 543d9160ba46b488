//! Models on Bedrock other than Claude.
//!
//! Sources: `InferenceConfiguration` of the Converse API (temperature 0 to 1, for every model), "Supported models and
//! model features" (tools), each vendor's page under "Inference request parameters and response fields" (output), the
//! models' cards (context).

use super::limits::Capabilities;

const K: u32 = 1000;
const MODEL: Capabilities = Capabilities::unknown(1.0);
const WITH_TOOLS: Capabilities = MODEL.with_tools(true);
const TEXT_ONLY: Capabilities = MODEL.with_tools(false);

/// The first matching prefix counts, so longer ones stand before shorter ones.
const ROWS: [(&str, Capabilities); 26] = [
    ("nova-micro", WITH_TOOLS.context(128 * K)),
    ("nova-lite", WITH_TOOLS.context(300 * K)),
    ("nova-pro", WITH_TOOLS.context(300 * K)),
    ("nova-premier", WITH_TOOLS.context(1000 * K)),
    ("nova-2", WITH_TOOLS.context(1000 * K)),
    ("titan-text-lite", TEXT_ONLY.limits(4 * K, 4096)),
    ("titan-text-express", TEXT_ONLY.limits(8 * K, 8192)),
    ("titan-text-premier", TEXT_ONLY.limits(32 * K, 3072)),
    ("llama2", TEXT_ONLY.limits(4096, 2048)),
    ("llama3-1", WITH_TOOLS.context(128 * K)),
    ("llama3-2-1b", TEXT_ONLY.context(128 * K)),
    ("llama3-2-3b", TEXT_ONLY.context(128 * K)),
    ("llama3-2", WITH_TOOLS.context(128 * K)),
    ("llama3-3", WITH_TOOLS.context(128 * K)),
    ("llama3-", TEXT_ONLY.limits(8192, 2048)),
    ("llama4", WITH_TOOLS.context(1000 * K)),
    ("mistral-7b", TEXT_ONLY.limits(32 * K, 8192)),
    ("mixtral-8x7b", TEXT_ONLY.limits(32 * K, 4096)),
    ("mistral-large-2402", WITH_TOOLS.limits(32 * K, 8192)),
    ("mistral-small-2402", WITH_TOOLS.limits(32 * K, 8192)),
    ("mistral-large-2407", WITH_TOOLS.limits(128 * K, 8192)),
    ("command-r", WITH_TOOLS.context(128 * K)),
    ("jamba-1-5", WITH_TOOLS.context(256 * K)),
    ("gpt-oss", WITH_TOOLS.context(128 * K)),
    // the card of SmolLM2, which the local cloud serves as any Bedrock model
    ("smollm2", MODEL.context(8192)),
    ("r1-v1", TEXT_ONLY.limits(128 * K, 32_768)),
];

/// Returns the model's row, or a permissive one if the model is not known.
pub(super) fn find(name: &str) -> Capabilities {
    ROWS.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(MODEL, |(_, capabilities)| capabilities)
}
