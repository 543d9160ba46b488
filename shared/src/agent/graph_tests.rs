use std::collections::BTreeMap;

use super::*;

fn name(text: &str) -> StateName {
    StateName::new(text)
}

fn node(state: State, next: Option<&str>) -> Node {
    Node { state, next: next.map(name), on_error: None }
}

fn input(next: &str) -> Node {
    node(State::Input, Some(next))
}

fn generate(next: &str) -> Node {
    node(State::Action(ActionSpec::Generate(Box::default())), Some(next))
}

fn output() -> Node {
    node(State::Output(None), None)
}

fn text(template: &str) -> Node {
    node(State::Output(Some(Template::text(template).unwrap())), None)
}

/// Returns a decision that enters `target` while the prompt names it.
fn decision(target: &str, otherwise: &str) -> Node {
    let condition = Template::expression("'again' in input.prompt").unwrap();
    let branches = vec![Branch { condition, target: name(target) }];
    node(State::Decision(Decision { branches, otherwise: name(otherwise), max_visits: 3 }), None)
}

fn graph(nodes: &[(&str, Node)]) -> Result<Graph, Vec<GraphFault>> {
    Graph::new(nodes.iter().map(|(key, node)| (name(key), node.clone())).collect::<BTreeMap<_, _>>())
}

/// Returns the places of a graph's faults.
fn faults(nodes: &[(&str, Node)]) -> Vec<(String, String)> {
    let place = |fault: GraphFault| (fault.state.map_or_else(String::new, |state| state.to_string()), fault.key);
    graph(nodes).unwrap_err().into_iter().map(place).collect()
}

fn at(state: &str, key: &str) -> (String, String) {
    (state.to_owned(), key.to_owned())
}

#[test]
fn the_default_graph_is_valid() {
    let nodes = [("input", input("generate")), ("generate", generate("output")), ("output", output())];
    assert_eq!(graph(&nodes), Ok(Graph::default_graph()));
}

#[test]
fn a_graph_has_exactly_one_input() {
    assert_eq!(faults(&[("output", output())]), [at("", "")]);
    let two = [("one", input("output")), ("two", input("output")), ("output", output())];
    assert_eq!(faults(&two), [at("", "")]);
}

#[test]
fn all_faults_are_reported_together() {
    let found = faults(&[
        ("input", input("nowhere")),
        ("stuck", node(State::Action(ActionSpec::Generate(Box::default())), None)),
        ("choose", decision("gone", "away")),
        ("failing", Node { on_error: Some(name("lost")), ..generate("output") }),
        ("output", text("{{ states.other.output }} {{ inputs.prompt }} {{ input.text }} {{ states.stuck.text }}")),
    ]);
    let mut expected = vec![at("choose", "branches[0].next"), at("choose", "otherwise"), at("failing", "on_error")];
    expected.extend([at("input", "next"), at("stuck", "next")]);
    expected.extend((0..4).map(|_| at("output", "text")));
    assert_eq!(found, expected);
    let found = faults(&[
        ("input", input("choose")),
        ("choose", decision("choose", "output")),
        ("island", generate("output")),
        ("one", decision("output", "two")),
        ("output", text("{{ prompt }}")),
        ("self", decision("output", "self")),
        ("two", generate("one")),
    ]);
    let expected = [
        at("output", "text"),
        at("one", "otherwise"),
        at("self", "otherwise"),
        at("island", ""),
        at("one", ""),
        at("self", ""),
        at("two", ""),
    ];
    assert_eq!(found, expected, "one fault for each cycle, besides the others");
}

#[test]
fn cycles_are_found_beside_a_missing_target() {
    let found = faults(&[
        ("input", input("ask")),
        ("ask", Node { on_error: Some(name("gone")), ..generate("again") }),
        ("again", decision("output", "ask")),
        ("lost", generate("output")),
        ("output", output()),
    ]);
    assert_eq!(found, [at("ask", "on_error"), at("again", "otherwise")]);
    let two =
        [("one", input("loop")), ("two", input("loop")), ("loop", decision("output", "loop")), ("output", output())];
    assert_eq!(faults(&two), [at("loop", "otherwise"), at("", "")]);
}

#[test]
fn instructions_hold_nothing_that_strangers_write() {
    let system = |template: &str| {
        let spec = GenerateSpec { system: Some(Template::text(template).unwrap()), ..GenerateSpec::default() };
        let own = node(State::Action(ActionSpec::Generate(Box::new(spec))), Some("output"));
        graph(&[("input", input("own")), ("own", own), ("output", output())])
    };
    assert!(system("You serve {{ caller.user }} of {{ caller.tenant }}.").is_ok());
    for template in ["{{ input.prompt }}", "{{ states.own.output }}", "{{ input.metadata.x }}"] {
        assert_eq!(system(template).unwrap_err()[0].key, "system", "{template}");
    }
}

#[test]
fn every_state_is_reached_and_reaches_an_output() {
    let unreached = [("input", input("output")), ("island", generate("output")), ("output", output())];
    assert_eq!(faults(&unreached), [at("island", "")]);
    let stuck = [("input", input("loop")), ("loop", decision("loop", "loop")), ("output", output())];
    assert_eq!(faults(&stuck), [at("loop", "otherwise"), at("input", ""), at("loop", ""), at("output", "")]);
}

#[test]
fn every_cycle_has_an_end() {
    let ends = [("input", input("write")), ("write", generate("check")), ("check", decision("write", "output"))];
    assert!(graph(&[ends.as_slice(), &[("output", output())]].concat()).is_ok());
    let reversed = [
        ("input", input("write")),
        ("write", generate("check")),
        ("check", decision("output", "write")),
        ("output", output()),
    ];
    assert_eq!(faults(&reversed), [at("check", "otherwise")], "`otherwise` stays in the cycle");
    let undecided = [
        ("input", input("one")),
        ("one", Node { on_error: Some(name("output")), ..generate("two") }),
        ("two", generate("one")),
        ("output", output()),
    ];
    assert_eq!(faults(&undecided), [at("one", "")], "no decision");
}

#[test]
fn a_generation_streams_where_its_text_is_the_output_as_it_stands() {
    let streams = |output: Node, on_error: Option<&str>, visited: bool| {
        let reply = Node { on_error: on_error.map(name), ..generate("output") };
        let nodes = [
            ("input", input("choose")),
            ("choose", decision("check", "reply")),
            ("check", generate("reply")),
            ("reply", reply),
            ("output", output),
        ];
        let graph = graph(&nodes).unwrap();
        assert!(!graph.streams(&name("check"), |_| false), "another generation follows");
        graph.streams(&name("reply"), |_| visited)
    };
    assert!(streams(output(), None, true));
    assert!(streams(text("{{ states.reply.output }}"), None, true));
    assert!(streams(text("{{ states.check.output or states.reply.output }}"), None, false));
    assert!(
        !streams(text("{{ states.check.output or states.reply.output }}"), None, true),
        "that of check is the output"
    );
    assert!(streams(text("{{ states.reply.output or states.check.output }}"), None, true));
    assert!(streams(text("{{ states.reply.output }}\n"), None, false), "the end of a line is not rendered");
    assert!(!streams(text("{{ states.reply.output }} "), None, false), "a blank is");
    assert!(!streams(text("Answer: {{ states.reply.output }}"), None, false));
    assert!(!streams(text("{{ states.reply.output | upper }}"), None, false));
    assert!(!streams(text("{{ states.check.output }}"), None, false));
    assert!(!streams(output(), Some("output"), false), "the failure of a half has another output");
}

#[test]
fn a_graph_is_drawn() {
    let nodes = [
        ("input", input("end")),
        ("end", Node { on_error: Some(name("choose")), ..generate("choose") }),
        ("choose", decision("end", "output")),
        ("output", output()),
    ];
    let expected = [
        "stateDiagram-v2",
        "    state \"choose\" as s1",
        "    s1 --> s2 : if",
        "    s1 --> s4 : otherwise",
        "    state \"end\" as s2",
        "    s2 --> s1",
        "    s2 --> s1 : error",
        "    state \"input\" as s3",
        "    [*] --> s3",
        "    s3 --> s2",
        "    state \"output\" as s4",
        "    s4 --> [*]",
        "",
    ];
    assert_eq!(graph(&nodes).unwrap().mermaid(), expected.join("\n"));
}
