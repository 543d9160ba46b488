//! support: a ticket is read, and the question decides who answers.

use openclaw::actions::ActionError;
use openclaw::domain::Provider::{Anthropic, Bedrock, OpenAi};
use openclaw::testing::Reaction;
use serde_json::{Value, json};

use crate::world::{Answer, World, path, turn};

async fn ask(world: &World, prompt: &str, ticket: &str) -> Answer {
    world.ask("support", json!({ "prompt": prompt, "metadata": { "ticket": ticket } })).await
}

/// Lets the table have the first ticket of the local cloud's.
fn find_ticket(world: &World) {
    let table = world.local("tables/tickets.json");
    assert_eq!(table["items"][0]["id"], "T-1001");
    world.reacts("ticket", Reaction::Answer(table["items"][0].clone()));
}

#[tokio::test]
async fn a_general_question_goes_to_openai_with_the_ticket() {
    let world = World::of("support");
    find_ticket(&world);
    world.says(OpenAi, &["I am sorry about the smoke. Your new printer is on its way."]);
    let answer = ask(&world, "When do I get another printer?", "T-1001").await;
    let expected = ["action ticket succeeded", "decision route reply", "generate reply openai end_turn"];
    assert_eq!(path(&answer), expected);
    world.judged(&answer, &[("ticket", "succeeded", &[])]);
    assert_eq!(world.calls("ticket"), [json!({ "id": "T-1001" })]);
    let asked = world.asked(OpenAi);
    assert!(asked[0].contains("When do I get another printer?") && asked[0].contains("smells of smoke"), "{asked:?}");
    let output = "I am sorry about the smoke. Your new printer is on its way.";
    assert_eq!(world.stored(&answer).await, turn("When do I get another printer?", output));
    assert!(world.asked(Bedrock).is_empty() && world.asked(Anthropic).is_empty());
}

#[tokio::test]
async fn a_question_about_the_policy_goes_to_bedrock() {
    let world = World::of("support");
    find_ticket(&world);
    world.says(Bedrock, &["It is replaced within two days."]);
    let answer = ask(&world, "What does your Policy say?", "T-1001").await;
    let expected = ["action ticket succeeded", "decision route policy", "generate policy bedrock end_turn"];
    assert_eq!(path(&answer), expected);
    world.judged(&answer, &[("ticket", "succeeded", &[])]);
    assert_eq!(world.calls("ticket"), [json!({ "id": "T-1001" })]);
    assert!(world.asked(Bedrock)[0].contains("replaced within two days") && world.asked(OpenAi).is_empty());
    let stored = turn("What does your Policy say?", "It is replaced within two days.");
    assert_eq!(world.stored(&answer).await, stored);
}

#[tokio::test]
async fn without_a_ticket_no_model_is_asked() {
    let world = World::of("support");
    world.reacts("ticket", Reaction::Answer(Value::Null));
    let answer = ask(&world, "Where is it?", "T-2001").await;
    assert_eq!(path(&answer), ["action ticket succeeded", "decision route unknown"]);
    world.judged(&answer, &[("ticket", "succeeded", &[])]);
    assert_eq!(answer.text_of("output"), "We have no ticket T-2001.");

    world.reacts("ticket", Reaction::Fail(ActionError::Unreachable));
    let answer = ask(&world, "Where is it?", "T-1001").await;
    assert_eq!(answer.text_of("output"), "We cannot read tickets at the moment. Please try again.");
    world.judged(&answer, &[("ticket", "failed", &[])]);

    let answer = ask(&world, "Where is it?", "1001 or any other").await;
    assert_eq!(answer.text_of("output").trim(), "A ticket's number looks like T-1001.");
    world.judged(&answer, &[("ticket", "denied", &["invalid-arguments"])]);
    assert_eq!(world.calls("ticket").len(), 2, "that one was not sent");
    assert!(world.asked(OpenAi).is_empty() && world.asked(Bedrock).is_empty());
}
