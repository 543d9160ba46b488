//! Agents with state graphs, buffered and streamed.

use openclaw::domain::Message;
use openclaw::llm::LlmError;
use openclaw::testing::{Operation, Script, StreamEnd, word_deltas};
use serde_json::{Value, json};

use crate::world::{Answer, Request, World};

const AGENTS: &str = "
  - name: reviewed
    states:
      start: { type: input, next: draft }
      draft: { type: action, action: generate, prompt: 'Draft: {{ input.prompt }}', next: judge }
      judge:
        type: decision
        branches: [{ when: \"'bad' in states.draft.output\", next: draft }]
        otherwise: reply
      reply: { type: action, action: generate, prompt: 'Polish: {{ states.draft.output }}', next: done }
      done: { type: output, text: '{{ states.reply.output }}' }
  - name: signed
    states:
      start: { type: input, next: reply }
      reply: { type: action, action: generate, next: done, on_error: sorry }
      sorry: { type: output, text: 'Sorry, {{ caller.tenant }}.' }
      done: { type: output, text: '{{ states.reply.output }} -- {{ input.metadata.signature }}' }
  - name: sorted
    states:
      start: { type: input, next: sort }
      sort: { type: decision, branches: [{ when: \"'a' in input.prompt\", next: done }], otherwise: other }
      done: { type: output, text: 'an a' }
      other: { type: output, text: 'no a' }
  - name: bomb
    states:
      start: { type: input, next: done }
      done: { type: output, text: '{{ (input.prompt * 1000000) * 1000000 }}' }
";

fn world() -> World {
    World::with_agents(AGENTS)
}

fn script(world: &World, texts: &[&str]) {
    for text in texts {
        world.model.then(Script::Stream(word_deltas(text), StreamEnd::Close));
    }
}

fn steps(answer: &Value) -> Vec<(&str, &str)> {
    let member = |step: &'_ Value, name: &str| step[name].as_str().map(str::to_owned).unwrap_or_default();
    let steps = answer["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| !member(step, "name").is_empty()));
    steps.iter().map(|step| (step["name"].as_str().unwrap(), step["outcome"].as_str().unwrap())).collect()
}

fn asked(world: &World) -> Vec<String> {
    let requests = world.model.requests();
    requests.iter().map(|request| request.prompt.messages.last().map(Message::plain_text).unwrap_or_default()).collect()
}

async fn streamed(world: &World, agent: &str, body: Value) -> Answer {
    world.send(&Request::post(&format!("{agent}/stream"), body).token(world.token("alice"))).await
}

#[tokio::test]
async fn a_run_follows_its_graph() {
    let world = world();
    script(&world, &["a bad one", "a good one", "Here you are"]);
    let answer = world.turn("alice", "reviewed", json!({ "prompt": "a poem" })).await;
    assert_eq!((answer.status, answer.text_of("output")), (200, "Here you are"));
    let expected =
        [("draft", "end_turn"), ("judge", "draft"), ("draft", "end_turn"), ("judge", "reply"), ("reply", "end_turn")];
    assert_eq!(steps(&answer.body), expected);
    assert_eq!(asked(&world), ["Draft: a poem", "Draft: a poem", "Polish: a good one"]);
    let stored = world.get("alice", &format!("/v1/conversations/{}", answer.text_of("conversation_id"))).await;
    let texts: Vec<&str> =
        stored.body["messages"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["a poem", "Here you are"], "drafts are not stored");
}

#[tokio::test]
async fn the_state_that_feeds_the_output_streams() {
    let world = world();
    script(&world, &["a good one", "Here you are"]);
    let events = streamed(&world, "reviewed", json!({ "prompt": "a poem" })).await.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", "step", "step", "delta", "delta", "delta", "step", "end"]);
    let text: String = events.iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    assert_eq!(text, "Here you are");
}

#[tokio::test]
async fn a_graph_without_a_model_streams_its_steps_too() {
    let events = streamed(&world(), "sorted", json!({ "prompt": "banana" })).await.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", "step", "delta", "end"]);
    assert_eq!((&events[1].1["name"], &events[1].1["outcome"]), (&json!("sort"), &json!("done")));
}

#[tokio::test]
async fn an_output_of_other_text_than_a_generations_is_one_delta_before_the_end() {
    let world = world();
    script(&world, &["Good day"]);
    let body = json!({ "prompt": "hi", "metadata": { "signature": "The team" } });
    let events = streamed(&world, "signed", body).await.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", "step", "delta", "end"]);
    assert_eq!(events[2].1["text"], "Good day -- The team");
}

#[tokio::test]
async fn a_failed_state_goes_to_on_error() {
    for streams in [false, true] {
        let world = world();
        world.model_fails(|| LlmError::Malformed("test"));
        let body = json!({ "prompt": "hi" });
        if streams {
            let events = streamed(&world, "signed", body).await.events();
            let texts: Vec<&str> = events.iter().filter_map(|(_, data)| data["text"].as_str()).collect();
            assert_eq!(texts, ["Sorry, acme."]);
        } else {
            let answer = world.turn("alice", "signed", body).await;
            assert_eq!((answer.status, answer.text_of("output")), (200, "Sorry, acme."));
            assert_eq!(steps(&answer.body), [("reply", "failed")]);
        }
    }
}

#[tokio::test]
async fn metadata_that_a_state_reads_is_required() {
    let world = world();
    let answer = world.turn("alice", "signed", json!({ "prompt": "hi", "metadata": { "other": "x" } })).await;
    answer.is_problem(422, "invalid-request");
    assert_eq!(answer.body["errors"][0]["pointer"], "/metadata/signature");
    assert_eq!(world.store.calls(Operation::Commit), 0);
}

#[tokio::test]
async fn a_template_bomb_fails_the_run_and_names_its_state() {
    let world = world();
    let detail =
        world.turn("alice", "bomb", json!({ "prompt": "boom" })).await.is_problem(500, "graph-failed").to_owned();
    assert!(detail.contains("the state done"), "{detail}");
    assert!(!detail.contains("boom"), "{detail}");
    assert_eq!(world.store.calls(Operation::Commit), 0);
    let streamed = streamed(&world, "bomb", json!({ "prompt": "boom" })).await;
    streamed.is_problem(500, "graph-failed");
}

#[tokio::test]
async fn a_repeated_request_returns_the_output_of_the_graph() {
    let world = world();
    script(&world, &["Good day"]);
    let body = json!({ "prompt": "hi", "metadata": { "signature": "The team" } });
    let request = Request::post("signed", body).token(world.token("alice")).header("idempotency-key", "k");
    let first = world.send(&request).await;
    assert_eq!(world.send(&request).await.body, first.body);
    assert_eq!((first.text_of("output"), world.model.requests().len()), ("Good day -- The team", 1));
}

#[tokio::test]
async fn an_agent_shows_its_graph() {
    let world = world();
    let agent = world.get("alice", "/v1/agents/reviewed").await.body;
    let states = agent["graph"]["states"].as_array().unwrap();
    let judge = json!({ "name": "judge", "type": "decision", "next": ["draft", "reply"] });
    let reply = json!({ "name": "reply", "type": "action", "action": "generate", "next": ["done"] });
    assert!(states.contains(&judge) && states.contains(&reply), "{states:?}");
    let mermaid = agent["graph"]["mermaid"].as_str().unwrap();
    assert!(mermaid.starts_with("stateDiagram-v2\n") && !mermaid.contains("bad"), "{mermaid}");
    let plain = world.get("alice", "/v1/agents/default").await.body;
    assert_eq!(plain["graph"]["states"].as_array().map(Vec::len), Some(3));
}
