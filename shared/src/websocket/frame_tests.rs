use serde_json::Value;

use super::*;
use crate::delivery::MAX_MESSAGE_BYTES;
use crate::domain::{ConversationId, RunId};
use crate::http::ProblemKind;

fn delta(text: &str) -> TurnEvent {
    TurnEvent::Delta(text.to_owned())
}

fn read(frames: &[String]) -> Vec<Value> {
    frames.iter().map(|frame| serde_json::from_str(frame).unwrap()).collect()
}

#[test]
fn frames_are_numbered_and_named() {
    let mut frames = FrameWriter::new("mine");
    let started =
        TurnEvent::Started { run: RunId::new(uuid::Uuid::nil()), conversation: ConversationId::new(uuid::Uuid::nil()) };
    let written = frames.events(vec![started, delta("a"), delta("b")], "default");
    let problem = Problem::new(ProblemKind::Internal, "an internal error");
    let last = frames.error(&problem, "invocation");
    let read = read(&[written, vec![last]].concat());
    let heads: Vec<_> =
        read.iter().map(|frame| (frame["event"].as_str().unwrap(), frame["seq"].as_u64().unwrap())).collect();
    assert_eq!(heads, [("start", 0), ("delta", 1), ("error", 2)], "texts that follow each other are one");
    assert!(read.iter().all(|frame| frame["request_id"] == "mine"));
    assert_eq!(read[0]["data"]["agent"], "default");
    assert_eq!(read[1]["data"], serde_json::json!({ "text": "ab" }));
    assert_eq!((&read[2]["data"]["status"], &read[2]["data"]["instance"]), (&500.into(), &"invocation".into()));
}

/// Whatever is said, a frame keeps to its size, and nothing is lost.
#[test]
fn long_texts_are_parted_between_characters() {
    for (piece, times) in
        [("a", 100_000), ("\u{1F980}", 30_000), ("\"\\", 40_000), ("\u{1}", 20_000), ("\u{7f}é€", 20_000)]
    {
        let said = piece.repeat(times);
        let mut frames = FrameWriter::new(&"n".repeat(128));
        let written = frames.events(vec![delta(&said)], "default");
        assert!(written.iter().all(|frame| frame.len() <= MAX_FRAME_BYTES), "{piece:?}");
        assert!(written.len() > 1, "{piece:?}");
        let whole: String =
            read(&written).iter().map(|frame| frame["data"]["text"].as_str().unwrap().to_owned()).collect();
        assert!(whole == said, "{piece:?}");
    }
}

#[test]
fn the_worst_refusal_fits_a_message() {
    let names: Vec<String> = (0..100).map(|number| format!("\"{}{number:03}\":1", "\\u0001".repeat(97))).collect();
    let text =
        format!("{{\"action\":\"invoke\",\"agent\":\"a\",\"prompt\":\"Hi\",\"metadata\":{{{}}}}}", names.join(","));
    let problem = super::super::message::read(text.as_bytes()).message.unwrap_err();
    let frame = FrameWriter::new(&"n".repeat(128)).error(&problem, "invocation");
    assert!(frame.len() <= MAX_MESSAGE_BYTES, "{}", frame.len());
    assert!(frame.len() > 10_000, "it is the worst one that is looked at");
}

#[test]
fn the_last_number_is_exact_in_every_language() {
    assert_eq!(FINAL_SEQ, 9_007_199_254_740_991);
}
