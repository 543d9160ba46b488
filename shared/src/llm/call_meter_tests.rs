use std::time::Duration;

use super::super::test_support::*;
use super::super::{Fallback, RetryPolicy, Retrying};
use super::*;
use crate::domain::Provider;

const PROMPT: u64 = 100;

fn usage(input_tokens: u64, output_tokens: u64) -> Usage {
    Usage { input_tokens, output_tokens }
}

fn unusable(usage: Usage) -> Reaction {
    Reaction::Fail(LlmError::Unusable { reason: "scripted", usage })
}

fn client(script: Vec<Reaction>) -> Retrying {
    let client = Scripted::new(model(Provider::OpenAi, "m"), script);
    Retrying::new(client, RetryPolicy::default(), Arc::new(FixedFraction(0.0)))
}

/// Calls the models of these scripts, cancelling after a second, and returns what it took.
async fn taken(scripts: Vec<Vec<Reaction>>, streams: bool) -> CallTotals {
    let mut clients = scripts.into_iter().map(client);
    let models = Fallback::new(clients.next().unwrap(), clients.collect());
    let (meter, request) = (CallMeter::new(PROMPT), request(plain_prompt(), None, 1));
    let calling = async {
        if !streams {
            return models.complete(&request, &meter).await.map(drop).map_err(|error| error.source);
        }
        let stream = models.stream(&request, &meter).await.map_err(|error| error.source)?;
        let (_, error) = events_of(stream.events).await;
        error.map_or(Ok(()), Err)
    };
    match tokio::time::timeout(Duration::from_secs(1), calling).await {
        Ok(Ok(())) => meter.finish(),
        Ok(Err(error)) => meter.fail(&error),
        Err(_elapsed) => meter.break_off(),
    }
    meter.totals()
}

fn tokens(totals: &CallTotals) -> (Usage, bool) {
    (totals.usage, totals.is_usage_estimated)
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_between_attempts_is_not_billed() {
    for streams in [false, true] {
        let throttled = LlmError::Throttled { status: 429, code: None, retry_after: Some(Duration::from_secs(5)) };
        let totals = taken(vec![vec![Reaction::Fail(throttled)]], streams).await;
        assert_eq!(tokens(&totals), (Usage::default(), false));
        assert_eq!(totals.retry_stats.throttles, 1, "known although the call was dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_cancelled_counts_as_an_estimate() {
    for streams in [false, true] {
        let totals = taken(vec![vec![Reaction::Hang]], streams).await;
        assert_eq!(tokens(&totals), (usage(PROMPT, 0), true));
    }
}

#[tokio::test]
async fn the_attempts_before_a_fallback_count_too() {
    let fail = |error| vec![Reaction::Fail(error)];
    let broken = || Reaction::Fail(LlmError::BrokenOff("x"));
    let not_found = LlmError::Rejected { status: 404, code: None, retry_after: None };
    let unauthorized = LlmError::Unauthorized { status: 401, code: None };
    let scripts = [
        (fail(LlmError::TimedOut), usage(PROMPT, 0), true),
        (vec![broken(), broken(), broken()], usage(3 * PROMPT, 0), true),
        (vec![unusable(usage(40, 7))], usage(40, 7), false),
        (vec![unusable(Usage::default())], usage(PROMPT, 0), true),
        (fail(not_found), Usage::default(), false),
        (fail(unauthorized), Usage::default(), false),
    ];
    for (first, expected, is_estimated) in scripts {
        let totals = taken(vec![first, vec![unusable(usage(1, 1))]], false).await;
        assert_eq!(tokens(&totals), (expected + usage(1, 1), is_estimated));
        assert_eq!(totals.retry_stats.fallbacks, 1);
    }
}

#[tokio::test]
async fn tokens_reported_before_a_stream_has_output_count_with_each_attempt() {
    let overloaded = || LlmError::Rejected { status: 503, code: None, retry_after: None };
    let begun = || Reaction::FailAfter(vec![StreamEvent::Usage(usage(40, 1))], overloaded());
    let totals = taken(vec![vec![begun(), begun(), begun()]], true).await;
    assert_eq!(tokens(&totals), (usage(120, 3), false));
}

#[tokio::test]
async fn an_answer_without_a_report_is_estimated() {
    for streams in [false, true] {
        let totals = taken(vec![vec![Reaction::Say("Good day!")]], streams).await;
        assert_eq!(tokens(&totals), (usage(PROMPT, 3), true), "nine bytes of text");
    }
}

#[tokio::test]
async fn a_whole_answer_counts_as_reported() {
    let said = StreamEvent::TextDelta("a long text for two tokens".to_owned());
    let report = StreamEvent::Usage(usage(40, 2));
    let (meter, model) = (CallMeter::new(PROMPT), model(Provider::OpenAi, "m"));
    meter.begin(&model);
    let events = [said, report].into_iter().map(Ok);
    events_of(meter.observing(futures_util::stream::iter(events).boxed())).await;
    meter.finish();
    assert_eq!(tokens(&meter.totals()), (usage(40, 2), false));
    assert_eq!(meter.totals().model, Some(model));
}
