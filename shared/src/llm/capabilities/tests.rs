use super::*;

fn of(provider: Provider, model: &str) -> Capabilities {
    capabilities(provider, &ModelId::new(model))
}

#[expect(clippy::unnecessary_wraps, reason = "the type of a request's temperature")]
fn at(value: f64) -> Option<Temperature> {
    Some(Temperature::try_from(value).unwrap())
}

#[test]
fn a_model_is_found_under_every_bedrock_name() {
    let plain = of(Provider::Bedrock, "anthropic.claude-3-sonnet-20240229-v1:0");
    assert_eq!(plain.max_output_tokens, Some(4096));
    for name in [
        "us.anthropic.claude-3-sonnet-20240229-v1:0",
        "us-gov.anthropic.claude-3-sonnet-20240229-v1:0",
        "global.anthropic.claude-3-sonnet-20240229-v1:0",
        "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-sonnet-20240229-v1:0",
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-3-sonnet-20240229-v1:0",
    ] {
        assert_eq!(of(Provider::Bedrock, name), plain, "{name}");
    }
    let opaque = of(Provider::Bedrock, "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc1");
    assert_eq!(opaque, Capabilities::unknown(1.0));
    assert_eq!(of(Provider::Bedrock, "us.meta.llama3-1-8b-instruct-v1:0").context_tokens, Some(128_000));
    assert_eq!(of(Provider::Bedrock, "meta.llama3-8b-instruct-v1:0").context_tokens, Some(8192));
    assert_eq!(of(Provider::Bedrock, "amazon.nova-lite-v1:0").tools, Some(true));
}

#[test]
fn claude_models_differ_by_version() {
    let only_default = |name| of(Provider::Anthropic, name).temperature == TemperatureRule::OnlyDefault;
    for name in [
        "claude-opus-4-7",
        "claude-opus-4-8-20260528",
        "claude-opus-5",
        "claude-opus-5-5",
        "claude-sonnet-5",
        "claude-fable-5-1",
        "claude-mythos-5",
    ] {
        assert!(only_default(name), "{name}");
    }
    for name in [
        "claude-opus-4-6",
        "claude-opus-4-20250514",
        "claude-sonnet-4-6",
        "claude-haiku-4-5-20251001",
        "claude-3-5-sonnet-latest",
        "claude-v2:1",
        "claude-instant-v1",
        "claude-new-1",
        "something",
    ] {
        assert!(!only_default(name), "{name}");
        assert_eq!(of(Provider::Anthropic, name).temperature, TemperatureRule::UpTo(1.0), "{name}");
    }
    let output = |name| of(Provider::Anthropic, name).max_output_tokens;
    assert_eq!(output("claude-opus-4-20250514"), Some(32_000));
    assert_eq!(output("claude-opus-4-1"), Some(32_000));
    assert_eq!(output("claude-opus-4-5-20251101"), Some(64_000));
    assert_eq!(output("claude-3-5-haiku-20241022"), Some(8192));
    assert_eq!(output("claude-3-haiku-20240307"), Some(4096));
}

#[test]
fn openai_models_differ_by_series() {
    let takes = |name| of(Provider::OpenAi, name).temperature == TemperatureRule::UpTo(2.0);
    for name in [
        "gpt-4o-mini",
        "gpt-4.1",
        "gpt-4",
        "gpt-3.5-turbo",
        "gpt-5-chat-latest",
        "gpt-5.1",
        "gpt-5.2",
        "gpt-oss-120b",
        "olmo",
        "smollm2",
        "anything",
    ] {
        assert!(takes(name), "{name}");
    }
    for name in [
        "o1",
        "o3-mini",
        "o4-mini-2025-04-16",
        "gpt-5",
        "gpt-5-nano",
        "openai/gpt-5",
        "gpt-5.2-pro",
        "gpt-5.1-codex",
        "gpt-5.6",
    ] {
        assert!(!takes(name), "{name}");
    }
    let limit = |name: &str| takes_completion_limit(&ModelId::new(name));
    assert!(["o1", "o4-mini", "gpt-5.1", "gpt-5-chat-latest", "openai/o3", "gpt-6"].into_iter().all(limit));
    assert!(!["gpt-4o", "gpt-4.1", "gpt-oss-20b", "smollm2", "o", "llama-3"].into_iter().any(limit));
}

#[test]
fn ollama_has_its_default_context() {
    assert_eq!(of(Provider::Ollama, "llama3.2:1b").context_tokens, Some(4096));
}

#[test]
fn refusals_name_the_model_and_the_allowed_values() {
    let claude =
        ModelRef { provider: Provider::Bedrock, model: ModelId::new("anthropic.claude-3-haiku-20240307-v1:0") };
    assert!(check(&claude, at(1.0), MaxTokens::try_from(4096).unwrap()).is_ok());
    assert!(check(&claude, None, MaxTokens::DEFAULT).is_ok());
    let refused = |temperature, max_tokens| match check(&claude, temperature, MaxTokens::try_from(max_tokens).unwrap())
    {
        Err(LlmError::Unsupported { member, detail }) => (member, detail),
        other => panic!("{other:?}"),
    };
    let (member, detail) = refused(at(1.5), 1);
    assert_eq!(member, "temperature");
    assert_eq!(detail, "anthropic.claude-3-haiku-20240307-v1:0 (bedrock) refuses temperature 1.5; it allows 0 to 1");
    let (member, detail) = refused(at(0.0), 5000);
    assert_eq!(member, "max_tokens");
    assert_eq!(detail, "anthropic.claude-3-haiku-20240307-v1:0 (bedrock) writes at most 4096 tokens, not 5000");
}
