//! translate: an action of one's own, by the graph and as a tool.

use openclaw::actions::ActionError;
use openclaw::domain::Provider::Bedrock;
use openclaw::testing::Reaction;
use serde_json::json;

use crate::world::{World, path, turn};

fn translation() -> Reaction {
    Reaction::Answer(json!({ "text": "Hola, mundo!", "language": "es" }))
}

#[tokio::test]
async fn the_graph_translates_without_a_model() {
    let world = World::of("translate");
    world.reacts("translate", translation());
    let answer = world.ask("translate", json!({ "prompt": "Hello, world!" })).await;
    assert_eq!(path(&answer), ["action translate succeeded"]);
    world.judged(&answer, &[("translate", "succeeded", &[])]);
    assert_eq!(world.calls("translate"), [json!({ "text": "Hello, world!" })], "args are not an argument");
    assert_eq!(world.stored(&answer).await, turn("Hello, world!", "Hola, mundo!"));
    assert!(world.asked(Bedrock).is_empty());
    world.reacts("translate", Reaction::Fail(ActionError::TimedOut));
    world.ask("translate", json!({ "prompt": "Hello" })).await.is_problem(502, "action-failed");
}

#[tokio::test]
async fn a_model_translates_with_the_tool() {
    let world = World::of("translate");
    world.reacts("translate", translation());
    world.proposes(Bedrock, "translate", json!({ "text": "Hello, world!" }));
    world.says(Bedrock, &["It is \"Hola, mundo!\"."]);
    let answer = world.ask("assistant", json!({ "prompt": "What is \"Hello, world!\" in Spanish?" })).await;
    let expected =
        ["generate generate bedrock tool_calls", "action translate succeeded", "generate generate bedrock end_turn"];
    assert_eq!(path(&answer), expected);
    world.judged(&answer, &[("translate", "succeeded", &[])]);
    assert_eq!(answer.text_of("output"), "It is \"Hola, mundo!\".");
}
