use super::*;
use crate::llm::test_support::chunks;

async fn collected(frames: FrameStream) -> Result<Vec<String>, LlmError> {
    let frames: Vec<_> = frames.collect().await;
    frames.into_iter().collect()
}

#[tokio::test]
async fn events_are_framed_for_any_chunk_boundary() {
    let text =
        "\u{feff}: a comment\r\ndata: é1\r\n\r\nevent: x\ndata: a\ndata: b\nid: 1\n\n\n\ndata:ü\n\ndata: not ended";
    for at in 0..text.len() {
        let frames = collected(events(chunks(text.as_bytes(), &[at]))).await.unwrap();
        assert_eq!(frames, ["é1", "a\nb", "ü"], "at {at}");
    }
}

#[tokio::test]
async fn lines_are_framed_for_any_chunk_boundary() {
    let text = "{\"a\":\"é\"}\n\r\n\n{\"b\":1}\r\n{\"c\":2}";
    for at in 0..text.len() {
        let frames = collected(lines(chunks(text.as_bytes(), &[at]))).await.unwrap();
        assert_eq!(frames, ["{\"a\":\"é\"}", "{\"b\":1}", "{\"c\":2}"], "at {at}");
    }
}

#[tokio::test]
async fn bytes_other_than_utf_8_are_malformed() {
    for frames in [events(chunks(b"data: \xff\xfe\n\n", &[3])), lines(chunks(b"\xff\xfe\n", &[]))] {
        assert!(matches!(collected(frames).await, Err(LlmError::Malformed(_))));
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_is_malformed() {
    let half = [vec![b'a'; MAX_FRAME_BYTES / 2 - 8].as_slice(), b"\n"].concat();
    let two = [half.clone(), half.clone()].concat();
    let long = vec![b'a'; MAX_FRAME_BYTES + 1];
    for frames in [events, lines] {
        assert!(matches!(collected(frames(chunks(&long, &[MAX_FRAME_BYTES]))).await, Err(LlmError::Malformed(_))));
        assert!(collected(frames(chunks(&two, &[half.len()]))).await.is_ok(), "two lines, together within the bound");
    }
    let three = [two.clone(), half].concat();
    assert!(collected(lines(chunks(&three, &[two.len()]))).await.is_ok(), "three lines, each within the bound");
}

#[tokio::test]
async fn an_event_of_many_lines_is_bounded_like_one_of_a_long_line() {
    let line = [b"data: ".as_slice(), &vec![b'a'; 100_000], b"\n"].concat();
    let over = line.repeat(MAX_FRAME_BYTES / line.len() + 1);
    let error = collected(events(chunks(&over, &[line.len()]))).await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");
}

#[test]
fn an_empty_line_ends_an_event() {
    for end in ["\n", "\r", "\r\n"] {
        let event = format!("data: a{end}data: b{end}{end}");
        for at in 0..event.len() {
            let text = event.repeat(3);
            let (one, other) = text.split_at(at);
            let mut open = OpenEvent::default();
            let longest = [one, other].map(|chunk| open.extend(&Bytes::copy_from_slice(chunk.as_bytes())));
            // The second byte of a line break belongs to the next event.
            assert!(longest.iter().all(|bytes| *bytes <= event.len() + 1), "{longest:?} at {at}: {event:?}");
            assert!(open.bytes <= 1, "{event:?}");
        }
    }
}
