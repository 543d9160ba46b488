use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::{FailureKind, Provider, RetryStats, SecretRef, Usage};
use crate::llm::test_support::*;
use crate::llm::{RetryPolicy, StreamEvent, fold};
use crate::secrets::SecretError;

fn opus() -> ModelRef {
    model(Provider::Anthropic, "claude-opus-4-8")
}

fn gpt() -> ModelRef {
    model(Provider::OpenAi, "gpt-4o")
}

fn once(client: &Arc<Scripted>) -> Retrying {
    Retrying::new(client.clone(), RetryPolicy::never(), Arc::new(FixedFraction(0.0)))
}

fn meter() -> CallMeter {
    CallMeter::new(100)
}

fn rejected(status: u16) -> LlmError {
    LlmError::Rejected { status, code: None, retry_after: None }
}

fn throttled() -> LlmError {
    LlmError::Throttled { status: 429, code: None, retry_after: Some(Duration::from_secs(9)) }
}

#[tokio::test]
async fn a_provider_fault_causes_a_fallback() {
    let reference = SecretRef::Parameter("/key".to_owned());
    let faults = [
        throttled(),
        rejected(500),
        rejected(404),
        rejected(302),
        LlmError::Unauthorized { status: 401, code: None },
        LlmError::Secret(SecretError::NotFound { reference }),
        LlmError::Malformed("x"),
        LlmError::Unusable { reason: "x", usage: Usage::default() },
        LlmError::BrokenOff("x"),
        LlmError::Unreachable("x"),
        LlmError::TimedOut,
    ];
    for fault in faults {
        let throttles = u32::from(matches!(fault, LlmError::Throttled { .. }));
        let (first, second) =
            (Scripted::new(opus(), vec![Reaction::Fail(fault)]), Scripted::new(gpt(), vec![Reaction::Say("hi")]));
        let fallback = Fallback::new(once(&first), vec![once(&second)]);
        let meter = meter();
        let answer = fallback.complete(&request(plain_prompt(), None, 1), &meter).await.unwrap();
        assert_eq!(answer.served_by, gpt());
        assert_eq!(meter.totals().retry_stats, RetryStats { throttles, fallbacks: 1 });
    }
}

#[tokio::test]
async fn a_request_fault_causes_no_fallback() {
    for fault in [rejected(400), rejected(413), rejected(422)] {
        let (first, second) = (Scripted::new(opus(), vec![Reaction::Fail(fault)]), Scripted::new(gpt(), Vec::new()));
        let fallback = Fallback::new(once(&first), vec![once(&second)]);
        let error = fallback.complete(&request(plain_prompt(), None, 1), &meter()).await.unwrap_err();
        assert_eq!(error.model, opus());
        assert_eq!(second.calls(), 0);
    }
}

#[tokio::test]
async fn the_error_names_the_model_called_last() {
    let (first, second) = (
        Scripted::new(opus(), vec![Reaction::Fail(rejected(500))]),
        Scripted::new(gpt(), vec![Reaction::Fail(throttled())]),
    );
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let meter = meter();
    let error = fallback.complete(&request(plain_prompt(), None, 1), &meter).await.unwrap_err();
    assert_eq!((&error.model, meter.totals().model), (&gpt(), Some(gpt())));
    assert_eq!(meter.totals().retry_stats, RetryStats { throttles: 1, fallbacks: 1 });
    let failure = error.into_failure();
    assert_eq!((failure.provider, failure.model.as_str()), (Provider::OpenAi, "gpt-4o"));
    assert_eq!(failure.kind, FailureKind::Rejected { status: 429, code: None });
    assert_eq!(failure.retry_after, Some(Duration::from_secs(9)));
}

#[tokio::test]
async fn a_request_that_the_first_model_does_not_support_is_not_sent() {
    let (first, second) = (Scripted::new(opus(), Vec::new()), Scripted::new(gpt(), Vec::new()));
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let error = fallback.complete(&request(plain_prompt(), temperature(0.5), 1), &meter()).await.unwrap_err();
    let FailureKind::Unsupported { member: "temperature", detail } = error.into_failure().kind else { panic!() };
    assert!(detail.contains("claude-opus-4-8") && detail.contains("default"), "{detail}");
    assert_eq!(first.calls() + second.calls(), 0);
}

#[tokio::test]
async fn a_fallback_receives_the_nearest_supported_values() {
    let (first, second, third) = (
        Scripted::new(model(Provider::OpenAi, "gpt-4.1"), vec![Reaction::Fail(rejected(500))]),
        Scripted::new(model(Provider::Anthropic, "claude-3-haiku-20240307"), vec![Reaction::Fail(rejected(500))]),
        Scripted::new(opus(), vec![Reaction::Say("hi")]),
    );
    let fallback = Fallback::new(once(&first), vec![once(&second), once(&third)]);
    fallback.complete(&request(plain_prompt(), temperature(1.5), 30_000), &meter()).await.unwrap();
    assert_eq!(*first.requests.lock().unwrap(), [(temperature(1.5), max_tokens(30_000))]);
    assert_eq!(*second.requests.lock().unwrap(), [(temperature(1.0), max_tokens(4096))]);
    assert_eq!(*third.requests.lock().unwrap(), [(None, max_tokens(30_000))]);
}

#[tokio::test]
async fn the_only_allowed_temperature_is_left_out() {
    let first = Scripted::new(opus(), vec![Reaction::Say("hi")]);
    let fallback = Fallback::new(once(&first), Vec::new());
    fallback.complete(&request(plain_prompt(), temperature(1.0), 1), &meter()).await.unwrap();
    assert_eq!(*first.requests.lock().unwrap(), [(None, max_tokens(1))]);
}

#[tokio::test]
async fn a_stream_falls_back_only_before_its_first_event() {
    let (first, second) =
        (Scripted::new(opus(), vec![Reaction::Fail(throttled())]), Scripted::new(gpt(), vec![Reaction::Say("hi")]));
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let meter = meter();
    let answer = fallback.stream(&request(plain_prompt(), None, 1), &meter).await.unwrap();
    assert_eq!(answer.served_by, gpt());
    assert_eq!(meter.totals().retry_stats, RetryStats { throttles: 1, fallbacks: 1 });
    assert_eq!(fold(answer.events, gpt()).await.unwrap().message.plain_text(), "hi");

    let delta = StreamEvent::TextDelta("Hel".to_owned());
    let first = Scripted::new(opus(), vec![Reaction::FailAfter(vec![delta], LlmError::TimedOut)]);
    let second = Scripted::new(gpt(), Vec::new());
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let answer = fallback.stream(&request(plain_prompt(), None, 1), &meter).await.unwrap();
    assert!(matches!(events_of(answer.events).await.1, Some(LlmError::TimedOut)));
    assert_eq!(second.calls(), 0);
}
