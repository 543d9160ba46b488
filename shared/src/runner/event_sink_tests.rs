//! Turns that are listened to: the same turn as without, and none where the listener leaves.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::Instant;

use super::turn_tests::{World, soon, wish};
use super::*;
use crate::domain::{FailureKind, FinishReason, ToolCall, ToolCallId, ToolName, Usage};
use crate::llm::{LlmError, StreamEvent};
use crate::store::StoreError;
use crate::testing::{Fault, Operation, Script, StreamEnd, word_deltas};

/// Longer than any test waits.
const PATIENT: Duration = Duration::from_hours(1);

struct Heard {
    events: Vec<TurnEvent>,
    result: Result<TurnOutcome, TurnError>,
    spent: TurnMetrics,
}

impl Heard {
    fn text(&self) -> String {
        let said = self.events.iter().map(|event| if let TurnEvent::Delta(text) = event { text.as_str() } else { "" });
        said.collect()
    }
}

/// Takes the turn while `listen` does what it likes with the events.
async fn heard<F: Future<Output = Vec<TurnEvent>>>(
    world: &World,
    request: TurnRequest,
    room: usize,
    patience: Duration,
    listen: impl FnOnce(Receiver<TurnEvent>) -> F,
) -> Heard {
    let (events, receiver) = mpsc::channel(room);
    let mut spent = TurnMetrics::default();
    let taking = async {
        let listener = Listener::new(events, Instant::now() + patience);
        let ports = TurnPorts { listener: Some(&listener), ..world.ports() };
        take_turn(ports, request, &mut spent).await
    };
    let (result, events) = tokio::join!(taking, listen(receiver));
    Heard { events, result, spent }
}

async fn all(mut events: Receiver<TurnEvent>) -> Vec<TurnEvent> {
    let mut heard = Vec::new();
    while let Some(event) = events.recv().await {
        heard.push(event);
    }
    heard
}

/// Hears so many events, then leaves.
async fn only(number: usize, mut events: Receiver<TurnEvent>) -> Vec<TurnEvent> {
    let mut heard = Vec::new();
    while heard.len() < number {
        heard.extend(events.recv().await);
    }
    heard
}

async fn listened(world: &World, request: TurnRequest) -> Heard {
    heard(world, request, 4, PATIENT, all).await
}

/// A conversation of two turns, the second with a tool call and text before it.
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
async fn a_turn_that_is_listened_to_is_the_same_turn() {
    let (buffered, streamed) = (World::new(), World::new());
    script(&buffered);
    script(&streamed);
    let mut conversation = None;
    for prompt in ["Hello", "Do it"] {
        let mut spent = TurnMetrics::default();
        let request = TurnRequest { conversation, ..buffered.request(prompt) };
        let whole = take_turn(buffered.ports(), request, &mut spent).await.unwrap();
        let heard = listened(&streamed, TurnRequest { conversation, ..streamed.request(prompt) }).await;
        let answer = heard.result.as_ref().unwrap();
        assert_eq!((&answer.output, &answer.facts), (&whole.output, &whole.facts), "usage and steps among them");
        assert_eq!(answer.conversation, whole.conversation);
        assert_eq!((heard.spent.usage, heard.spent.retry_stats), (spent.usage, spent.retry_stats));
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
    let heard = listened(&world, world.request("Hello")).await;
    let answer = heard.result.as_ref().unwrap();
    let [TurnEvent::Started { run, conversation }, said @ .., TurnEvent::Step(step)] = heard.events.as_slice() else {
        panic!("{:?}", heard.events)
    };
    assert_eq!((*run, *conversation), (answer.facts.run, answer.conversation));
    assert_eq!((said.len(), heard.text()), (4, answer.output.clone()), "a delta a piece");
    assert_eq!(vec![step.clone()], answer.facts.steps);
}

#[tokio::test]
async fn a_denied_call_is_a_step_between_the_texts() {
    let world = World::new();
    script(&world);
    world.take(world.request("Hello")).await.unwrap();
    let heard = listened(&world, world.request("Do it")).await;
    let outcomes: Vec<&str> = heard
        .events
        .iter()
        .filter_map(|event| if let TurnEvent::Step(step) = event { Some(step.outcome.as_str()) } else { None })
        .collect();
    assert_eq!(outcomes, ["tool_calls", "denied", "end_turn"]);
    assert_eq!(heard.text(), "Let me look. I cannot do it");
    let started = heard.events.iter().filter(|event| matches!(event, TurnEvent::Started { .. })).count();
    assert_eq!(started, 1, "once a run, however often the model is asked");
}

#[tokio::test]
async fn a_stream_that_does_not_end_well_is_no_answer_and_leaves_nothing() {
    type Expected = fn(&FailureKind) -> bool;
    let rejected = || LlmError::Rejected { status: 500, code: Some("overloaded".to_owned()), retry_after: None };
    let begun = || word_deltas("Good day to you").into_iter().take(2).collect::<Vec<_>>();
    let ends: [(StreamEnd, Expected); 4] = [
        (StreamEnd::Close, |kind| matches!(kind, FailureKind::Unreachable(_))),
        (StreamEnd::Fail(LlmError::Malformed("a broken frame")), |kind| matches!(kind, FailureKind::Malformed(_))),
        (StreamEnd::Fail(LlmError::TimedOut), |kind| matches!(kind, FailureKind::Unreachable(_))),
        (StreamEnd::Fail(rejected()), |kind| matches!(kind, FailureKind::Rejected { status: 500, .. })),
    ];
    for (then, expected) in ends {
        let world = World::new();
        let mut pieces = vec![StreamEvent::Usage(Usage { input_tokens: 7, output_tokens: 2 })];
        pieces.extend(begun());
        world.model.then(Script::Stream(pieces, then));
        let request = || TurnRequest { idempotency: Some(wish("k", "body")), ..world.request("Hello") };
        let heard = listened(&world, request()).await;
        let Err(TurnError::Model(failure)) = &heard.result else { panic!("{:?}", heard.result) };
        assert!(expected(&failure.kind), "{failure:?}");
        assert_eq!(heard.text(), "Good day ", "what was said has been heard");
        assert_eq!((world.store.calls(Operation::Commit), world.model.open_streams()), (0, 0));
        assert_eq!(heard.spent.usage, Usage { input_tokens: 7, output_tokens: 2 }, "it has been paid for");
        assert!(world.take(request()).await.is_ok(), "the key is free again");
    }
}

#[tokio::test]
async fn a_fault_before_the_stream_is_no_event() {
    let world = World::new();
    world.model.then(Script::Fail(LlmError::Unreachable("scripted")));
    let heard = listened(&world, world.request("Hello")).await;
    assert!(matches!(heard.result, Err(TurnError::Model(_))) && heard.events.is_empty(), "{:?}", heard.events);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_for_the_whole_stream() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good day").into_iter().take(1).collect(), StreamEnd::Hang));
    let heard = listened(&world, TurnRequest { deadline: soon(), ..world.request("Hello") }).await;
    assert!(matches!(heard.result, Err(TurnError::DeadlineExceeded)), "{:?}", heard.result);
    assert_eq!((heard.text().as_str(), world.model.open_streams()), ("Good ", 0));
    assert_eq!(world.store.calls(Operation::Commit), 0);
}

#[tokio::test]
async fn a_listener_that_leaves_calls_the_run_off() {
    // After the start; within the text; after the last word, when the step and the commit are still to come.
    for (number, then) in [(1, StreamEnd::Hang), (3, StreamEnd::Hang), (5, StreamEnd::Close)] {
        let world = World::new();
        world.model.then(Script::Stream(word_deltas("Good day to you"), then));
        let request = || TurnRequest { idempotency: Some(wish("k", "body")), ..world.request("Hello") };
        let heard = heard(&world, request(), 1, PATIENT, |events| only(number, events)).await;
        assert!(matches!(heard.result, Err(TurnError::Cancelled)), "{number}: {:?}", heard.result);
        assert_eq!((world.model.open_streams(), world.store.calls(Operation::Commit)), (0, 0), "{number}");
        assert_eq!(world.store.calls(Operation::Release), 1);
        assert!(world.take(request()).await.is_ok(), "the key is free again");
    }
}

#[tokio::test]
async fn a_listener_that_left_before_the_model_began_calls_the_run_off() {
    let world = World::new();
    world.model.then(Script::Hang);
    let heard = heard(&world, world.request("Hello"), 1, PATIENT, |events| only(0, events)).await;
    assert!(matches!(heard.result, Err(TurnError::Cancelled)), "{:?}", heard.result);
}

#[tokio::test(start_paused = true)]
async fn a_slow_listener_slows_the_model_down() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas(&"word ".repeat(1000)), StreamEnd::Close));
    let slow = async |mut events: Receiver<TurnEvent>| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let taken = world.model.events_read();
        assert!(taken <= 6, "{taken} pieces were taken while nobody read");
        let mut heard = Vec::new();
        while let Some(event) = events.recv().await {
            heard.push(event);
        }
        heard
    };
    let heard = heard(&world, world.request("Hello"), 4, PATIENT, slow).await;
    assert_eq!(heard.text(), heard.result.unwrap().output);
}

#[tokio::test(start_paused = true)]
async fn a_listener_is_not_kept_waiting_for_the_start() {
    let world = World::new();
    world.model.then(Script::Hang);
    let patience = Duration::from_secs(3);
    let began = Instant::now();
    let heard = heard(&world, world.request("Hello"), 1, patience, |events| async move {
        let heard = only(1, events).await;
        assert_eq!(began.elapsed().as_secs(), 3);
        heard
    });
    let heard = heard.await;
    assert!(matches!(heard.events.as_slice(), [TurnEvent::Started { .. }]), "{:?}", heard.events);
    assert!(matches!(heard.result, Err(TurnError::Cancelled)));
}

#[tokio::test]
async fn a_replay_is_told_in_one_piece() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    let request = || TurnRequest { idempotency: Some(wish("k", "body")), ..world.request("Hello") };
    let first = listened(&world, request()).await.result.unwrap();
    let again = listened(&world, request()).await;
    let started = TurnEvent::Started { run: first.facts.run, conversation: first.conversation };
    assert_eq!(again.events, [started, TurnEvent::Delta("Good day to you".to_owned())]);
    assert_eq!(again.result.unwrap().facts, first.facts);
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_store_that_fails_at_the_end_fails_the_turn() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Refuse, 1);
    let heard = listened(&world, world.request("Hello")).await;
    assert!(matches!(heard.result, Err(TurnError::Store(StoreError::Refused(_)))), "{:?}", heard.result);
}
