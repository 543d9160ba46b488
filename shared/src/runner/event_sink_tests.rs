//! Turns whose events are received: the same turn as without, and cancelled when the receiver is dropped.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use super::turn_tests::{TestTurn, World, idempotency, soon};
use super::*;
use crate::domain::{FailureKind, FinishReason, ToolCall, ToolCallId, ToolName, Usage};
use crate::llm::{LlmError, StreamEvent};
use crate::store::StoreError;
use crate::testing::{Fault, Operation, Script, StreamEnd, word_deltas};

/// Longer than any test waits.
const NEVER: Duration = Duration::from_hours(1);

struct Received {
    events: Vec<TurnEvent>,
    result: Result<TurnOutcome, TurnError>,
    metrics: TurnMetrics,
}

impl Received {
    fn text(&self) -> String {
        let said = self.events.iter().map(|event| if let TurnEvent::Delta(text) = event { text.as_str() } else { "" });
        said.collect()
    }
}

/// Takes a turn while `receive` consumes its events.
async fn received<F: Future<Output = Vec<TurnEvent>>>(
    world: &World,
    request: TestTurn,
    capacity: usize,
    start_within: Duration,
    receive: impl FnOnce(Receiver<TurnEvent>) -> F,
) -> Received {
    let mut metrics = TurnMetrics::default();
    let (sink, receiver) = EventSink::with_capacity(capacity, start_within);
    let taking = async {
        let sink = sink;
        world.take_with(request, Some(&sink), &mut metrics).await
    };
    let (result, events) = tokio::join!(taking, receive(receiver));
    Received { events, result, metrics }
}

async fn all(mut events: Receiver<TurnEvent>) -> Vec<TurnEvent> {
    let mut received = Vec::new();
    while let Some(event) = events.recv().await {
        received.push(event);
    }
    received
}

/// Receives so many events, then disconnects.
async fn only(number: usize, mut events: Receiver<TurnEvent>) -> Vec<TurnEvent> {
    let mut received = Vec::new();
    while received.len() < number {
        received.extend(events.recv().await);
    }
    received
}

async fn streamed_turn(world: &World, request: TestTurn) -> Received {
    received(world, request, 4, NEVER, all).await
}

/// Returns a conversation of two turns, the second with a tool call and text before it.
fn script(world: &World) {
    let call = ToolCall { id: ToolCallId::new("c"), name: ToolName::new("shell"), arguments: json!({ "a": 1 }) };
    let mut calling = word_deltas("Let me look. ");
    calling.pop();
    calling.extend([StreamEvent::ToolCall(call), StreamEvent::Finished(FinishReason::ToolCalls)]);
    world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    world.model.then(Script::Stream(calling, StreamEnd::Close));
    world.model.then(Script::Stream(word_deltas("I cannot do it"), StreamEnd::Close));
}

#[tokio::test]
async fn a_streamed_turn_is_the_same_turn() {
    let (buffered, streamed) = (World::new(), World::new());
    script(&buffered);
    script(&streamed);
    let mut conversation = None;
    for prompt in ["Hello", "Do it"] {
        let mut metrics = TurnMetrics::default();
        let request = TestTurn { conversation, ..buffered.request(prompt) };
        let whole = buffered.take_with(request, None, &mut metrics).await.unwrap();
        let received = streamed_turn(&streamed, TestTurn { conversation, ..streamed.request(prompt) }).await;
        let answer = received.result.as_ref().unwrap();
        assert_eq!((&answer.output, &answer.facts), (&whole.output, &whole.facts), "usage and steps among them");
        assert_eq!(answer.conversation, whole.conversation);
        assert_eq!((received.metrics.usage, received.metrics.retry_stats), (metrics.usage, metrics.retry_stats));
        conversation = Some(whole.conversation);
    }
    let conversation = conversation.unwrap();
    assert_eq!(streamed.model.requests(), buffered.model.requests());
    let stored = streamed.transcript(conversation).await;
    assert_eq!(stored, buffered.transcript(conversation).await);
    assert_eq!(stored.last().unwrap(), "I cannot do it");
}

#[tokio::test]
async fn events_come_in_order_and_the_text_is_the_output() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    let received = streamed_turn(&world, world.request("Hello")).await;
    let answer = received.result.as_ref().unwrap();
    let [TurnEvent::Started { run, conversation }, said @ .., TurnEvent::Step(step)] = received.events.as_slice()
    else {
        panic!("{:?}", received.events)
    };
    assert_eq!((*run, *conversation), (answer.facts.run, answer.conversation));
    assert_eq!((said.len(), received.text()), (4, answer.output.clone()), "a delta a piece");
    assert_eq!(vec![step.clone()], answer.facts.steps);
}

#[tokio::test]
async fn a_denied_call_is_a_step_between_the_texts() {
    let world = World::new();
    script(&world);
    world.take(world.request("Hello")).await.unwrap();
    let received = streamed_turn(&world, world.request("Do it")).await;
    let outcomes: Vec<&str> = received
        .events
        .iter()
        .filter_map(|event| if let TurnEvent::Step(step) = event { Some(step.outcome.as_str()) } else { None })
        .collect();
    assert_eq!(outcomes, ["tool_calls", "denied", "end_turn"]);
    assert_eq!(received.text(), "Let me look. I cannot do it");
    let started = received.events.iter().filter(|event| matches!(event, TurnEvent::Started { .. })).count();
    assert_eq!(started, 1, "once for each run, however often the model is called");
}

#[tokio::test]
async fn a_stream_that_breaks_off_fails_the_turn_and_stores_nothing() {
    type Expected = fn(&FailureKind) -> bool;
    let rejected = || LlmError::Rejected { status: 500, code: Some("overloaded".to_owned()), retry_after: None };
    let begun = || word_deltas("Good day to you").into_iter().take(2).collect::<Vec<_>>();
    let ends: [(StreamEnd, Expected); 4] = [
        (StreamEnd::Close, |kind| matches!(kind, FailureKind::Unreachable(_))),
        (StreamEnd::Fail(LlmError::Malformed("a broken frame")), |kind| matches!(kind, FailureKind::Malformed(_))),
        (StreamEnd::Fail(LlmError::TimedOut), |kind| matches!(kind, FailureKind::TimedOut)),
        (StreamEnd::Fail(rejected()), |kind| matches!(kind, FailureKind::Rejected { status: 500, .. })),
    ];
    for (then, expected) in ends {
        let world = World::new();
        let mut pieces = vec![StreamEvent::Usage(Usage { input_tokens: 7, output_tokens: 20 })];
        pieces.extend(begun());
        world.model.then(Script::Stream(pieces, then));
        let request = || TestTurn { idempotency: Some(idempotency("k", "body")), ..world.request("Hello") };
        let received = streamed_turn(&world, request()).await;
        let Err(TurnError::Model(failure)) = &received.result else { panic!("{:?}", received.result) };
        assert!(expected(&failure.kind), "{failure:?}");
        assert_eq!(received.text(), "Good day ", "what arrived before was sent");
        assert_eq!((world.store.calls(Operation::Commit), world.model.open_streams()), (0, 0));
        assert_eq!(
            received.metrics.usage,
            Usage { input_tokens: 7, output_tokens: 20 },
            "reported although the call failed"
        );
        assert!(!received.metrics.is_usage_estimated);
        assert!(world.take(request()).await.is_ok(), "the key is free again");
    }
}

#[tokio::test]
async fn tokens_that_the_provider_has_not_reported_are_estimated() {
    // Anthropic reports the input and the first token of the output at the start, the others nothing before the end.
    for (reported, expected) in [((7, 1), (7, 3)), ((0, 0), (6, 3))] {
        let world = World::new();
        let usage = StreamEvent::Usage(Usage { input_tokens: reported.0, output_tokens: reported.1 });
        let events = [usage].into_iter().chain(word_deltas("Good day to you").into_iter().take(2)).collect();
        world.model.then(Script::Stream(events, StreamEnd::Hang));
        let received = received(&world, world.request("Hello"), 4, NEVER, |events| only(3, events)).await;
        assert!(matches!(received.result, Err(TurnError::Cancelled)), "{:?}", received.result);
        let usage = received.metrics.usage;
        assert_eq!((usage.input_tokens, usage.output_tokens), expected, "Good day has 9 bytes");
        assert!(received.metrics.is_usage_estimated);
    }
}

#[tokio::test]
async fn a_failure_before_the_stream_sends_no_event() {
    let world = World::new();
    world.model.then(Script::Fail(LlmError::Unreachable("scripted")));
    let received = streamed_turn(&world, world.request("Hello")).await;
    assert!(matches!(received.result, Err(TurnError::Model(_))) && received.events.is_empty(), "{:?}", received.events);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_for_the_whole_stream() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good day").into_iter().take(1).collect(), StreamEnd::Hang));
    let received = streamed_turn(&world, TestTurn { deadline: soon(), ..world.request("Hello") }).await;
    assert!(matches!(received.result, Err(TurnError::DeadlineExceeded)), "{:?}", received.result);
    assert_eq!((received.text().as_str(), world.model.open_streams()), ("Good ", 0));
    assert_eq!(world.store.calls(Operation::Commit), 0);
}

#[tokio::test]
async fn a_run_is_cancelled_when_the_receiver_is_dropped() {
    // After the start; within the text; after the last word, when the step and the commit are still to come.
    for (number, then) in [(1, StreamEnd::Hang), (3, StreamEnd::Hang), (5, StreamEnd::Close)] {
        let world = World::new();
        world.model.then(Script::Stream(word_deltas("Good day to you"), then));
        let request = || TestTurn { idempotency: Some(idempotency("k", "body")), ..world.request("Hello") };
        let received = received(&world, request(), 1, NEVER, |events| only(number, events)).await;
        assert!(matches!(received.result, Err(TurnError::Cancelled)), "{number}: {:?}", received.result);
        assert_eq!((world.model.open_streams(), world.store.calls(Operation::Commit)), (0, 0), "{number}");
        assert_eq!(world.store.calls(Operation::Release), 1);
        assert!(world.take(request()).await.is_ok(), "the key is free again");
    }
}

#[tokio::test]
async fn a_run_is_cancelled_when_the_receiver_is_dropped_before_the_model_begins() {
    let world = World::new();
    world.model.then(Script::Hang);
    let received = received(&world, world.request("Hello"), 1, NEVER, |events| only(0, events)).await;
    assert!(matches!(received.result, Err(TurnError::Cancelled)), "{:?}", received.result);
}

#[tokio::test(start_paused = true)]
async fn a_slow_receiver_slows_the_model_down() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas(&"word ".repeat(1000)), StreamEnd::Close));
    let slow = async |mut events: Receiver<TurnEvent>| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let taken = world.model.events_read();
        assert!(taken <= 6, "{taken} pieces were taken while the client did not read");
        let mut received = Vec::new();
        while let Some(event) = events.recv().await {
            received.push(event);
        }
        received
    };
    let received = received(&world, world.request("Hello"), 4, NEVER, slow).await;
    assert_eq!(received.text(), received.result.unwrap().output);
}

#[tokio::test(start_paused = true)]
async fn the_start_is_sent_in_time() {
    let world = World::new();
    world.model.then(Script::Hang);
    let start_within = Duration::from_secs(3);
    let began = Instant::now();
    let received = received(&world, world.request("Hello"), 1, start_within, |events| async move {
        let received = only(1, events).await;
        assert_eq!(began.elapsed().as_secs(), 3);
        received
    });
    let received = received.await;
    assert!(matches!(received.events.as_slice(), [TurnEvent::Started { .. }]), "{:?}", received.events);
    assert!(matches!(received.result, Err(TurnError::Cancelled)));
}

#[tokio::test]
async fn a_replay_is_one_delta() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    let request = || TestTurn { idempotency: Some(idempotency("k", "body")), ..world.request("Hello") };
    let first = streamed_turn(&world, request()).await.result.unwrap();
    let again = streamed_turn(&world, request()).await;
    let started = TurnEvent::Started { run: first.facts.run, conversation: first.conversation };
    assert_eq!(again.events, [started, TurnEvent::Delta("Good day to you".to_owned())]);
    assert_eq!(again.result.unwrap().facts, first.facts);
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_store_that_fails_at_the_end_fails_the_turn() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Refuse, 1);
    let received = streamed_turn(&world, world.request("Hello")).await;
    assert!(matches!(received.result, Err(TurnError::Store(StoreError::Refused(_)))), "{:?}", received.result);
}
