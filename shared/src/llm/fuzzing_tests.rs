use proptest::prelude::*;

type Target = fn(&[u8]);

const TARGETS: [(Target, &str, &str); 3] = [
    (super::anthropic, include_str!("anthropic/golden/text.sse"), include_str!("anthropic/golden/tools.sse")),
    (super::openai, include_str!("openai/golden/text.sse"), include_str!("openai/golden/tools.sse")),
    (super::ollama, include_str!("ollama/golden/text.ndjson"), include_str!("ollama/golden/tools.ndjson")),
];

/// Returns a real response with some bytes changed, some removed, and its end cut off.
fn corrupted(text: &str, size: u8, changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, byte) in changes {
        let at = at % bytes.len();
        if *byte == 0 {
            bytes.remove(at);
        } else {
            bytes[at] = *byte;
        }
    }
    bytes.truncate(bytes.len().saturating_sub(cut % bytes.len()));
    bytes.insert(0, size);
    bytes
}

#[test]
fn real_responses_are_decoded_from_any_chunks() {
    for (target, text, tools) in TARGETS {
        for size in 1..=255 {
            target(&corrupted(text, size, &[], 0));
            target(&corrupted(tools, size, &[], 0));
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_generation_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for (target, ..) in TARGETS {
            target(&bytes);
        }
    }

    #[test]
    fn corrupted_responses_are_a_generation_or_an_error(
        size in any::<u8>(),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 0..6),
        cut in prop_oneof![Just(0), any::<usize>()],
    ) {
        for (target, text, tools) in TARGETS {
            target(&corrupted(text, size, &changes, cut));
            target(&corrupted(tools, size, &changes, cut));
        }
    }

    #[test]
    fn arbitrary_frames_are_a_generation_or_an_error(
        size in any::<u8>(),
        lines in prop::collection::vec(
            prop_oneof![
                Just("\n".to_owned()), Just("\r\n\r\n".to_owned()), Just("data: ".to_owned()), Just("data: [DONE]\n\n".to_owned()),
                Just(": x\n".to_owned()), Just("event: error\n".to_owned()), Just("\u{feff}".to_owned()), Just("data: {}\n\n".to_owned()),
                "\\PC{0,20}",
            ],
            0..20,
        ),
    ) {
        let text = lines.concat();
        for (target, ..) in TARGETS {
            target(&[&[size], text.as_bytes()].concat());
        }
    }
}
