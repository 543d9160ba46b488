use serde_json::json;

use super::*;
use crate::llm::test_support::*;

fn read(text: &str) -> Result<Generation, LlmError> {
    let ids = &mut CallIds::after(&plain_prompt());
    from_wire(serde_json::from_str(text).unwrap(), ids, model(Provider::OpenAi, "gpt-4o"))
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
    let plain = to_wire(&ModelId::new("gpt-4o"), &request(plain_prompt(), None, 64), false);
    let tools = to_wire(&ModelId::new("o3-mini"), &request(tools_prompt(), temperature(1.0), 1024), true);
    golden("one turn", || insta::assert_json_snapshot!("plain.request", plain));
    golden("several turns with tools, a reasoning model", || insta::assert_json_snapshot!("tools.request", tools));
}

#[test]
fn responses_are_converted() {
    let text = read(include_str!("golden/text.response.json")).unwrap();
    let tools = read(include_str!("golden/tools.response.json")).unwrap();
    golden("a recorded answer", || insta::assert_json_snapshot!("text.generation", shown(&text)));
    golden("an answer with tools", || insta::assert_json_snapshot!("tools.generation", shown(&tools)));
}

#[test]
fn every_finish_reason_is_converted() {
    let reason = |reason: &str| {
        read(&json!({"choices": [{"message": {"content": "x"}, "finish_reason": reason}]}).to_string()).unwrap().finish
    };
    assert_eq!(reason("stop"), FinishReason::EndTurn);
    assert_eq!(reason("length"), FinishReason::MaxTokens);
    assert_eq!(reason("tool_calls"), FinishReason::ToolCalls);
    assert_eq!(reason("function_call"), FinishReason::ToolCalls);
    assert_eq!(reason("content_filter"), FinishReason::Policy);
    assert_eq!(reason("a_later_reason"), FinishReason::EndTurn);
}

#[test]
fn a_refusal_is_text_with_the_finish_reason_policy() {
    let message = json!({"content": null, "refusal": "I can't help with that."});
    let answer = read(&json!({"choices": [{"message": message, "finish_reason": "stop"}]}).to_string()).unwrap();
    assert_eq!(answer.finish, FinishReason::Policy);
    assert_eq!(answer.message.plain_text(), "I can't help with that.");
}

#[test]
fn variants_of_compatible_servers_are_accepted() {
    let message = json!({
        "content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}],
        "tool_calls": [
            {"function": {"name": "object", "arguments": {"a": 1}}},
            {"id": "", "function": {"name": "bad", "arguments": "{\"a\":"}},
            {"id": "given", "function": {"name": "none"}},
        ],
    });
    let answer = read(&json!({"choices": [{"message": message, "finish_reason": "stop"}]}).to_string()).unwrap();
    assert_eq!(answer.message.plain_text(), "ab");
    assert_eq!(answer.finish, FinishReason::ToolCalls, "calls with the reason stop");
    assert_eq!(answer.usage, Usage::default(), "no usage is zeros");
    let calls: Vec<_> = answer.message.tool_calls().map(|call| (call.id.as_str(), call.arguments.clone())).collect();
    assert_eq!(calls, [("call_0", json!({"a": 1})), ("call_1", json!("{\"a\":")), ("given", json!({}))]);
}

#[test]
fn incomplete_responses_are_unusable() {
    let call = json!({ "function": { "arguments": "{}" } });
    for choices in [
        json!([]),
        json!([{ "message": { "content": "x" }, "finish_reason": null }]),
        json!([{ "message": { "tool_calls": [call] }, "finish_reason": "tool_calls" }]),
    ] {
        let answer = json!({ "choices": choices, "usage": { "prompt_tokens": 7, "completion_tokens": 2 } });
        let read = read(&answer.to_string());
        let Err(LlmError::Unusable { usage, .. }) = read else { panic!("{answer}: {read:?}") };
        assert_eq!((usage.input_tokens, usage.output_tokens), (7, 2), "billed all the same");
    }
}

#[test]
fn an_error_with_http_200_is_an_error() {
    let error = read(r#"{"error":{"code":502,"message":"upstream"}}"#);
    assert!(matches!(error, Err(LlmError::Rejected { status: 502, .. })));
    let error = read(r#"{"error":"free text"}"#);
    assert!(matches!(error, Err(LlmError::Rejected { status: 500, code: None, .. })));
}
