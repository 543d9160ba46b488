//! Plain names of models: without region, vendor and ARN.

use crate::domain::Provider;

/// The geographies of cross-region inference profiles ("Supported Regions and models for inference profiles").
const GEOGRAPHIES: [&str; 11] = ["us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "me", "af", "global"];

/// Returns the model's family name in lower case. An ARN that does not name a model (an application profile,
/// provisioned throughput) yields its opaque id, which no family knows.
pub(super) fn plain(provider: Provider, model: &str) -> String {
    let model = model.to_ascii_lowercase();
    match provider {
        Provider::Bedrock => {
            // An ARN ends with the model's id.
            let name = model.rsplit('/').next().unwrap_or(&model);
            // `us.anthropic.claude-…` has a geography before the vendor, `anthropic.claude-…` has none.
            match name.split_once('.') {
                Some((geography, rest)) if GEOGRAPHIES.contains(&geography) => without_vendor(rest).to_owned(),
                _ => without_vendor(name).to_owned(),
            }
        }
        Provider::Anthropic | Provider::OpenAi | Provider::Ollama => {
            // Servers with OpenAI's protocol often put the vendor before the model, as in `openai/gpt-4o`.
            model.rsplit('/').next().unwrap_or(&model).to_owned()
        }
    }
}

fn without_vendor(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, model)| model)
}

/// Returns the leading version, major and minor, of a text such as `4-7-20260416` or `5.1-mini`. A number of more than
/// two digits is a date, not a minor version.
pub(super) fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers =
        text.split(['-', '.', ':', '@']).map(|part| (part.len() <= 2).then(|| part.parse::<u32>().ok()).flatten());
    let major = numbers.next().flatten()?;
    Some((major, numbers.next().flatten().unwrap_or(0)))
}
