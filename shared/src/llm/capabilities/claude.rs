//! Claude, at Anthropic and on Bedrock.
//!
//! Sources: "Models overview" and each model's page (context, output), "Create a Message" (temperature 0 to 1),
//! "Migration guide" (from Opus 4.7 and Sonnet 5 on, and in the Fable and Mythos families, a temperature other than the
//! default is refused with HTTP 400).

use super::limits::Capabilities;
use super::name::version;

const K: u32 = 1000;
const CLAUDE: Capabilities = Capabilities::unknown(1.0).with_tools(true);

/// Returns the row of a Claude model, or `None` if the name is not of a Claude model.
pub(super) fn find(name: &str) -> Option<Capabilities> {
    let rest = name.strip_prefix("claude-")?;
    let (first, second) = rest.split_once('-').unwrap_or((rest, ""));
    // The oldest models are named `claude-instant-v1` and `claude-v2:1`.
    let numbered = rest.trim_start_matches("instant-").trim_start_matches('v');
    if numbered.starts_with(|character: char| character.is_ascii_digit()) {
        return Some(numbered_first(numbered));
    }
    Some(family(first, version(second)))
}

/// Returns the row of a name with the family before the version: `claude-opus-4-7`, `claude-haiku-4-5-20251001`.
fn family(family: &str, version: Option<(u32, u32)>) -> Capabilities {
    let newest = CLAUDE.only_default_temperature().limits(1000 * K, 128 * K);
    match (family, version) {
        ("fable" | "mythos", _) | ("opus", Some((5.., _) | (4, 7..))) | ("sonnet", Some((5.., _))) => newest,
        ("opus", Some((4, 6))) => CLAUDE.limits(1000 * K, 128 * K),
        ("sonnet", Some((4, 6..))) => CLAUDE.context(1000 * K),
        ("opus", Some((4, 5))) | ("sonnet" | "haiku", Some((4, _))) => CLAUDE.limits(200 * K, 64 * K),
        ("opus", Some((4, _))) => CLAUDE.limits(200 * K, 32 * K),
        // A family that is not known yet: a context smaller than the real one only shortens the window.
        _ => CLAUDE.context(200 * K),
    }
}

/// Returns the row of a name with the version first: `claude-3-5-sonnet-20241022`, `claude-2.1`, `claude-v2:1`.
fn numbered_first(rest: &str) -> Capabilities {
    match version(rest) {
        // with a beta header the limit is 128 k, so the wider one stands here
        Some((3, 7)) => CLAUDE.limits(200 * K, 128 * K),
        Some((3, 5)) => CLAUDE.limits(200 * K, 8192),
        Some((3, _)) => CLAUDE.limits(200 * K, 4096),
        _ => CLAUDE.context(100 * K).with_tools(false),
    }
}
