//! Prompts that exceed the model's context.

use super::turn_tests::{TestTurn, World, key};
use super::*;
use crate::domain::{ContextOverflow, ConversationId, FailureKind, FinishReason, LlmFailure, MaxTokens, Usage};
use crate::llm::{LlmError, StreamEvent};
use crate::store::{ConversationStore, Window};
use crate::testing::{Operation, Script, StreamEnd, word_deltas};

/// A refusal with the numbers of a context that is as large as the agent's.
const REFUSAL: ContextOverflow = ContextOverflow { needed_tokens: Some(1_200), context_tokens: Some(1_000) };

fn refuse(world: &World, overflow: ContextOverflow) {
    world.model.then(Script::Fail(LlmError::ContextExceeded(overflow)));
}

/// Returns a conversation of two turns.
async fn two_turns(world: &World) -> ConversationId {
    let long = "lorem ipsum ".repeat(40);
    let first = world.take(world.request(&long)).await.unwrap().conversation;
    world.take(TestTurn { conversation: Some(first), ..world.request(&long) }).await.unwrap();
    first
}

fn continued(world: &World, conversation: ConversationId) -> TestTurn {
    TestTurn { conversation: Some(conversation), ..world.request("and now?") }
}

fn overflow_of(result: Result<TurnOutcome, TurnError>) -> ContextOverflow {
    match result.unwrap_err() {
        TurnError::ContextExceeded(overflow)
        | TurnError::Model(LlmFailure { kind: FailureKind::ContextExceeded(overflow), .. }) => overflow,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn older_turns_are_dropped_and_the_model_is_asked_once_more() {
    let world = World::new();
    let conversation = two_turns(&world).await;
    refuse(&world, REFUSAL);
    let answer = world.take(continued(&world, conversation)).await.unwrap();
    let messages: Vec<usize> = world.model.requests().iter().map(|request| request.prompt.messages.len()).collect();
    assert_eq!(messages, [1, 3, 5, 3]);
    let outcomes: Vec<&str> = answer.facts.steps.iter().map(|step| step.outcome.as_str()).collect();
    assert_eq!((outcomes.as_slice(), answer.output.as_str()), (&["failed", "end_turn"][..], "and now?"));
    assert_eq!(world.transcript(conversation).await.len(), 6, "nothing that is stored is dropped");
}

#[tokio::test]
async fn a_refusal_teaches_the_estimate_of_later_turns() {
    let world = World::new();
    let conversation = two_turns(&world).await;
    let reported = || {
        let usage = StreamEvent::Usage(Usage { input_tokens: 200, output_tokens: 3 });
        let events = [StreamEvent::TextDelta("hi".to_owned()), usage, StreamEvent::Finished(FinishReason::EndTurn)];
        Script::Stream(events.into(), StreamEnd::Close)
    };
    let learned = async || {
        let everything = Window { messages: 100, size_bytes: usize::MAX };
        world.store.inner().load(&key(conversation), everything).await.unwrap().head.millibytes_per_token
    };
    refuse(&world, REFUSAL);
    world.model.then(reported());
    world.take(continued(&world, conversation)).await.unwrap();
    // The prompt of 1,928 bytes has 1,200 tokens; the shorter one that was answered has more bytes a token.
    assert_eq!(learned().await, Some(1_606));
    world.model.then(reported());
    world.take(continued(&world, conversation)).await.unwrap();
    assert!(learned().await > Some(1_606), "a turn without a refusal corrects it");
}

#[tokio::test]
async fn a_refusal_without_numbers_drops_older_turns_too() {
    let world = World::new();
    let conversation = two_turns(&world).await;
    refuse(&world, ContextOverflow::default());
    world.take(continued(&world, conversation)).await.unwrap();
    let requests = world.model.requests();
    assert!(requests[3].prompt.messages.len() < requests[2].prompt.messages.len());
    let everything = Window { messages: 100, size_bytes: usize::MAX };
    let head = world.store.inner().load(&key(conversation), everything).await.unwrap().head;
    assert_eq!(head.millibytes_per_token, None, "a guess is not stored");
}

#[tokio::test]
async fn a_second_refusal_fails_the_turn_with_the_numbers() {
    let world = World::new();
    let conversation = two_turns(&world).await;
    let commits = world.store.calls(Operation::Commit);
    refuse(&world, REFUSAL);
    refuse(&world, ContextOverflow { needed_tokens: Some(1_100), ..REFUSAL });
    let overflow = overflow_of(world.take(continued(&world, conversation)).await);
    assert_eq!((overflow.needed_tokens, overflow.context_tokens), (Some(1_100), Some(1_000)));
    assert_eq!(world.model.requests().len(), 4);
    assert_eq!(world.store.calls(Operation::Commit), commits);
}

#[tokio::test]
async fn a_prompt_alone_is_not_sent_twice() {
    let world = World::new();
    refuse(&world, ContextOverflow::default());
    let overflow = overflow_of(world.take(world.request("hello")).await);
    let named = ContextOverflow { needed_tokens: None, context_tokens: Some(1_000) };
    assert_eq!(overflow, named, "the provider has named no number, and the estimate would fit");
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_streamed_turn_starts_once() {
    let world = World::new();
    let conversation = two_turns(&world).await;
    refuse(&world, REFUSAL);
    world.model.then(Script::Stream(word_deltas("good day"), StreamEnd::Close));
    let (sink, mut receiver) = EventSink::new();
    let result = world.take_with(continued(&world, conversation), Some(&sink), &mut TurnMetrics::default()).await;
    drop(sink);
    assert_eq!(result.unwrap().output, "good day");
    let mut events = Vec::new();
    while let Some(event) = receiver.recv().await {
        events.push(event);
    }
    let starts = events.iter().filter(|event| matches!(event, TurnEvent::Started { .. })).count();
    let steps = events.iter().filter(|event| matches!(event, TurnEvent::Step(_))).count();
    assert_eq!((starts, steps), (1, 2));
}

#[tokio::test]
async fn the_provider_counts_where_the_estimate_is_close_to_the_limit() {
    let world = World::new();
    // 2,000 bytes are estimated as 671 tokens, and 2,430 as 814; the context leaves 900.
    for (bytes, countings) in [(2_000, 0), (2_430, 1)] {
        world.model.count(Some(850));
        world.take(world.request(&"x".repeat(bytes))).await.unwrap();
        assert_eq!(world.model.countings(), countings, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_counted_prompt_is_sent_although_the_estimate_is_over_the_limit() {
    let world = World::new();
    world.model.count(Some(700));
    // 810 tokens by the estimate, and the context leaves 700.
    let request = || TestTurn { max_tokens: MaxTokens::try_from(300).ok(), ..world.request(&"x".repeat(2_418)) };
    world.take(request()).await.unwrap();
    world.model.count(Some(701));
    assert_eq!(overflow_of(world.take(request()).await).needed_tokens, Some(1_001));
    world.model.count(None);
    assert_eq!(overflow_of(world.take(request()).await).needed_tokens, Some(1_110), "the estimate");
    assert_eq!(world.model.requests().len(), 1, "what does not fit is not sent");
}

#[tokio::test]
async fn a_count_over_the_limit_drops_older_turns_without_a_refusal() {
    let world = World::new();
    let conversation = two_turns(&world).await;
    world.model.count(Some(950));
    // About 660 tokens by the estimate, and the context leaves 700.
    let request = TestTurn { max_tokens: MaxTokens::try_from(300).ok(), ..continued(&world, conversation) };
    world.take(request).await.unwrap();
    let sent: Vec<usize> = world.model.requests().iter().map(|request| request.prompt.messages.len()).collect();
    assert_eq!((sent.as_slice(), world.model.countings()), (&[1, 3, 3][..], 1));
}
