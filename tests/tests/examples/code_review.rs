//! code-review: one model writes, another one checks, at most twice.

use openclaw::domain::Provider::{Anthropic, OpenAi};
use serde_json::json;

use crate::world::{World, path, turn};

const CHANGE: &str = "def mean(values):\n    return sum(values) / len(values)";

#[tokio::test]
async fn findings_that_are_agreed_on_take_one_round() {
    let world = World::of("code-review");
    world.says(OpenAi, &["Line 2: an empty list divides by zero."]);
    world.says(Anthropic, &["AGREED"]);
    let answer = world.ask("code-review", json!({ "prompt": CHANGE })).await;
    let expected = ["generate review openai end_turn", "generate check anthropic end_turn", "decision judge done"];
    assert_eq!(path(&answer), expected);
    world.judged(&answer, &[]);
    let output = "Line 2: an empty list divides by zero.\n\nRounds: 1. Both models agree.";
    assert_eq!(answer.text_of("output").trim_end(), output);
    let asked = world.asked(Anthropic);
    assert!(asked[0].contains(CHANGE) && asked[0].contains("an empty list divides by zero"), "{asked:?}");
    assert_eq!(world.stored(&answer).await, turn(CHANGE, answer.text_of("output")));
}

#[tokio::test]
async fn an_objection_sends_the_review_back_once() {
    let world = World::of("code-review");
    world.says(OpenAi, &["Nothing.", "Line 2: an empty list divides by zero.", "a third review"]);
    world.says(Anthropic, &["Line 2 fails for an empty list.", "One finding is missing.", "a third check"]);
    let answer = world.ask("code-review", json!({ "prompt": CHANGE })).await;
    let round = ["generate review openai end_turn", "generate check anthropic end_turn"];
    let expected = [&round[..], &["decision judge review"], &round[..], &["decision judge done"]].concat();
    assert_eq!(path(&answer), expected, "never a third round");
    world.judged(&answer, &[]);
    let asked = world.asked(OpenAi);
    assert!(
        !asked[0].contains("objects") && asked[1].contains("objects to your last findings: Line 2 fails"),
        "{asked:?}"
    );
    let output = answer.text_of("output");
    assert!(output.starts_with("Line 2: an empty list divides by zero.\n\nRounds: 2. "), "{output}");
    assert!(output.contains("The second model objects: One finding is missing."), "{output}");
    assert_eq!(world.stored(&answer).await, turn(CHANGE, output), "earlier drafts are not stored");
}
