use super::*;
use crate::domain::{Generation, Provider};
use crate::llm::anthropic::convert;
use crate::llm::decode::decode_stream;
use crate::llm::frames::events;
use crate::llm::test_support::*;

fn whole(response: &str) -> Generation {
    let served_by = model(Provider::Anthropic, "claude-sonnet-4-5");
    convert::from_wire(serde_json::from_str(response).unwrap(), served_by).unwrap()
}

#[tokio::test]
async fn the_folded_stream_equals_the_whole_generation() {
    let text = whole(include_str!("golden/text.response.json"));
    stream_conforms(include_str!("golden/text.sse"), &text, events, StreamDecoder::default).await;
    let tools = whole(include_str!("golden/tools.response.json"));
    stream_conforms(include_str!("golden/tools.sse"), &tools, events, StreamDecoder::default).await;
}

#[tokio::test]
async fn an_error_frame_follows_the_events_before_it() {
    let said =
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}}\n\n";
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let stream = decode_stream(events(chunks(format!("{said}{error}").as_bytes(), &[])), StreamDecoder::default());
    let (events, error) = events_of(stream).await;
    assert_eq!(events, [StreamEvent::TextDelta("Hel".to_owned())]);
    let Some(LlmError::Throttled { status: 529, code: Some(code), .. }) = error else { panic!("{error:?}") };
    assert_eq!(code, "overloaded_error");
}

#[tokio::test]
async fn a_broken_known_frame_is_malformed() {
    for frame in [r#"{"type":"content_block_delta","index":"x"}"#, "{\"type\":", "[]", r#"{"type":"message_stop"}"#] {
        let stream =
            decode_stream(events(chunks(format!("data: {frame}\n\n").as_bytes(), &[])), StreamDecoder::default());
        assert!(
            matches!(events_of(stream).await.1, Some(LlmError::Malformed(_) | LlmError::Unusable { .. })),
            "{frame}"
        );
    }
}

#[tokio::test]
async fn arguments_truncated_by_the_token_limit_are_kept_as_text() {
    let frames = [
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\": "}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let text = frames.iter().map(|frame| format!("data: {frame}\n\n")).collect::<Vec<_>>().concat();
    let (events, error) =
        events_of(decode_stream(events(chunks(text.as_bytes(), &[])), StreamDecoder::default())).await;
    assert!(error.is_none());
    let call = events.iter().find_map(|event| match event {
        StreamEvent::ToolCall(call) => Some(call),
        _ => None,
    });
    assert_eq!(call.unwrap().arguments, Value::String("{\"a\": ".to_owned()));
    assert_eq!(events.last(), Some(&StreamEvent::Finished(FinishReason::MaxTokens)));
}
