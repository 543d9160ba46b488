use super::*;
use crate::domain::{Generation, Provider};
use crate::llm::decode::decode_stream;
use crate::llm::frames::lines;
use crate::llm::ollama::convert;
use crate::llm::test_support::*;

fn ids() -> CallIds {
    CallIds::after(&plain_prompt())
}

fn whole(response: &str) -> Generation {
    let served_by = model(Provider::Ollama, "llama3.2");
    convert::from_wire(serde_json::from_str(response).unwrap(), &mut ids(), served_by).unwrap()
}

#[tokio::test]
async fn the_folded_stream_equals_the_whole_generation() {
    let text = whole(include_str!("golden/text.response.json"));
    stream_conforms(include_str!("golden/text.ndjson"), &text, lines, || StreamDecoder::new(ids())).await;
    let tools = whole(include_str!("golden/tools.response.json"));
    stream_conforms(include_str!("golden/tools.ndjson"), &tools, lines, || StreamDecoder::new(ids())).await;
}

#[tokio::test]
async fn an_error_frame_follows_the_events_before_it() {
    let text = "{\"message\":{\"content\":\"Hel\"},\"done\":false}\n{\"error\":\"an error was encountered\"}\n";
    let (events, error) =
        events_of(decode_stream(lines(chunks(text.as_bytes(), &[])), StreamDecoder::new(ids()))).await;
    assert_eq!(events, [StreamEvent::TextDelta("Hel".to_owned())]);
    assert!(matches!(error, Some(LlmError::Rejected { status: 500, code: None, .. })), "{error:?}");
}

#[tokio::test]
async fn a_broken_line_is_malformed() {
    for line in ["{\"message\":", "text", r#"{"message":{"content":1}}"#] {
        let stream = decode_stream(lines(chunks(format!("{line}\n").as_bytes(), &[])), StreamDecoder::new(ids()));
        assert!(matches!(events_of(stream).await.1, Some(LlmError::Malformed(_))), "{line}");
    }
}
