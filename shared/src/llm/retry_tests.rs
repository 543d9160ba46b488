use super::*;
use crate::domain::Provider;
use crate::llm::fold;
use crate::llm::test_support::*;

fn throttled(retry_after_ms: Option<u64>) -> LlmError {
    LlmError::Throttled { status: 429, code: None, retry_after: retry_after_ms.map(Duration::from_millis) }
}

fn rejected(status: u16) -> LlmError {
    LlmError::Rejected { status, code: None, retry_after: None }
}

fn failing(error: LlmError) -> Next {
    Next::Fail(error)
}

/// Jitter of nothing, so that nothing but `Retry-After` is waited for.
fn retrying(script: Vec<Next>) -> (Arc<Scripted>, Retrying) {
    let client = Scripted::new(model(Provider::OpenAi, "m"), script);
    (client.clone(), Retrying::new(client, RetryPolicy::default(), Arc::new(Always(0.0))))
}

async fn asked(script: Vec<Next>) -> (Result<Generation, RetriesExhausted>, usize) {
    let (client, retrying) = retrying(script);
    (retrying.ask(&plain_prompt(), None, some(1)).await, client.times_asked())
}

#[tokio::test]
async fn what_is_transient_is_tried_again_and_counted() {
    let script = vec![failing(throttled(Some(1))), failing(rejected(500)), Next::Say("hi")];
    let (answer, times) = asked(script).await;
    let answer = answer.unwrap();
    assert_eq!((answer.message.plain_text().as_str(), times), ("hi", 3));
    assert_eq!(answer.retry_stats, RetryStats { throttles: 1, fallbacks: 0 });
}

#[test]
fn the_bound_of_the_wait_doubles_up_to_the_longest() {
    let policy = RetryPolicy::default();
    let bounds = [1, 2, 3, 5, 6, 40].map(|failed| policy.wait(failed, None, 1.0).as_millis());
    assert_eq!(bounds, [250, 500, 1000, 4000, 4000, 4000]);
    assert_eq!(policy.wait(2, Some(Duration::from_secs(3)), 0.5), Duration::from_millis(3250));
}

#[test]
fn what_the_provider_asks_for_is_waited_for() {
    let (_, retrying) = retrying(Vec::new());
    let mut attempts = retrying.attempts();
    assert_eq!(attempts.next_wait(throttled(Some(2000))).unwrap(), Duration::from_secs(2));
    assert_eq!(attempts.next_wait(throttled(None)).unwrap(), Duration::ZERO, "no jitter, no wait");
}

#[tokio::test]
async fn it_gives_up_after_the_last_attempt() {
    let (answer, times) = asked((0..3).map(|_| failing(throttled(None))).collect()).await;
    let exhausted = answer.unwrap_err();
    assert!(matches!(exhausted.error, LlmError::Throttled { .. }));
    assert_eq!((exhausted.retry_stats.throttles, times), (3, 3));
}

#[tokio::test]
async fn what_is_not_transient_is_not_tried_again() {
    let unauthorized = LlmError::Unauthorized { status: 401, code: None };
    for error in [unauthorized, rejected(400), LlmError::Malformed("x")] {
        let (answer, times) = asked(vec![failing(error)]).await;
        assert!(answer.is_err());
        assert_eq!(times, 1);
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_too_much_patience_is_given_up_at_once() {
    let (answer, times) = asked(vec![failing(throttled(Some(3_600_000)))]).await;
    assert_eq!(answer.unwrap_err().error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(times, 1);
}

#[tokio::test]
async fn a_stream_is_tried_again_only_before_it_says_anything() {
    let counted = StreamEvent::Usage(crate::domain::Usage::default());
    let script =
        vec![Next::Fail(rejected(503)), Next::FailAfter(vec![counted], LlmError::Unreachable("x")), Next::Say("hi")];
    let (client, retrying) = retrying(script);
    let stream = retrying.stream(&plain_prompt(), None, some(1)).await.unwrap();
    let answer = fold(stream, client.get_metadata().model.clone()).await.unwrap();
    assert_eq!((answer.message.plain_text().as_str(), client.times_asked()), ("hi", 3));

    let said = StreamEvent::TextDelta("Hel".to_owned());
    let (client, retrying) = super::tests::retrying(vec![Next::FailAfter(vec![said.clone()], LlmError::TimedOut)]);
    let stream = retrying.stream(&plain_prompt(), None, some(1)).await.unwrap();
    let (events, error) = events_of(stream).await;
    assert_eq!(events, [said]);
    assert!(matches!(error, Some(LlmError::TimedOut)));
    assert_eq!(client.times_asked(), 1);
}

#[tokio::test]
async fn a_stream_that_ends_at_once_is_a_cut_that_is_tried_again() {
    let (client, retrying) = retrying(vec![Next::FailAfter(Vec::new(), TRUNCATED), Next::Say("hi")]);
    assert!(retrying.stream(&plain_prompt(), None, some(1)).await.is_ok());
    assert_eq!(client.times_asked(), 2);
}

#[tokio::test]
async fn an_attempt_ends_with_its_time() {
    let client = Scripted::new(model(Provider::OpenAi, "m"), vec![Next::Hang, Next::Hang]);
    let policy = RetryPolicy { attempt_timeout: Some(Duration::from_millis(20)), ..RetryPolicy::default() };
    let retrying = Retrying::new(client.clone(), policy, Arc::new(Always(0.0)));
    let exhausted = retrying.ask(&plain_prompt(), None, some(1)).await.unwrap_err();
    assert!(matches!(exhausted.error, LlmError::TimedOut));
    assert_eq!(client.times_asked(), 1, "a model that was too slow once has used up its time");
    let streamed = retrying.ask_streaming(&plain_prompt(), None, some(1)).await;
    assert!(matches!(streamed.err().map(|exhausted| exhausted.error), Some(LlmError::TimedOut)));
}
