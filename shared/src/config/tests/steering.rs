//! Graphs in which untrusted text decides whether something is written.

use super::*;

/// Returns the forks of a graph that untrusted text steers, each with its key and the state that writes.
fn steered(agent: &Value) -> Vec<String> {
    let action = |name: &str, effect: &str, output: &str| {
        json!({
            "name": name, "type": "call", "target": "t", "description": "d", "effect": effect, "output": output,
            "parameters": { "type": "object", "properties": { "id": { "type": "string" } } },
        })
    };
    let mut agent = agent.clone();
    agent["name"] = json!("one");
    agent["tools"] = json!(["page", "pay"]);
    let config = good(json!({
        "llm": { "provider": "ollama", "model": "known" },
        "actions": [
            action("page", "read", "untrusted"), action("record", "read", "trusted"), action("pay", "write", "untrusted"),
        ],
        "agents": [agent],
    }));
    let found = only_agent(&config).steered_writes();
    found.into_iter().map(|one| format!("{}.{} {}", one.fork, one.key, one.write)).collect()
}

/// Returns a graph whose state `look` is followed by the decision `route` between `pay` and the end.
fn routed(look: &Value, condition: &str) -> Value {
    let mut look = look.clone();
    look["type"] = json!("action");
    look["next"] = json!("route");
    json!({
        "start": { "type": "input", "next": "look" },
        "look": look,
        "route": { "type": "decision", "branches": [{ "when": condition, "next": "pay" }], "otherwise": "done" },
        "pay": { "type": "action", "action": "pay", "next": "done" },
        "done": { "type": "output", "text": "done" },
    })
}

#[test]
fn a_write_that_depends_on_untrusted_text_is_found() {
    let page = json!({ "action": "page" });
    let record = |id: &str| json!({ "action": "record", "arguments": { "id": id } });
    let ask = |prompt: &str, tools: &Value| json!({ "action": "generate", "prompt": prompt, "tools": tools });
    let output = "'pay' in states.look.output";
    let found = ["route.branches[0].when pay"].as_slice();
    for (look, condition, expected) in [
        (page.clone(), output, found),
        (page.clone(), "'pay' in input.prompt", &[]),
        (page.clone(), "states.look.status == 'failed'", found),
        (page, "states.look.visits > 1", &[]),
        (record("{{ input.prompt }}"), output, &[]),
        (ask("{{ input.prompt }}", &json!([])), output, &[]),
        (ask("{{ input.prompt }}", &json!(["page"])), output, found),
    ] {
        let states = routed(&look, condition);
        assert_eq!(steered(&json!({ "states": states })), expected, "{look} {condition}");
    }
    let states = routed(&record("{{ input.prompt }}"), output);
    let untrusted = json!({ "states": states, "input": "untrusted" });
    assert_eq!(steered(&untrusted), found, "what a stranger looks up may be what the stranger wants to be read");
}

#[test]
fn untrusted_text_is_followed_through_other_states() {
    let mut states = routed(&json!({ "action": "page" }), "'pay' in states.sum.output");
    states["look"]["next"] = json!("sum");
    states["sum"] = json!({
        "type": "action", "action": "generate", "prompt": "{{ states.look.output }}", "tools": [], "next": "route",
    });
    assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"]);
    // A conversation that one state continues is what the next one reads.
    let mut states = routed(&json!({ "action": "generate", "tools": ["page"] }), "'pay' in states.sum.output");
    states["look"]["next"] = json!("sum");
    states["sum"] = json!({ "type": "action", "action": "generate", "tools": [], "next": "route" });
    assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"]);
}

#[test]
fn a_write_behind_a_failure_that_a_stranger_can_bring_about_is_found() {
    let look = |action: &str, on_error: &str| json!({ "action": action, "on_error": on_error });
    for (action, on_error, expected) in [
        ("page", "pay", ["look.on_error pay"].as_slice()),
        ("record", "pay", &[]),
        // A failure that leads past the write writes nothing.
        ("page", "done", &[]),
    ] {
        let mut states = routed(&look(action, on_error), "input.prompt == 'pay'");
        if on_error == "pay" {
            states["route"]["branches"][0]["next"] = json!("done");
        }
        assert_eq!(steered(&json!({ "states": states })), expected, "{action} {on_error}");
    }
}

#[test]
fn steering_is_followed_through_memory_and_visits() {
    // What one turn stores, the next one reads, also a state with a prompt of its own.
    let own = json!({ "action": "generate", "tools": [], "prompt": "Classify: {{ input.prompt }}" });
    for look in [json!({ "action": "generate", "tools": [] }), own] {
        let mut states = routed(&look, "'pay' in states.look.output");
        states["pay"]["next"] = json!("page");
        states["page"] = json!({ "type": "action", "action": "page", "next": "done" });
        assert_eq!(steered(&json!({ "states": states })), [""; 0], "nothing of the page is stored: {look}");
        states["done"]["text"] = json!("{{ states.page.output }}");
        assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"], "{look}");
        // Which text is the last one, a run decides.
        states["done"] = json!({ "type": "output" });
        assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"], "{look}");
        // What a stranger asks for is stored, too.
        let states = routed(&look, "'pay' in states.look.output");
        assert_eq!(steered(&json!({ "states": states, "input": "untrusted" })), ["route.branches[0].when pay"]);
    }
    // Whether a state was visited is what the fork before it says.
    let mut states = routed(&json!({ "action": "page" }), "states.mark.visits > 0");
    states["look"]["next"] = json!("fork");
    states["fork"] = json!({
        "type": "decision", "otherwise": "route",
        "branches": [{ "when": "'pay' in states.look.output", "next": "mark" }],
    });
    states["mark"] = json!({ "type": "action", "action": "record", "next": "route" });
    assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"]);
}

#[test]
fn a_write_on_every_way_does_not_depend_on_the_decision() {
    let mut states = routed(&json!({ "action": "page" }), "'pay' in states.look.output");
    states["note"] = json!({ "type": "action", "action": "record", "next": "pay" });
    states["route"]["otherwise"] = json!("note");
    assert!(steered(&json!({ "states": states })).is_empty());
    // A way back to the decision is not a way of its own.
    let mut states = routed(&json!({ "action": "page" }), "'pay' in states.look.output");
    states["route"]["branches"] = json!([
        { "when": "states.look.output == 'again'", "next": "look" },
        { "when": "states.look.visits > 2", "next": "pay" },
    ]);
    assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"]);
    // A model that may write is a write.
    let mut states = routed(&json!({ "action": "page" }), "'pay' in states.look.output");
    states["pay"] = json!({ "type": "action", "action": "generate", "tools": ["pay"], "next": "done" });
    assert_eq!(steered(&json!({ "states": states })), ["route.branches[0].when pay"]);
}
