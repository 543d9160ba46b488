use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message as Frame};
use futures_util::StreamExt;

use super::*;
use crate::domain::{FinishReason, Usage};
use crate::llm::{StreamEvent, fold};

fn frame(kind: &str, name: &str, payload: &Value) -> Vec<u8> {
    let text = |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
    let name_header = if kind == "event" { ":event-type" } else { ":exception-type" };
    let message = Frame::new(payload.to_string())
        .add_header(text(":message-type", kind))
        .add_header(text(name_header, name))
        .add_header(text(":content-type", "application/json"));
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(name: &str, payload: &Value) -> Vec<u8> {
    frame("event", name, payload)
}

fn text(delta: &str) -> Vec<u8> {
    event("contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "text": delta } }))
}

fn input(index: u32, json: &str) -> Vec<u8> {
    event("contentBlockDelta", &json!({ "contentBlockIndex": index, "delta": { "toolUse": { "input": json } } }))
}

fn stop(reason: &str) -> Vec<u8> {
    event("messageStop", &json!({ "stopReason": reason }))
}

fn usage() -> Vec<u8> {
    let usage = json!({ "inputTokens": 3, "outputTokens": 5, "totalTokens": 8, "cacheReadInputTokens": 4 });
    event("metadata", &json!({ "usage": usage, "metrics": { "latencyMs": 1 } }))
}

/// Returns a stream as the user guide's page on `ConverseStream` shows it: text, then a call.
fn whole() -> Vec<Vec<u8>> {
    vec![
        event("messageStart", &json!({ "role": "assistant" })),
        text("Hel"),
        text("lo"),
        event("contentBlockStop", &json!({ "contentBlockIndex": 0 })),
        event("somethingNew", &json!({ "a": 1 })),
        event(
            "contentBlockStart",
            &json!({ "contentBlockIndex": 1, "start": { "toolUse": { "toolUseId": "tooluse_1", "name": "weather" } } }),
        ),
        input(1, ""),
        input(1, "{\"city\": \"Os"),
        input(1, "lo\", \"days\": 2}"),
        event("contentBlockStop", &json!({ "contentBlockIndex": 1 })),
        stop("tool_use"),
        usage(),
    ]
}

async fn events(frames: Vec<Vec<u8>>) -> Vec<Result<StreamEvent, LlmError>> {
    let body = ResponseTemplate::new(200).set_body_raw(frames.concat(), "application/vnd.amazon.eventstream");
    let server = serve(body).await;
    client(&server.uri()).stream(&hello_request()).await.unwrap().collect().await
}

fn last_error(mut events: Vec<Result<StreamEvent, LlmError>>) -> LlmError {
    let last = events.pop().unwrap().unwrap_err();
    assert!(events.iter().all(Result::is_ok));
    last
}

#[tokio::test]
async fn events_arrive_in_order() {
    let events: Vec<_> = events(whole()).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        events,
        [
            StreamEvent::TextDelta("Hel".to_owned()),
            StreamEvent::TextDelta("lo".to_owned()),
            StreamEvent::ToolCall(weather_call()),
            StreamEvent::Usage(Usage { input_tokens: 7, output_tokens: 5 }),
            StreamEvent::Finished(FinishReason::ToolCalls),
        ]
    );
}

#[tokio::test]
async fn generate_equals_the_folded_stream() {
    let body = ResponseTemplate::new(200).set_body_raw(whole().concat(), "application/vnd.amazon.eventstream");
    let server = serve(body).await;
    let streaming = client(&server.uri());
    let stream = streaming.stream(&hello_request()).await.unwrap();
    let folded = fold(stream, streaming.get_metadata().model.clone()).await.unwrap();
    let mut body = response(
        &json!([
            { "text": "Hello" },
            { "toolUse": { "toolUseId": "tooluse_1", "name": "weather", "input": { "city": "Oslo", "days": 2 } } },
        ]),
        "tool_use",
    );
    body["usage"] = json!({ "inputTokens": 3, "outputTokens": 5, "totalTokens": 8, "cacheReadInputTokens": 4 });
    let server = serve(ResponseTemplate::new(200).set_body_json(body)).await;
    let generated = client(&server.uri()).generate(hello(), None, max(10)).await.unwrap();
    assert_eq!(folded, generated);
}

#[tokio::test]
async fn a_name_that_no_tool_can_have_is_replaced() {
    for name in [&"n".repeat(65), "get weather", ""] {
        let call = json!({ "toolUse": { "toolUseId": "tooluse_1", "name": name } });
        let start = event("contentBlockStart", &json!({ "contentBlockIndex": 0, "start": call }));
        let frames = [start, input(0, "{\"city\": \"Oslo\", \"days\": 2}"), stop("tool_use"), usage()].concat();
        let body = ResponseTemplate::new(200).set_body_raw(frames, "application/vnd.amazon.eventstream");
        let server = serve(body).await;
        let stream = client(&server.uri()).stream(&hello_request()).await.unwrap();
        let folded = fold(stream, ModelRef { provider: Provider::Bedrock, model: ModelId::new(MODEL) }).await.unwrap();
        let call =
            json!({ "toolUse": { "toolUseId": "tooluse_1", "name": name, "input": { "city": "Oslo", "days": 2 } } });
        let server = serve(ResponseTemplate::new(200).set_body_json(response(&json!([call]), "tool_use"))).await;
        let generated = client(&server.uri()).generate(hello(), None, max(10)).await.unwrap();
        let expected = [Content::ToolCall(ToolCall { name: ToolName::new("unknown"), ..weather_call() })];
        assert_eq!(folded.message.content, expected, "{name:?}");
        assert_eq!(generated.message.content, expected, "{name:?}");
    }
}

#[tokio::test]
async fn empty_arguments_become_an_object_and_invalid_ones_stay_text() {
    let start = |index: u32, id: &str| {
        let call = json!({ "toolUseId": id, "name": "now" });
        event("contentBlockStart", &json!({ "contentBlockIndex": index, "start": { "toolUse": call } }))
    };
    let end = |index: u32| event("contentBlockStop", &json!({ "contentBlockIndex": index }));
    let frames = vec![start(0, "a"), end(0), start(1, "b"), input(1, "{\"x\":"), stop("max_tokens")];
    let events: Vec<_> = events(frames).await.into_iter().map(Result::unwrap).collect();
    let call = |id: &str, arguments| {
        StreamEvent::ToolCall(ToolCall { id: ToolCallId::new(id), name: ToolName::new("now"), arguments })
    };
    let expected = [call("a", json!({})), call("b", json!("{\"x\":")), StreamEvent::Finished(FinishReason::MaxTokens)];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn an_exception_frame_is_an_error() {
    for (name, status) in [
        ("throttlingException", 429),
        ("internalServerException", 500),
        ("modelStreamErrorException", 424),
        ("validationException", 400),
        ("serviceUnavailableException", 503),
        ("somethingNewException", 500),
    ] {
        let exception = frame("exception", name, &json!({ "message": "hidden" }));
        let error = last_error(events(vec![text("Hel"), exception, stop("end_turn")]).await);
        assert!(!format!("{error:?} {error}").contains("hidden"), "{error:?}");
        let expected = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let (seen, code) = match &error {
            LlmError::Throttled { status, code, .. } if name == "throttlingException" => (*status, code),
            LlmError::Rejected { status, code, .. } => (*status, code),
            _ => panic!("{name}: {error:?}"),
        };
        assert_eq!((seen, code.as_deref()), (status, Some(expected.as_str())));
    }
}

#[tokio::test]
async fn a_truncated_or_corrupt_stream_is_an_error() {
    let error = last_error(events(vec![text("Hel")]).await);
    assert!(matches!(error, LlmError::BrokenOff(_)), "{error:?}");
    let mut cut = text("lo");
    cut.truncate(20);
    let error = last_error(events(vec![text("Hel"), cut]).await);
    assert!(matches!(error, LlmError::Malformed(_) | LlmError::BrokenOff(_)), "{error:?}");
    let mut corrupt = text("lo");
    corrupt[30] ^= 1;
    let error = last_error(events(vec![text("Hel"), corrupt, stop("end_turn")]).await);
    assert!(matches!(error, LlmError::Malformed(_)), "{error:?}");
}

#[tokio::test]
async fn a_reply_that_cannot_be_used_is_read_to_its_tokens() {
    for reason in ["malformed_model_output", "malformed_tool_use"] {
        let events = events(vec![stop(reason), usage()]).await;
        let [Ok(StreamEvent::Usage(usage)), Err(LlmError::Unusable { .. })] = events.as_slice() else {
            panic!("{events:?}")
        };
        assert!(usage.output_tokens > 0);
    }
}

#[tokio::test]
async fn a_corrupt_frame_after_the_end_is_ignored() {
    let mut corrupt = usage();
    corrupt[30] ^= 1;
    let events = events(vec![text("Hi"), stop("end_turn"), corrupt]).await;
    assert!(matches!(events.last(), Some(Ok(StreamEvent::Finished(FinishReason::EndTurn)))));
}

/// Encodes the frames as a chunked response without its last chunk.
fn unfinished_response(frames: Vec<Vec<u8>>) -> Vec<u8> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut response = head.as_bytes().to_vec();
    for frame in frames {
        response.extend(format!("{:x}\r\n", frame.len()).as_bytes());
        response.extend(frame);
        response.extend(b"\r\n");
    }
    response
}

#[tokio::test]
async fn events_arrive_before_the_stream_ends_and_silence_times_out() {
    let uri = raw_server(unfinished_response(vec![text("Hel")]), false).await;
    let mut stream = client(&uri).stream(&hello_request()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), StreamEvent::TextDelta("Hel".to_owned()));
    assert!(matches!(stream.next().await, Some(Err(LlmError::TimedOut))));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_closed_connection_is_broken_off() {
    let uri = raw_server(unfinished_response(vec![text("Hel")]), true).await;
    let stream = client(&uri).stream(&hello_request()).await.unwrap();
    let error = last_error(stream.collect().await);
    assert!(matches!(error, LlmError::BrokenOff(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_a_guardrail_replaces_ends_by_policy() {
    let frames = [
        event("messageStart", &json!({ "role": "assistant" })),
        text("I cannot talk about that."),
        event("contentBlockStop", &json!({ "contentBlockIndex": 0 })),
        stop("guardrail_intervened"),
        usage(),
    ];
    let body = ResponseTemplate::new(200).set_body_raw(frames.concat(), "application/vnd.amazon.eventstream");
    let client = client(&serve(body).await.uri());
    let stream = client.stream(&hello_request()).await.unwrap();
    let generation = fold(stream, client.get_metadata().model.clone()).await.unwrap();
    assert_eq!(generation.finish, FinishReason::Policy);
    assert_eq!(generation.message.plain_text(), "I cannot talk about that.");
}

#[tokio::test]
async fn a_prompt_over_the_context_may_be_refused_within_the_stream() {
    let message = json!({ "message": "Input Tokens Exceeded: Number of input tokens exceeds maximum length." });
    let error = last_error(events(vec![frame("exception", "validationException", &message)]).await);
    assert!(matches!(error, LlmError::ContextExceeded(_)), "{error:?}");
}
