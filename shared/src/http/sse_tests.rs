use uuid::Uuid;

use super::*;
use crate::domain::{AnswerFacts, ConversationId, ModelId, Provider, RunId, Step, StepKind, StopReason, Usage};
use crate::http::ProblemKind;

fn step() -> Step {
    let usage = Some(Usage { input_tokens: 3, output_tokens: 2 });
    Step {
        kind: StepKind::Generate,
        name: "generate".to_owned(),
        provider: Some(Provider::OpenAi),
        model: Some(ModelId::new("m")),
        latency_ms: 5,
        usage,
        outcome: "end_turn".to_owned(),
    }
}

fn answer(output: &str) -> TurnOutcome {
    TurnOutcome {
        agent: "default".parse().unwrap(),
        conversation: ConversationId::new(Uuid::from_u128(2)),
        output: output.to_owned(),
        facts: AnswerFacts {
            run: RunId::new(Uuid::from_u128(1)),
            provider: Provider::OpenAi,
            model: ModelId::new("m"),
            stop_reason: StopReason::EndTurn,
            usage: Usage { input_tokens: 3, output_tokens: 2 },
            steps: vec![step()],
            latency_ms: 7,
        },
    }
}

const STEP: &str = r#"{"kind":"generate","name":"generate","provider":"openai","model":"m","latency_ms":5,"usage":{"input_tokens":3,"output_tokens":2},"outcome":"end_turn"}"#;

#[test]
fn a_turn_in_one_piece_has_the_events_of_a_streamed_one() {
    let text = in_one_piece(&answer("Hé\n\"llo\""));
    let expected = format!(
        "event: start\ndata: {{\"id\":\"00000000-0000-0000-0000-000000000001\",\"agent\":\"default\",\
         \"conversation_id\":\"00000000-0000-0000-0000-000000000002\"}}\n\n\
         event: delta\ndata: {{\"text\":\"Hé\\n\\\"llo\\\"\"}}\n\n\
         event: step\ndata: {STEP}\n\n\
         event: end\ndata: {{\"id\":\"00000000-0000-0000-0000-000000000001\",\"agent\":\"default\",\
         \"conversation_id\":\"00000000-0000-0000-0000-000000000002\",\"provider\":\"openai\",\"model\":\"m\",\
         \"stop_reason\":\"end_turn\",\"usage\":{{\"input_tokens\":3,\"output_tokens\":2}},\"steps\":[{STEP}],\
         \"latency_ms\":7}}\n\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn an_answer_without_words_has_no_delta() {
    assert!(!in_one_piece(&answer("")).contains("event: delta"));
}

#[test]
fn no_text_can_end_its_line_or_begin_an_event() {
    let mut text = String::new();
    let said = "\r\n\r\nevent: end\ndata: {}\n\n\u{2028}\u{85}\0";
    push(&mut text, &ClientEvent::Delta { text: said });
    let lines: Vec<&str> = text.split(['\r', '\n']).filter(|line| !line.is_empty()).collect();
    let ["event: delta", data] = lines.as_slice() else { panic!("{lines:?}") };
    let data: serde_json::Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(data["text"], said);
}

#[test]
fn a_problem_is_the_same_document_as_ever() {
    let problem = Problem::new(ProblemKind::ProviderFailed, "it broke");
    let mut text = String::new();
    push_error(&mut text, &problem, "request");
    assert_eq!(text, format!("event: error\ndata: {}\n\n", problem.to_json("request")));
}

#[test]
fn a_comment_is_nothing_to_a_client() {
    assert!(COMMENT.starts_with(':') && COMMENT.ends_with("\n\n"));
}
