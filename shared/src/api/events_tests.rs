use uuid::Uuid;

use super::*;
use crate::domain::{ConversationId, ModelId, Provider, RunId, RunSummary, Step, StepKind, StopReason, Usage};
use crate::http::{ProblemKind, sse::COMMENT};

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
        policy_ids: std::collections::BTreeSet::new(),
    }
}

fn outcome(output: &str) -> TurnOutcome {
    TurnOutcome {
        agent: "default".parse().unwrap(),
        conversation: ConversationId::new(Uuid::from_u128(2)),
        output: output.to_owned(),
        facts: RunSummary {
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
fn buffered_events_are_those_of_a_streamed_run() {
    let text = buffered_events(&outcome("Hé\n\"llo\""));
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
fn an_empty_output_has_no_delta() {
    assert!(!buffered_events(&outcome("")).contains("event: delta"));
}

#[test]
fn text_cannot_end_its_line_or_begin_an_event() {
    let mut text = String::new();
    let said = "\r\n\r\nevent: end\ndata: {}\n\n\u{2028}\u{85}\0";
    ClientEvent::Delta { text: said }.push_to(&mut text);
    let lines: Vec<&str> = text.split(['\r', '\n']).filter(|line| !line.is_empty()).collect();
    let ["event: delta", data] = lines.as_slice() else { panic!("{lines:?}") };
    let data: serde_json::Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(data["text"], said);
}

#[test]
fn an_error_event_carries_the_problem_document() {
    let problem = Problem::new(ProblemKind::ProviderFailed, "it broke");
    let mut text = String::new();
    push_error(&mut text, &problem, "request");
    assert_eq!(text, format!("event: error\ndata: {}\n\n", problem.to_json("request")));
}

#[test]
fn clients_skip_the_keep_alive_comment() {
    assert!(COMMENT.starts_with(':') && COMMENT.ends_with("\n\n"));
}
