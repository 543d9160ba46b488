use serde_json::json;

use super::*;
use crate::llm::test_support::*;

fn read_after(prompt: &Prompt, text: &str) -> Result<Generation, LlmError> {
    let ids = &mut CallIds::after(prompt);
    from_wire(serde_json::from_str(text).unwrap(), ids, model(Provider::Ollama, "llama3.2"))
}

fn read(text: &str) -> Result<Generation, LlmError> {
    read_after(&plain_prompt(), text)
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
    let id = ModelId::new("llama3.2");
    let plain = to_wire(&id, &request(plain_prompt(), None, 64), None, false);
    let tools = to_wire(&id, &request(tools_prompt(), temperature(0.5), 1024), Some(8192), true);
    golden("one turn", || insta::assert_json_snapshot!("plain.request", plain));
    golden("several turns with tools", || insta::assert_json_snapshot!("tools.request", tools));
}

#[test]
fn responses_are_converted() {
    let text = read(include_str!("golden/text.response.json")).unwrap();
    let tools = read(include_str!("golden/tools.response.json")).unwrap();
    golden("an answer", || insta::assert_json_snapshot!("text.generation", shown(&text)));
    golden("an answer with tools", || insta::assert_json_snapshot!("tools.generation", shown(&tools)));
}

#[test]
fn ids_continue_those_of_the_conversation() {
    let answer = read_after(&tools_prompt(), include_str!("golden/tools.response.json")).unwrap();
    let ids: Vec<_> = answer.message.tool_calls().map(|call| call.id.as_str()).collect();
    assert_eq!(ids, ["call_3", "call_4"]);
}

#[test]
fn every_done_reason_is_converted() {
    let reason = |reason: &str| {
        read(&json!({"message": {"content": "x"}, "done": true, "done_reason": reason}).to_string())
            .map(|answer| answer.finish)
    };
    assert_eq!(reason("stop").unwrap(), FinishReason::EndTurn);
    assert_eq!(reason("length").unwrap(), FinishReason::MaxTokens);
    assert_eq!(reason("a_later_reason").unwrap(), FinishReason::EndTurn);
    assert!(matches!(reason("load"), Err(LlmError::Malformed(_))));
    assert!(matches!(reason("unload"), Err(LlmError::Malformed(_))));
}

#[test]
fn a_response_that_is_not_done_is_truncated() {
    assert!(matches!(read(r#"{"message":{"content":"x"}}"#), Err(LlmError::BrokenOff(_))));
}

#[test]
fn an_error_with_http_200_is_an_error() {
    assert!(matches!(read(r#"{"error":"no such thing"}"#), Err(LlmError::Rejected { status: 500, code: None, .. })));
}

#[test]
fn variants_of_newer_and_compatible_servers_are_accepted() {
    let calls = json!([
        {"id": "given", "function": {"name": "a", "arguments": "{\"x\":1}"}},
        {"function": {"name": "b"}},
    ]);
    let answer = read(&json!({"message": {"tool_calls": calls}, "done": true}).to_string()).unwrap();
    let calls: Vec<_> = answer.message.tool_calls().map(|call| (call.id.as_str(), call.arguments.clone())).collect();
    assert_eq!(calls, [("given", json!({"x": 1})), ("call_0", json!({}))]);
    assert_eq!(answer.finish, FinishReason::ToolCalls);
}
