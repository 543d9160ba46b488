//! search-then-summarise: the sources are those of the search, whatever the model says.

use openclaw::actions::ActionError;
use openclaw::domain::Provider::OpenAi;
use openclaw::testing::Reaction;
use serde_json::json;

use crate::world::{World, path, turn};

const NAME: &str = "search-then-summarise";

#[tokio::test]
async fn a_summary_has_its_sources() {
    let world = World::of(NAME);
    let found = world.local("http/search.json")["routes"][1]["body"]["results"].clone();
    assert_eq!(found[0]["title"], "Travel handbook");
    world.reacts("search", Reaction::Answer(found));
    world.says(OpenAi, &["Yes, above four hours."]);
    let answer = world.ask(NAME, json!({ "prompt": "Are first class trains paid?" })).await;
    let expected = ["action search succeeded", "decision found summarise", "generate summarise openai end_turn"];
    assert_eq!(path(&answer), expected);
    world.judged(&answer, &[("search", "succeeded", &[])]);
    assert_eq!(world.calls("search"), [json!({ "query": "Are first class trains paid?" })]);
    let asked = world.asked(OpenAi);
    assert!(asked[0].contains("Document 1, Travel handbook: Trains are booked in second class."), "{asked:?}");
    let output = "Yes, above four hours.\n\nSources:\n\
                  - Travel handbook, https://intranet.example.com/travel\n\
                  - Expenses in ten minutes, https://intranet.example.com/expenses\n";
    assert_eq!(answer.text_of("output").trim_end(), output.trim_end());
    assert_eq!(world.stored(&answer).await, turn("Are first class trains paid?", answer.text_of("output")));
}

#[tokio::test]
async fn without_documents_no_model_is_asked() {
    let world = World::of(NAME);
    world.reacts("search", Reaction::Answer(json!([])));
    let answer = world.ask(NAME, json!({ "prompt": "unicorns" })).await;
    assert_eq!(path(&answer), ["action search succeeded", "decision found nothing"]);
    world.judged(&answer, &[("search", "succeeded", &[])]);
    assert_eq!(answer.text_of("output"), "The documents say nothing about this.");

    world.reacts("search", Reaction::Fail(ActionError::TimedOut));
    let answer = world.ask(NAME, json!({ "prompt": "trains" })).await;
    assert_eq!(answer.text_of("output").trim(), "The search does not answer at the moment. Please try again.");
    world.judged(&answer, &[("search", "failed", &[])]);

    let answer = world.ask(NAME, json!({ "prompt": "trains ".repeat(50) })).await;
    assert_eq!(answer.text_of("output").trim(), "Please ask in at most 300 characters.");
    world.judged(&answer, &[("search", "denied", &["invalid-arguments"])]);
    assert!(world.asked(OpenAi).is_empty());
}
