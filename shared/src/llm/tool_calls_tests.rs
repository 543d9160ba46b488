use serde_json::json;

use super::*;
use crate::llm::test_support::tools_prompt;

#[test]
fn invalid_arguments_are_kept_as_text() {
    assert_eq!(parse_arguments(""), json!({}));
    assert_eq!(parse_arguments(" \n"), json!({}));
    assert_eq!(parse_arguments("{\"a\":1}"), json!({"a": 1}));
    assert_eq!(parse_arguments("[1]"), json!([1]));
    assert_eq!(parse_arguments("{\"a\":"), json!("{\"a\":"));
}

#[test]
fn arguments_are_sent_as_an_object() {
    assert_eq!(arguments_object(&json!({"a": 1})), json!({"a": 1}));
    assert_eq!(arguments_object(&json!("{\"a\":")), json!({"invalid_arguments": "{\"a\":"}));
}

#[test]
fn generated_ids_are_unique_and_repeatable() {
    let next = || CallIds::after(&tools_prompt()).or_next(None);
    assert_eq!((next(), next()), (ToolCallId::new("call_3"), ToolCallId::new("call_3")));
    let mut ids = CallIds::after(&Prompt::default());
    let given = [None, Some(String::new()), Some("toolu_1".to_owned()), None].map(|id| ids.or_next(id));
    assert_eq!(given, ["call_0", "call_1", "toolu_1", "call_2"].map(ToolCallId::new));
}
