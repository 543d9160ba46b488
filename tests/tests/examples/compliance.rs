//! compliance: policies and a policy model are asked before a payment is sent.

use openclaw::domain::Provider::{Bedrock, OpenAi};
use openclaw::testing::Reaction;
use serde_json::{Value, json};

use crate::world::{Answer, World, path, turn};

const PROMPT: &str = "Please pay this invoice.";

async fn pay(world: &World, country: &str, amount: u32) -> Answer {
    let metadata = json!({ "supplier": "Nordwind GmbH", "country": country, "amount": amount.to_string() });
    world.ask("compliance", json!({ "prompt": PROMPT, "metadata": metadata })).await
}

fn payment(country: &str, amount: u32) -> Value {
    json!({ "supplier": "Nordwind GmbH", "country": country, "amount": amount })
}

fn accept_payment(world: &World) {
    let accepted = world.local("http/payments.json")["routes"][0]["body"].clone();
    world.reacts("pay", Reaction::Answer(accepted));
}

#[tokio::test]
async fn a_payment_that_both_allow_is_sent() {
    let world = World::of("compliance");
    accept_payment(&world);
    world.says(OpenAi, &["allow"]);
    let answer = pay(&world, "DE", 250).await;
    assert_eq!(path(&answer), ["policy opinion openai allow", "action pay succeeded"]);
    world.judged(&answer, &[("pay", "succeeded", &[])]);
    assert_eq!(world.calls("pay"), [payment("DE", 250)]);
    let question: Value = serde_json::from_str(&world.asked(OpenAi)[0]).unwrap();
    assert_eq!(question["arguments"], payment("DE", 250));
    assert_eq!(question["origins"], json!({ "supplier": "caller", "country": "caller", "amount": "caller" }));
    assert_eq!(answer.text_of("output"), "Paid. The payment's number is P-4711.");
    assert_eq!(world.stored(&answer).await, turn(PROMPT, "Paid. The payment's number is P-4711."));
}

#[tokio::test]
async fn a_forbidden_payment_is_refused_with_the_policy_and_never_sent() {
    let world = World::of("compliance");
    let answer = pay(&world, "KP", 250).await;
    answer.is_problem(403, "forbidden");
    world.judged(&answer, &[("pay", "denied", &["sanctioned-country"])]);
    assert!(world.asked(OpenAi).is_empty(), "the policy model is not asked about what is denied already");

    world.says(OpenAi, &["allow", "deny", "It depends."]);
    let answer = pay(&world, "DE", 10_001).await;
    answer.is_problem(403, "forbidden");
    world.judged(&answer, &[("pay", "needs-approval", &["large-payment"])]);

    for opinion in ["deny", "unclear"] {
        let answer = pay(&world, "DE", 250).await;
        answer.is_problem(403, "forbidden");
        world.judged(&answer, &[("pay", "denied", &["strict-opinion"])]);
        assert!(world.calls("pay").is_empty(), "{opinion}");
    }
    assert_eq!(world.asked(OpenAi).len(), 3);
}

#[tokio::test]
async fn a_payment_that_a_model_proposes_is_judged_alike() {
    let world = World::of("compliance");
    world.proposes(Bedrock, "pay", payment("KP", 250));
    world.proposes(Bedrock, "pay", payment("DE", 250));
    world.says(Bedrock, &["The second one is paid; sanctioned-country refused the first one."]);
    world.says(OpenAi, &["allow"]);
    accept_payment(&world);
    let body = json!({ "prompt": "Pay Nordwind GmbH 250 euros, in KP or else in DE." });
    let answer = world.ask("clerk", body).await;
    let expected = [
        "generate generate bedrock tool_calls",
        "policy pay denied",
        "generate generate bedrock tool_calls",
        "policy opinion openai allow",
        "action pay succeeded",
        "generate generate bedrock end_turn",
    ];
    assert_eq!(path(&answer), expected);
    world.judged(&answer, &[("pay", "denied", &["sanctioned-country"]), ("pay", "succeeded", &[])]);
    assert_eq!(world.calls("pay"), [payment("DE", 250)]);
}
