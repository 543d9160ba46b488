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
async fn a_line_over_the_limit_is_malformed() {
    let long = vec![b'a'; MAX_LINE_BYTES + 1];
    let mut two = vec![b'a'; MAX_LINE_BYTES / 2 + 1];
    two.push(b'\n');
    for frames in [events, lines] {
        assert!(matches!(collected(frames(chunks(&long, &[MAX_LINE_BYTES]))).await, Err(LlmError::Malformed(_))));
        let short = [two.clone(), two.clone()].concat();
        assert!(collected(frames(chunks(&short, &[two.len()]))).await.is_ok(), "two lines, each within the bound");
    }
}
