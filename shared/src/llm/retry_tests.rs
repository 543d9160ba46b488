use super::*;
use crate::domain::{Provider, RetryStats};
use crate::llm::fold;
use crate::llm::test_support::*;

fn throttled(retry_after_ms: Option<u64>) -> LlmError {
    LlmError::Throttled { status: 429, code: None, retry_after: retry_after_ms.map(Duration::from_millis) }
}

fn rejected(status: u16) -> LlmError {
    LlmError::Rejected { status, code: None, retry_after: None }
}

fn failing(error: LlmError) -> Reaction {
    Reaction::Fail(error)
}

/// Returns a scripted client, and one that retries it without jitter, so that only `Retry-After` causes a pause.
fn retrying(script: Vec<Reaction>) -> (Arc<Scripted>, Retrying) {
    let client = Scripted::new(model(Provider::OpenAi, "m"), script);
    (client.clone(), Retrying::new(client, RetryPolicy::default(), Arc::new(FixedFraction(0.0))))
}

fn meter() -> CallMeter {
    CallMeter::new(100)
}

async fn complete(script: Vec<Reaction>) -> (Result<Generation, LlmError>, usize) {
    let (client, retrying) = retrying(script);
    (retrying.complete(&request(plain_prompt(), None, 1), &meter()).await, client.calls())
}

#[tokio::test]
async fn transient_errors_are_retried_and_counted() {
    let script = vec![failing(throttled(Some(1))), failing(rejected(500)), Reaction::Say("hi")];
    let ((client, retrying), meter) = (retrying(script), meter());
    let answer = retrying.complete(&request(plain_prompt(), None, 1), &meter).await.unwrap();
    assert_eq!((answer.message.plain_text().as_str(), client.calls()), ("hi", 3));
    assert_eq!(meter.totals().retry_stats, RetryStats { throttles: 1, fallbacks: 0 });
}

#[test]
fn the_bound_of_the_wait_doubles_up_to_the_longest() {
    let policy = RetryPolicy::default();
    let bounds = [1, 2, 3, 5, 6, 40].map(|failed| policy.wait(failed, None, 1.0).as_millis());
    assert_eq!(bounds, [250, 500, 1000, 4000, 4000, 4000]);
    assert_eq!(policy.wait(2, Some(Duration::from_secs(3)), 0.5), Duration::from_millis(3250));
}

#[test]
fn retry_after_is_waited_for() {
    let (_, retrying) = retrying(Vec::new());
    let mut attempts = retrying.attempts();
    assert_eq!(attempts.next_wait(throttled(Some(2000))).unwrap(), Duration::from_secs(2));
    assert_eq!(attempts.next_wait(throttled(None)).unwrap(), Duration::ZERO, "no jitter, no wait");
}

#[tokio::test]
async fn the_last_attempt_returns_its_error() {
    let ((client, retrying), meter) = (retrying((0..3).map(|_| failing(throttled(None))).collect()), meter());
    let answer = retrying.complete(&request(plain_prompt(), None, 1), &meter).await;
    assert!(matches!(answer, Err(LlmError::Throttled { .. })));
    assert_eq!((meter.totals().retry_stats.throttles, client.calls()), (3, 3));
}

#[tokio::test]
async fn permanent_errors_are_not_retried() {
    let unauthorized = LlmError::Unauthorized { status: 401, code: None };
    for error in [unauthorized, rejected(400), LlmError::Malformed("x")] {
        let (answer, times) = complete(vec![failing(error)]).await;
        assert!(answer.is_err());
        assert_eq!(times, 1);
    }
}

#[tokio::test]
async fn a_long_retry_after_ends_the_attempts() {
    let (answer, times) = complete(vec![failing(throttled(Some(3_600_000)))]).await;
    assert_eq!(answer.unwrap_err().retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(times, 1);
}

#[tokio::test]
async fn a_stream_is_retried_only_before_its_first_output() {
    let usage = StreamEvent::Usage(crate::domain::Usage::default());
    let script = vec![
        Reaction::Fail(rejected(503)),
        Reaction::FailAfter(vec![usage], LlmError::BrokenOff("x")),
        Reaction::Say("hi"),
    ];
    let (client, retrying) = retrying(script);
    let stream = retrying.stream(&request(plain_prompt(), None, 1), &meter()).await.unwrap();
    let answer = fold(stream, client.get_metadata().model.clone()).await.unwrap();
    assert_eq!((answer.message.plain_text().as_str(), client.calls()), ("hi", 3));

    let delta = StreamEvent::TextDelta("Hel".to_owned());
    let (client, retrying) = super::tests::retrying(vec![Reaction::FailAfter(vec![delta.clone()], LlmError::TimedOut)]);
    let stream = retrying.stream(&request(plain_prompt(), None, 1), &meter()).await.unwrap();
    let (events, error) = events_of(stream).await;
    assert_eq!(events, [delta]);
    assert!(matches!(error, Some(LlmError::TimedOut)));
    assert_eq!(client.calls(), 1);
}

#[tokio::test]
async fn an_empty_stream_is_truncated_and_retried() {
    let (client, retrying) = retrying(vec![Reaction::FailAfter(Vec::new(), TRUNCATED), Reaction::Say("hi")]);
    assert!(retrying.stream(&request(plain_prompt(), None, 1), &meter()).await.is_ok());
    assert_eq!(client.calls(), 2);
}

#[tokio::test]
async fn an_attempt_ends_at_its_time_out() {
    let client = Scripted::new(model(Provider::OpenAi, "m"), vec![Reaction::Hang, Reaction::Hang]);
    let policy = RetryPolicy { attempt_timeout: Some(Duration::from_millis(20)), ..RetryPolicy::default() };
    let retrying = Retrying::new(client.clone(), policy, Arc::new(FixedFraction(0.0)));
    let completed = retrying.complete(&request(plain_prompt(), None, 1), &meter()).await;
    assert!(matches!(completed, Err(LlmError::TimedOut)));
    assert_eq!(client.calls(), 1, "a timed-out attempt is not retried");
    let streamed = retrying.stream(&request(plain_prompt(), None, 1), &meter()).await;
    assert!(matches!(streamed.err(), Some(LlmError::TimedOut)));
}
