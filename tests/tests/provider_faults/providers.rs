//! The handling of a provider's faults.

use openclaw_tests::model_stub::Behaviour;
use openclaw_tests::server::{Server, json};

use crate::scene::Scene;

/// More often than anything is tried.
const EVER: usize = 10;

/// An answer of the Anthropic API, "Messages".
const ANTHROPIC: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"second","stop_reason":"end_turn",
    "stop_sequence":null,"content":[{"type":"text","text":"From the second."}],"usage":{"input_tokens":3,"output_tokens":4}}"#;

#[tokio::test]
async fn an_answer_after_throttling_is_an_answer_and_is_counted() {
    let mut agent = Scene::new().await.start().await;
    agent.scene.model.push(Behaviour::error(429, "rate_limit_exceeded", "slow down"));
    let answer = agent.ask("Hello").await;
    assert_eq!((answer.status_code, agent.scene.model.requests()), (200, 2));
    let metrics = agent.metrics().await;
    assert_eq!((&metrics["ProviderThrottles"], &metrics["Errors"]), (&1.into(), &0.into()), "{metrics}");
    assert_eq!((&metrics["Agent"], &metrics["Provider"]), (&"default".into(), &"openai".into()), "{metrics}");
    assert_eq!((&metrics["InputTokens"], &metrics["OutputTokens"]), (&400.into(), &20.into()), "{metrics}");
}

#[tokio::test]
async fn a_permanent_error_is_reported_with_its_status_and_nothing_is_stored() {
    let mut agent = Scene::new().await.start().await;
    (0..EVER).for_each(|_| agent.scene.model.push(Behaviour::error(500, "server_error", "words of the provider")));
    let detail = agent.refused(502).await;
    assert!(detail.contains("HTTP 500 server_error"), "{detail}");
    assert!(!detail.contains("words of the provider"), "a provider's free text may quote the prompt: {detail}");
    assert_eq!((agent.scene.model.requests(), agent.scene.items().await), (3, 0));
    assert_eq!(agent.metrics().await["Errors"], 1);
}

#[tokio::test]
async fn a_prompt_over_the_context_is_the_callers_and_not_an_error() {
    let mut agent = Scene::new().await.start().await;
    let message = "This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens.";
    (0..EVER).for_each(|_| agent.scene.model.push(Behaviour::error(400, "context_length_exceeded", message)));
    let detail = agent.refused(413).await;
    assert!(detail.contains("4294") && detail.contains("4097"), "{detail}");
    assert_eq!((agent.scene.model.requests(), agent.scene.items().await), (1, 0));
    let metrics = agent.metrics().await;
    assert_eq!((&metrics["Errors"], &metrics["InputTokens"]), (&0.into(), &0.into()), "{metrics}");
}

#[tokio::test]
async fn a_provider_that_hangs_up_is_unavailable() {
    let mut agent = Scene::new().await.start().await;
    (0..EVER).for_each(|_| agent.scene.model.push(Behaviour::Close));
    let answer = agent.ask("Hello").await;
    assert_eq!(answer.status_code, 503, "{answer:?}");
    assert!(answer.headers["retry-after"].parse::<u64>().unwrap() > 0);
    assert_eq!(agent.scene.items().await, 0);
}

#[tokio::test]
async fn half_an_answer_is_an_error() {
    let mut agent = Scene::new().await.start().await;
    let half = r#"{"id":"chatcmpl-0","object":"chat.completion","choices":[{"index":0,"mess"#.to_owned();
    let half = Behaviour::Answer { status: 200, headers: Vec::new(), body: half };
    agent.scene.model.push(half);
    let detail = agent.refused(502).await;
    assert!(detail.contains("invalid response"), "{detail}");
    (0..EVER).for_each(|_| agent.scene.model.push(Behaviour::half()));
    let detail = agent.refused(503).await;
    assert!(detail.contains("closed before the response was complete"), "{detail}");
    assert_eq!(agent.scene.items().await, 0);
}

#[tokio::test]
async fn a_second_provider_answers_for_the_first() {
    let second = Server::start(|_| async { Ok(json(ANTHROPIC)) }).await.unwrap();
    let llm = "    llm: { provider: openai, model: first, fallbacks: [{ provider: anthropic, model: second }] }\n";
    let provider = format!("providers:\n  anthropic: {{ base_url: \"{}\", api_key: k }}\n", second.url());
    let scene = Scene::new().await.configured(|text| text.replace("providers:\n", &provider) + llm);
    let mut agent = scene.start().await;
    (0..EVER).for_each(|_| agent.scene.model.push(Behaviour::error(500, "server_error", "")));
    let answer = agent.ask("Hello").await.json();
    assert_eq!((&answer["provider"], &answer["output"]), (&"anthropic".into(), &"From the second.".into()), "{answer}");
    let metrics = agent.metrics().await;
    assert_eq!((&metrics["Fallbacks"], &metrics["Provider"]), (&1.into(), &"anthropic".into()), "{metrics}");
}
