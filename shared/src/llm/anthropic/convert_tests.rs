use super::*;
use crate::llm::test_support::*;

fn served_by() -> ModelRef {
    model(Provider::Anthropic, "claude-sonnet-4-5")
}

fn read(text: &str) -> Result<Generation, LlmError> {
    from_wire(serde_json::from_str(text).unwrap(), served_by())
}

fn golden(name: &str, assertion: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_sort_maps(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(name);
    settings.bind(assertion);
}

#[test]
fn requests_match_the_api() {
    let id = ModelId::new("claude-sonnet-4-5");
    let plain = to_wire(&id, &request(plain_prompt(), None, 64), false);
    let tools = to_wire(&id, &request(tools_prompt(), temperature(0.5), 1024), true);
    golden("one turn", || insta::assert_json_snapshot!("plain.request", plain));
    golden("several turns with tools", || insta::assert_json_snapshot!("tools.request", tools));
}

#[test]
fn responses_are_converted() {
    let text = read(include_str!("golden/text.response.json")).unwrap();
    let tools = read(include_str!("golden/tools.response.json")).unwrap();
    golden("a recorded answer", || insta::assert_json_snapshot!("text.generation", shown(&text)));
    golden("an answer with tools", || insta::assert_json_snapshot!("tools.generation", shown(&tools)));
}

#[test]
fn every_stop_reason_is_converted() {
    let reason = |reason: &str| {
        let text = format!(r#"{{"content":[],"stop_reason":"{reason}","usage":{{}}}}"#);
        read(&text).unwrap().finish
    };
    assert_eq!(reason("end_turn"), FinishReason::EndTurn);
    assert_eq!(reason("max_tokens"), FinishReason::MaxTokens);
    assert_eq!(reason("model_context_window_exceeded"), FinishReason::MaxTokens);
    assert_eq!(reason("stop_sequence"), FinishReason::StopSequence);
    assert_eq!(reason("tool_use"), FinishReason::ToolCalls);
    assert_eq!(reason("refusal"), FinishReason::Policy);
    assert_eq!(reason("pause_turn"), FinishReason::EndTurn);
    assert_eq!(reason("a_later_reason"), FinishReason::EndTurn);
}

#[test]
fn a_response_without_stop_reason_is_unusable() {
    let answer = read(r#"{"content":[],"stop_reason":null,"usage":{"input_tokens":7,"output_tokens":2}}"#);
    let Err(LlmError::Unusable { usage, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!((usage.input_tokens, usage.output_tokens), (7, 2), "billed all the same");
}
