use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::{FailureKind, Provider, SecretRef};
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
    Retrying::new(client.clone(), RetryPolicy::never(), Arc::new(Always(0.0)))
}

fn rejected(status: u16) -> LlmError {
    LlmError::Rejected { status, code: None, retry_after: None }
}

fn throttled() -> LlmError {
    LlmError::Throttled { status: 429, code: None, retry_after: Some(Duration::from_secs(9)) }
}

#[tokio::test]
async fn the_next_model_answers_where_the_fault_is_not_the_requests() {
    let reference = SecretRef::Parameter("/key".to_owned());
    let faults = [
        throttled(),
        rejected(500),
        rejected(404),
        rejected(302),
        LlmError::Unauthorized { status: 401, code: None },
        LlmError::Secret(SecretError::NotFound { reference }),
        LlmError::Malformed("x"),
        LlmError::Unreachable("x"),
        LlmError::TimedOut,
    ];
    for fault in faults {
        let throttles = u32::from(matches!(fault, LlmError::Throttled { .. }));
        let (first, second) =
            (Scripted::new(opus(), vec![Next::Fail(fault)]), Scripted::new(gpt(), vec![Next::Say("hi")]));
        let fallback = Fallback::new(once(&first), vec![once(&second)]);
        let answer = fallback.generate(&plain_prompt(), None, some(1)).await.unwrap();
        assert_eq!(answer.served_by, gpt());
        assert_eq!(answer.retry_stats, RetryStats { throttles, fallbacks: 1 });
    }
}

#[tokio::test]
async fn no_other_model_is_asked_what_the_first_refused() {
    for fault in [rejected(400), rejected(413), rejected(422)] {
        let (first, second) = (Scripted::new(opus(), vec![Next::Fail(fault)]), Scripted::new(gpt(), Vec::new()));
        let fallback = Fallback::new(once(&first), vec![once(&second)]);
        let error = fallback.generate(&plain_prompt(), None, some(1)).await.unwrap_err();
        assert_eq!(error.model, opus());
        assert_eq!(second.times_asked(), 0);
    }
}

#[tokio::test]
async fn the_last_error_says_whose_it_is() {
    let (first, second) =
        (Scripted::new(opus(), vec![Next::Fail(rejected(500))]), Scripted::new(gpt(), vec![Next::Fail(throttled())]));
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let error = fallback.generate(&plain_prompt(), None, some(1)).await.unwrap_err();
    assert_eq!((&error.model, error.retry_stats), (&gpt(), RetryStats { throttles: 1, fallbacks: 1 }));
    let failure = error.into_failure();
    assert_eq!((failure.provider, failure.model.as_str()), (Provider::OpenAi, "gpt-4o"));
    assert_eq!(failure.kind, FailureKind::Rejected { status: 429, code: None });
    assert_eq!(failure.retry_after, Some(Duration::from_secs(9)));
}

#[tokio::test]
async fn the_first_model_refuses_what_it_does_not_take_and_is_not_asked() {
    let (first, second) = (Scripted::new(opus(), Vec::new()), Scripted::new(gpt(), Vec::new()));
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let error = fallback.generate(&plain_prompt(), warm(0.5), some(1)).await.unwrap_err();
    let FailureKind::Unsupported { member: "temperature", detail } = error.into_failure().kind else { panic!() };
    assert!(detail.contains("claude-opus-4-8") && detail.contains("default"), "{detail}");
    assert_eq!(first.times_asked() + second.times_asked(), 0);
}

#[tokio::test]
async fn a_stand_in_is_given_what_it_takes() {
    let (first, second, third) = (
        Scripted::new(model(Provider::OpenAi, "gpt-4.1"), vec![Next::Fail(rejected(500))]),
        Scripted::new(model(Provider::Anthropic, "claude-3-haiku-20240307"), vec![Next::Fail(rejected(500))]),
        Scripted::new(opus(), vec![Next::Say("hi")]),
    );
    let fallback = Fallback::new(once(&first), vec![once(&second), once(&third)]);
    fallback.generate(&plain_prompt(), warm(1.5), some(30_000)).await.unwrap();
    assert_eq!(*first.asked.lock().unwrap(), [(warm(1.5), some(30_000))]);
    assert_eq!(*second.asked.lock().unwrap(), [(warm(1.0), some(4096))]);
    assert_eq!(*third.asked.lock().unwrap(), [(None, some(30_000))]);
}

#[tokio::test]
async fn the_default_temperature_is_left_out_where_no_other_is_taken() {
    let first = Scripted::new(opus(), vec![Next::Say("hi")]);
    let fallback = Fallback::new(once(&first), Vec::new());
    fallback.generate(&plain_prompt(), warm(1.0), some(1)).await.unwrap();
    assert_eq!(*first.asked.lock().unwrap(), [(None, some(1))]);
}

#[tokio::test]
async fn a_stream_falls_back_before_it_has_begun_and_not_after() {
    let (first, second) =
        (Scripted::new(opus(), vec![Next::Fail(throttled())]), Scripted::new(gpt(), vec![Next::Say("hi")]));
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let answer = fallback.stream(&plain_prompt(), None, some(1)).await.unwrap();
    assert_eq!((&answer.served_by, answer.retry_stats), (&gpt(), RetryStats { throttles: 1, fallbacks: 1 }));
    assert_eq!(fold(answer.events, gpt()).await.unwrap().message.plain_text(), "hi");

    let said = StreamEvent::TextDelta("Hel".to_owned());
    let first = Scripted::new(opus(), vec![Next::FailAfter(vec![said], LlmError::TimedOut)]);
    let second = Scripted::new(gpt(), Vec::new());
    let fallback = Fallback::new(once(&first), vec![once(&second)]);
    let answer = fallback.stream(&plain_prompt(), None, some(1)).await.unwrap();
    assert!(matches!(events_of(answer.events).await.1, Some(LlmError::TimedOut)));
    assert_eq!(second.times_asked(), 0);
}
