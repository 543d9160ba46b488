//! State graphs in a document.

use super::*;
use crate::agent::{ActionSpec, Graph, State, StateName};

fn with_states(states: &Value) -> Value {
    json!({
        "llm": { "provider": "ollama", "model": "known", "temperature": 1 },
        "providers": { "anthropic": { "model": "claude", "api_key": "k" } },
        "agents": [{ "name": "one", "states": states }],
    })
}

#[track_caller]
fn faults(states: &Value) -> Vec<String> {
    faults_of(with_states(states), &[])
        .into_iter()
        .map(|fault| fault.replace("bundle.json: agents[0].states", ""))
        .collect()
}

#[test]
fn a_graph_is_resolved() {
    let config = good(with_states(&json!({
        "start": { "type": "input", "next": "route" },
        "route": { "type": "decision", "branches": [{ "when": "'policy' in input.prompt", "next": "check" }], "otherwise": "reply" },
        "check": {
            "type": "action", "action": "generate", "llm": { "provider": "anthropic" }, "next": "reply", "on_error": "reply",
            "system": "You serve {{ caller.tenant }}.", "prompt": "Check {{ input.prompt }}", "tools": [], "max_tokens": 5,
        },
        "reply": { "type": "action", "action": "generate", "prompt": "{{ states.check.output }}", "next": "done" },
        "done": { "type": "output" },
    })));
    let graph = &only_agent(&config).graph;
    assert_eq!(graph.start().as_str(), "start");
    let models: Vec<_> = graph.models().map(|(state, choice)| (state.as_str(), choice.model.model.as_str())).collect();
    assert_eq!(models, [("check", "claude")]);
    let State::Action(ActionSpec::Generate(check)) = &graph.node(&StateName::new("check")).unwrap().state else {
        panic!()
    };
    assert_eq!((check.tools.as_deref(), check.max_tokens.map(MaxTokens::get)), (Some([].as_slice()), Some(5)));
    let State::Decision(route) = &graph.node(&StateName::new("route")).unwrap().state else { panic!() };
    assert_eq!((route.branches.len(), route.max_visits), (1, 3));
    assert!(config.providers.contains_key(&Provider::Anthropic), "the provider of a state is configured");
    assert_eq!(
        only_agent(&good(json!({ "llm": { "provider": "ollama", "model": "m" } }))).graph,
        Graph::default_graph()
    );
}

#[test]
fn every_fault_of_a_graph_is_reported_with_its_place() {
    let found = faults(&json!({
        "start": { "type": "input", "next": "one", "text": "x" },
        "one": { "type": "action", "action": "search", "next": "end" },
        "two": { "type": "action", "action": "generate", "arguments": {}, "tools": ["look"], "next": "end", "prompt": "{{ x" },
        "three": { "type": "decision", "branches": [{ "when": "a b" }], "next": "end" },
        "four": {
            "type": "decision", "otherwise": "end",
            "branches": [{ "when": "{{ true }}", "next": "end" }, { "when": "a b", "next": "end" }],
        },
        "not-a-name": { "type": "output", "text": "{{ input.prompt | shout }}" },
        "end": {},
    }));
    let expected = [
        ".end.type: found nothing; allowed: input, action, decision or output",
        ".four.branches[0].when: found braces in an expression; allowed: an expression without braces, such as 'refund' in \
         input.prompt",
        ".four.branches[1].when: found unexpected input after expression; allowed: an expression without braces, \
         such as 'refund' in input.prompt",
        ".not-a-name: found \"not-a-name\"; allowed: a name of 1 to 64 of a-z, A-Z, 0-9 and _, not a digit first",
        ".not-a-name.text: found filter shout is unknown; allowed: a template",
        ".one.action: found \"search\"; allowed: generate, or the name of an action; there are none under actions",
        ".start.text: found text in a state of another type; allowed: in a state of type input: type, next",
        ".three.branches[0].next: found nothing; allowed: the state to enter where the condition holds",
        ".three.branches[0].when: found unexpected input after expression; allowed: an expression without braces, such as \
         'refund' in input.prompt",
        ".three.next: found next in a state of another type; allowed: in a state of type decision: type, branches, max_visits, \
         otherwise",
        ".three.otherwise: found nothing; allowed: the state to enter where no condition holds",
        ".two.arguments: found arguments of generate; allowed: prompt and system",
        ".two.prompt: found unexpected end of input, expected end of variable block; allowed: a template",
        ".two.tools[0]: found \"look\"; allowed: one of the agent's tools",
    ];
    assert_eq!(found, expected);
    let found = faults(&json!({
        "start": { "type": "input", "next": "loop" },
        "loop": { "type": "decision", "branches": [{ "when": "states.gone.output", "next": "nowhere" }], "otherwise": "done" },
        "done": { "type": "output", "text": "{{ prompt }}" },
    }));
    let expected = [
        ".done.text: found \"prompt\"; allowed: input, caller or states",
        ".loop.branches[0].next: found \"nowhere\"; allowed: one of done, loop, start",
        ".loop.branches[0].when: found \"states.gone.output\"; allowed: states.<name> of one of done, loop, start",
    ];
    assert_eq!(found, expected);
    let found = faults(&json!({
        "start": { "type": "input", "next": "loop" },
        "loop": { "type": "decision", "branches": [{ "when": "true", "next": "done" }], "otherwise": "loop" },
        "done": { "type": "output" },
    }));
    assert_eq!(
        found,
        [
            ".loop.otherwise: found a cycle without an end; allowed: cycles that pass a decision whose `otherwise` leaves them"
        ]
    );
}

#[test]
fn a_faulty_branch_cuts_no_state_off() {
    let found = faults(&json!({
        "start": { "type": "input", "next": "choose" },
        "choose": { "type": "decision", "branches": [{ "when": "a b", "next": "other" }], "otherwise": "done" },
        "other": { "type": "output" },
        "done": { "type": "output", "text": "{{ prompt }}" },
    }));
    let places: Vec<&str> = found.iter().filter_map(|fault| fault.split_once(':')).map(|(place, _)| place).collect();
    assert_eq!(places, [".choose.branches[0].when", ".done.text"], "{found:?}");
}

/// Returns the places of the faults of states.
fn places(states: &Value) -> Vec<String> {
    faults(states).iter().map(|fault| fault.split(": found").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_state_that_cannot_be_read_hides_no_other_fault_and_causes_none() {
    let with = |state: Value| {
        places(&json!({
            "start": { "type": "input", "next": "broken" },
            "broken": state,
            "other": { "type": "action", "action": "generate", "prompt": "{{ promt }} {{ states.broken.output }}", "next": "don" },
            "loop": { "type": "decision", "branches": [{ "when": "true", "next": "broken" }], "otherwise": "loop" },
            "done": { "type": "output", "text": "{{ states.brken.output }}" },
        }))
    };
    let always = [".done.text", ".loop.otherwise", ".other.next", ".other.prompt"];
    for (state, own) in [
        (json!(5), ""),
        (json!({}), ".type"),
        (json!({ "type": "actoin", "next": "done" }), ".type"),
        (json!({ "type": "input", "next": 5 }), ".next"),
        (json!({ "type": "action", "action": "generate", "next": ["done"] }), ".next"),
        (json!({ "type": "action", "action": "generate", "next": "done", "on_error": 5 }), ".on_error"),
        (json!({ "type": "decision", "branches": [{ "when": "true", "next": "done" }] }), ".otherwise"),
        (json!({ "type": "decision", "branches": 5, "otherwise": "done" }), ".branches"),
        (json!({ "type": "decision", "branches": [5], "otherwise": "done" }), ".branches[0]"),
        (json!({ "type": "decision", "branches": [{ "when": "true" }], "otherwise": "done" }), ".branches[0].next"),
    ] {
        let mut expected: Vec<String> = always.map(str::to_owned).to_vec();
        expected.push(format!(".broken{own}"));
        if state["type"] == "input" {
            expected.push(String::new());
        }
        expected.sort();
        assert_eq!(with(state.clone()), expected, "{state}");
    }
}

#[test]
fn a_state_whose_successors_are_known_cuts_others_off() {
    let with = |state: Value| {
        places(&json!({
            "start": { "type": "input", "next": "broken" },
            "broken": state,
            "island": { "type": "action", "action": "generate", "next": "done" },
            "done": { "type": "output" },
        }))
    };
    for (state, own) in [
        (
            json!({ "type": "action", "action": "nothing", "arguments": { "a": "{{ b }}" }, "next": "done" }),
            vec![".broken.action", ".broken.arguments.a", ".island"],
        ),
        (json!({ "type": "action", "next": "done" }), vec![".broken.action", ".island"]),
        (
            json!({ "type": "action", "action": "generate", "promt": "x", "tools": 5, "next": "done" }),
            vec![".broken.promt", ".broken.tools", ".island"],
        ),
        (
            json!({ "type": "decision", "branches": [{ "when": "a b", "next": "done" }], "otherwise": "done" }),
            vec![".broken.branches[0].when", ".island"],
        ),
    ] {
        assert_eq!(with(state.clone()), own, "{state}");
    }
    // Nothing is known of the way from the start.
    let found = places(&json!({
        "start": 5,
        "stuck": { "type": "action", "action": "generate", "next": "again" },
        "again": { "type": "decision", "branches": [], "otherwise": "stuck" },
    }));
    assert_eq!(found, [".again.otherwise", ".start"]);
}

#[test]
fn the_model_of_a_state_is_checked() {
    let states = |llm: &Value| {
        json!({
            "start": { "type": "input", "next": "ask" },
            "ask": { "type": "action", "action": "generate", "llm": llm, "next": "done" },
            "done": { "type": "output" },
        })
    };
    assert_eq!(
        faults(&states(&json!({ "model": "cold" }))),
        [".ask.temperature: found a temperature that cold refuses; allowed: no temperature"]
    );
    assert_eq!(faults(&states(&json!({ "model": "bare" }))), [".ask.llm.model: found \"bare\"; allowed: a deployment"]);
    assert_eq!(
        faults(&states(&json!({ "api_key": "k" }))),
        [
            ".ask.llm.api_key: found an unknown key; allowed: one of provider, model, context_tokens, fallbacks, guardrail"
        ]
    );
}

#[test]
fn settings_are_checked_beside_a_faulty_graph() {
    let with = |llm: &Value| {
        places(&json!({
            "start": { "type": "input", "next": "nowhere" },
            "ask": { "type": "action", "action": "generate", "llm": llm, "temperature": 1, "next": "done" },
            "done": {},
        }))
    };
    assert_eq!(with(&json!({ "model": "cold" })), [".ask.temperature", ".done.type", ".start.next"]);
    let unknown = json!({ "provider": "olama", "model": "bare" });
    assert_eq!(with(&unknown), [".ask.llm.provider", ".done.type", ".start.next"], "its model is not the agent's");
}

#[test]
fn one_window_serves_all_states() {
    let states = json!({
        "start": { "type": "input", "next": "ask" },
        "ask": { "type": "action", "action": "generate", "llm": { "context_tokens": 500 }, "next": "done" },
        "done": { "type": "output" },
    });
    assert_eq!(only_agent(&good(with_states(&states))).context_tokens, Some(500));
}

#[test]
fn the_rights_have_the_models_of_states() {
    let document = with_states(&json!({
        "start": { "type": "input", "next": "ask" },
        "ask": {
            "type": "action", "action": "generate", "next": "done",
            "llm": { "provider": "bedrock", "model": "b", "fallbacks": [{ "provider": "openai", "model": "o" }] },
        },
        "done": { "type": "output" },
    }));
    let mut document = signed_in(document);
    document["providers"]["openai"] = json!({ "base_url": "https://models.example.com/v1" });
    let rights = source(&document).bundle(Stage::Deployment, &Rules).unwrap_or_else(|error| panic!("{error}")).rights;
    let models: Vec<&str> = rights.models.iter().map(|model| model.model.as_str()).collect();
    assert_eq!(models, ["b", "claude", "o", "known"]);
    assert!(rights.hosts.contains("models.example.com:443"), "{:?}", rights.hosts);
}
