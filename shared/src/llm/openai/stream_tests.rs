use serde_json::json;

use super::*;
use crate::domain::{Generation, Provider};
use crate::llm::decode::decode_stream;
use crate::llm::frames::events;
use crate::llm::openai::convert;
use crate::llm::test_support::*;
use crate::llm::{GenerationStream, fold};

fn ids() -> CallIds {
    CallIds::after(&plain_prompt())
}

fn whole(response: &str) -> Generation {
    let served_by = model(Provider::OpenAi, "gpt-4o");
    convert::from_wire(serde_json::from_str(response).unwrap(), &mut ids(), served_by).unwrap()
}

fn stream(frames: &[Value], end: &str) -> GenerationStream {
    let text = frames.iter().map(|frame| format!("data: {frame}\r\n\r\n")).collect::<Vec<_>>().concat();
    decode_stream(events(chunks(format!("{text}{end}").as_bytes(), &[])), StreamDecoder::new(ids()))
}

fn delta(delta: &Value) -> Value {
    json!({"choices": [{"index": 0, "delta": delta}]})
}

fn finished(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

#[tokio::test]
async fn the_folded_stream_equals_the_whole_generation() {
    let text = whole(include_str!("golden/text.response.json"));
    stream_conforms(include_str!("golden/text.sse"), &text, events, || StreamDecoder::new(ids())).await;
    let tools = whole(include_str!("golden/tools.response.json"));
    stream_conforms(include_str!("golden/tools.sse"), &tools, events, || StreamDecoder::new(ids())).await;
}

#[tokio::test]
async fn pieces_without_index_and_id_are_joined() {
    let call = |function: Value| delta(&json!({"tool_calls": [{"function": function}]}));
    let frames = [
        call(json!({"name": "first", "arguments": "{\"a\":"})),
        call(json!({"arguments": "1}"})),
        call(json!({"name": "second", "arguments": {"b": 2}})),
        finished("stop"),
    ];
    let answer = fold(stream(&frames, "data: [DONE]\n\n"), model(Provider::OpenAi, "m")).await.unwrap();
    let calls: Vec<_> = answer.message.tool_calls().map(|call| (call.id.as_str(), call.arguments.clone())).collect();
    assert_eq!(calls, [("call_0", json!({"a": 1})), ("call_1", json!({"b": 2}))]);
    assert_eq!(answer.finish, crate::domain::FinishReason::ToolCalls);
    assert_eq!(answer.usage, crate::domain::Usage::default());
}

#[tokio::test]
async fn calls_of_two_indices_may_interleave() {
    let piece = |index: u32, function: Value| delta(&json!({"tool_calls": [{"index": index, "function": function}]}));
    let frames = [
        piece(1, json!({"name": "second", "arguments": ""})),
        piece(0, json!({"name": "first", "arguments": "{\"a\":"})),
        piece(1, json!({"arguments": "{}"})),
        piece(0, json!({"arguments": "1}"})),
        finished("tool_calls"),
    ];
    let answer = fold(stream(&frames, "data: [DONE]\n\n"), model(Provider::OpenAi, "m")).await.unwrap();
    let calls: Vec<_> = answer.message.tool_calls().map(|call| (call.name.as_str(), call.arguments.clone())).collect();
    assert_eq!(calls, [("first", json!({"a": 1})), ("second", json!({}))]);
}

#[tokio::test]
async fn a_refusal_is_text_with_the_finish_reason_policy() {
    let frames = [delta(&json!({"refusal": "I can't"})), finished("stop")];
    let answer = fold(stream(&frames, "data: [DONE]\n\n"), model(Provider::OpenAi, "m")).await.unwrap();
    assert_eq!((answer.message.plain_text().as_str(), answer.finish), ("I can't", crate::domain::FinishReason::Policy));
}

#[tokio::test]
async fn a_stream_may_omit_done_but_not_the_finish_reason() {
    let frames = [delta(&json!({"content": "Hi"})), finished("stop")];
    assert!(fold(stream(&frames, ""), model(Provider::OpenAi, "m")).await.is_ok());
    for end in ["", "data: [DONE]\n\n"] {
        let cut = fold(stream(&frames[..1], end), model(Provider::OpenAi, "m")).await;
        assert!(matches!(cut, Err(LlmError::BrokenOff(_))), "{end:?}");
    }
}

#[tokio::test]
async fn an_error_frame_follows_the_events_before_it() {
    let frames = [
        delta(&json!({"content": "Hel"})),
        json!({"error": {"message": "Rate limit reached for …", "type": "requests", "code": "rate_limit_exceeded"}}),
    ];
    let (events, error) = events_of(stream(&frames, "data: [DONE]\n\n")).await;
    assert_eq!(events, [StreamEvent::TextDelta("Hel".to_owned())]);
    let Some(LlmError::Throttled { status: 429, code: Some(code), .. }) = error else { panic!("{error:?}") };
    assert_eq!(code, "rate_limit_exceeded");
}

#[tokio::test]
async fn unknown_frames_are_skipped_and_broken_ones_are_malformed() {
    let unknown = [json!({"object": "unknown"}), delta(&json!({"content": "Hi"})), finished("stop")];
    assert!(fold(stream(&unknown, "data: [DONE]\n\n"), model(Provider::OpenAi, "m")).await.is_ok());
    for broken in [json!("text"), json!({"choices": 1}), json!({"choices": [{"delta": {"content": 1}}]})] {
        let (_, error) = events_of(stream(std::slice::from_ref(&broken), "")).await;
        assert!(matches!(error, Some(LlmError::Malformed(_))), "{broken}");
    }
}
