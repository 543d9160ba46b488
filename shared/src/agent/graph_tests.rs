use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::domain::ToolName;

fn name(text: &str) -> StateName {
    StateName::new(text)
}

fn node(state: State, next: Option<&str>) -> Node {
    Node { state, next: next.map(name) }
}

fn otherwise(target: &str) -> Branch {
    Branch { condition: Condition::Otherwise, target: name(target) }
}

fn graph(nodes: &[(&str, Node)]) -> Result<Graph, Vec<GraphFault>> {
    Graph::new(nodes.iter().map(|(key, node)| (name(key), node.clone())).collect::<BTreeMap<_, _>>())
}

fn output() -> Node {
    node(State::Output(Template::LastText), None)
}

#[test]
fn the_default_graph_is_valid() {
    let nodes = [
        ("input", node(State::Input, Some("generate"))),
        ("generate", node(State::Action(ActionSpec::Generate), Some("output"))),
        ("output", output()),
    ];
    assert_eq!(graph(&nodes), Ok(Graph::default_graph()));
}

#[test]
fn a_graph_has_exactly_one_input() {
    let none = graph(&[("output", output())]);
    assert_eq!(none, Err(vec![GraphFault::Inputs { found: 0 }]));
    let two = graph(&[
        ("a", node(State::Input, Some("output"))),
        ("b", node(State::Input, Some("output"))),
        ("output", output()),
    ]);
    assert_eq!(two, Err(vec![GraphFault::Inputs { found: 2 }]));
}

#[test]
fn all_faults_are_reported_together() {
    let call = ActionSpec::Call { action: ToolName::new("fetch"), arguments: json!({}) };
    let faults = graph(&[
        ("input", node(State::Input, Some("nowhere"))),
        ("stuck", node(State::Action(call), None)),
        ("choose", node(State::Decision(vec![otherwise("gone")]), Some("output"))),
        ("output", output()),
    ]);
    assert_eq!(
        faults,
        Err(vec![
            GraphFault::UnknownTarget { from: name("choose"), target: name("gone") },
            GraphFault::SuperfluousNext { state: name("choose") },
            GraphFault::UnknownTarget { from: name("input"), target: name("nowhere") },
            GraphFault::DeadEnd { state: name("stuck") },
        ])
    );
}

#[test]
fn a_reachable_state_without_a_path_to_an_output_is_refused() {
    let faults = graph(&[
        ("input", node(State::Input, Some("loop"))),
        ("loop", node(State::Decision(vec![otherwise("loop")]), None)),
        ("output", output()),
    ]);
    assert_eq!(
        faults,
        Err(vec![GraphFault::NoOutput { state: name("input") }, GraphFault::NoOutput { state: name("loop") }])
    );
}
