//! The second opinion on a call.

use serde_json::json;

use super::settle_tests::{Bench, step, steps};
use crate::domain::{FinishReason, ToolCall, ToolCallId, ToolName};
use crate::llm::{LlmError, StreamEvent};
use crate::testing::{Script, StreamEnd};

#[tokio::test]
async fn a_second_opinion_can_only_forbid() {
    let say = |text: &str| Script::Say(text.to_owned());
    let cut = |finish| {
        Script::Stream(
            vec![StreamEvent::TextDelta("allow".to_owned()), StreamEvent::Finished(finish)],
            StreamEnd::Close,
        )
    };
    let call = ToolCall { id: ToolCallId::new("c1"), name: ToolName::new("allow"), arguments: json!({}) };
    for (answer, asked) in [
        (say("allow"), "allow"),
        (say("deny"), "deny"),
        (say("perhaps"), "failed"),
        (cut(FinishReason::EndTurn), "allow"),
        // The rest of it is unknown.
        (cut(FinishReason::MaxTokens), "failed"),
        (cut(FinishReason::Policy), "failed"),
        (Script::Call(call), "failed"),
        (Script::Fail(LlmError::Unreachable("test")), "failed"),
    ] {
        let bench = Bench::new().checked();
        bench.checker.then(answer);
        bench.proposes(&[("deploy", json!({})), ("send", json!({ "to": "bob@corp.com" }))]);
        let taken = bench.take("Write to bob@corp.com").await;
        let (outcome, policies) =
            if asked == "allow" { ("succeeded", vec![]) } else { ("denied", vec!["strict-opinion"]) };
        let expected = [
            step("opinion", asked, &[]),
            step("unknown", "denied", &["unknown-action"]),
            step("send", outcome, &policies),
        ];
        assert_eq!(steps(&taken), expected);
        assert_eq!(bench.checker.requests().len(), 1, "it is not asked about what is denied already");
    }
}
