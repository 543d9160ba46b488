//! Runs through configured graphs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::run_tests::{agent, at, call, failed, name, node, proposes, settled, start_agent, start_with, text};
use super::*;
use crate::domain::{
    ActionOutput, FailureKind, LlmFailure, Message, ModelId, Provider, Role, Settled, SettledOutcome, StepKind,
    StopReason, ToolName, Trust,
};
use crate::testing::action_definition;

fn template(source: &str) -> Template {
    Template::text(source).unwrap()
}

fn generate(spec: GenerateSpec, next: &str) -> Node {
    node(State::Action(ActionSpec::Generate(Box::new(spec))), Some(next))
}

fn prompted(prompt: &str, next: &str) -> Node {
    generate(GenerateSpec { prompt: Some(template(prompt)), ..GenerateSpec::default() }, next)
}

fn decision(condition: &str, target: &str, otherwise: &str) -> Node {
    let branches = vec![Branch { condition: Template::expression(condition).unwrap(), target: name(target) }];
    node(State::Decision(Decision { branches, otherwise: name(otherwise), max_visits: 2 }), None)
}

fn started(nodes: &[(&str, Node)], history: Vec<Message>) -> AgentRun {
    let nodes: BTreeMap<StateName, Node> = nodes.iter().map(|(key, node)| (name(key), node.clone())).collect();
    start_with(Graph::new(nodes).unwrap(), 25, history)
}

fn input(next: &str) -> Node {
    node(State::Input, Some(next))
}

fn output(source: &str) -> Node {
    node(State::Output(Some(template(source))), None)
}

/// Returns the texts of the messages that the model reads.
fn asked(run: &AgentRun) -> Vec<String> {
    let Effect::CallModel(request) = run.next_effect() else { panic!("no model is called") };
    request.prompt.messages.iter().map(Message::plain_text).collect()
}

fn answer(run: &AgentRun) -> &RunOutput {
    let Some(Outcome::Completed(output)) = run.outcome() else { panic!("{:?}", run.outcome()) };
    output
}

fn path(run: &AgentRun) -> Vec<&str> {
    run.steps().iter().map(|step| step.name.as_str()).collect()
}

#[test]
fn a_state_with_a_prompt_reads_earlier_states_and_stores_nothing_but_the_output() {
    let history = vec![Message::text(Role::User, "before"), Message::text(Role::Assistant, "yes")];
    let nodes = [
        ("in", input("draft")),
        ("draft", prompted("Draft about {{ input.prompt }}", "check")),
        ("check", prompted("Check: {{ states.draft.output }}", "out")),
        ("out", output("{{ states.draft.output }} ({{ states.check.output }})")),
    ];
    let run = started(&nodes, history);
    assert_eq!(asked(&run), ["before", "yes", "Draft about hi"]);
    let run = run.apply(text("a poem"), at(1)).unwrap();
    assert_eq!(asked(&run), ["before", "yes", "Check: a poem"]);
    let run = run.apply(text("good"), at(2)).unwrap();
    assert_eq!((answer(&run).output.as_str(), path(&run)), ("a poem (good)", vec!["draft", "check"]));
    let stored = [Message::text(Role::User, "hi"), Message::text(Role::Assistant, "a poem (good)")];
    assert_eq!(run.turn_messages(), stored);
    assert_eq!(run.usage().input_tokens, 10);
}

#[test]
fn calls_of_a_state_with_a_prompt_stay_within_it() {
    let nodes = [
        ("in", input("look")),
        ("look", prompted("Look it up", "reply")),
        ("reply", generate(GenerateSpec::default(), "out")),
        ("out", node(State::Output(None), None)),
    ];
    let run = started(&nodes, Vec::new()).apply(proposes("c1"), at(1)).unwrap();
    let run = run.apply(settled("c1"), at(2)).unwrap();
    let Effect::CallModel(request) = run.next_effect() else { panic!("no model is called") };
    assert_eq!(request.prompt.messages.len(), 3, "the prompt, the call, its result");
    let run = run.apply(text("found"), at(3)).unwrap();
    assert_eq!(asked(&run), ["hi"], "the next state continues the conversation");
    let run = run.apply(text("bye"), at(4)).unwrap();
    let texts: Vec<(Role, String)> =
        run.turn_messages().iter().map(|message| (message.role, message.plain_text())).collect();
    assert_eq!(texts, [(Role::User, "hi".to_owned()), (Role::Assistant, "bye".to_owned())]);
    assert!(run.turn_messages()[1].marks.data.contains("customer"), "what the call has read is known all the same");
}

#[test]
fn a_state_has_its_own_settings() {
    let spec = GenerateSpec {
        system: Some(template("You serve {{ caller.user }}.")),
        temperature: Some(0.5.try_into().unwrap()),
        max_tokens: Some(7.try_into().unwrap()),
        tools: Some(Vec::new()),
        ..GenerateSpec::default()
    };
    let nodes = [
        ("in", input("own")),
        ("own", generate(spec, "then")),
        ("then", prompted("x", "out")),
        ("out", node(State::Output(None), None)),
    ];
    let run = started(&nodes, Vec::new());
    let Effect::CallModel(request) = run.next_effect() else { panic!("no model is called") };
    assert_eq!(request.prompt.system.as_deref(), Some("You serve alice."));
    assert_eq!((request.temperature.is_some(), request.max_tokens.get()), (true, 7));
    let run = run.apply(text("x"), at(1)).unwrap();
    let Effect::CallModel(request) = run.next_effect() else { panic!("no model is called") };
    assert_eq!(request.prompt.system.as_deref(), Some("Be brief."), "the next state has the agent's");
    assert_eq!((request.temperature, request.max_tokens), (None, crate::domain::MaxTokens::DEFAULT));
}

#[test]
fn a_decision_chooses_until_it_was_visited_too_often() {
    let nodes = [
        ("in", input("write")),
        ("write", prompted("Write, {{ states.judge.visits }}", "judge")),
        ("judge", decision("'bad' in states.write.output", "write", "out")),
        ("out", node(State::Output(None), None)),
    ];
    let mut run = started(&nodes, Vec::new());
    for round in 0..3 {
        assert_eq!(asked(&run), [format!("Write, {round}")]);
        run = run.apply(text("bad"), at(round)).unwrap();
    }
    assert_eq!(answer(&run).output, "bad", "the third time `otherwise` is taken");
    assert_eq!(path(&run), ["write", "judge", "write", "judge", "write", "judge"]);
    let taken: Vec<&str> =
        run.steps().iter().filter(|step| step.kind == StepKind::Decision).map(|step| step.outcome.as_str()).collect();
    assert_eq!(taken, ["write", "write", "out"]);
}

#[test]
fn a_failed_state_goes_to_on_error() {
    let failing = Node { on_error: Some(name("sorry")), ..prompted("x", "out") };
    let nodes = [
        ("in", input("ask")),
        ("ask", failing),
        ("sorry", output("{{ states.ask.status }}: sorry")),
        ("out", output("{{ states.ask.output }}")),
    ];
    let run = started(&nodes, Vec::new()).apply(failed(), at(1)).unwrap();
    assert_eq!(answer(&run).output, "failed: sorry");
    assert_eq!(run.steps()[0].outcome, "failed");
    let late = LlmFailure {
        provider: Provider::OpenAi,
        model: ModelId::new("m"),
        kind: FailureKind::DeadlineExceeded,
        retry_after: None,
    };
    let run = started(&nodes, Vec::new()).apply(RunEvent::ModelFailed(late), at(1)).unwrap();
    assert!(matches!(run.outcome(), Some(Outcome::Failed(RunFailure::Model(_)))), "no time is left");
}

#[test]
fn an_action_of_the_graph_is_run_and_read() {
    let fetch = ActionSpec::Call(CallSpec {
        action: ToolName::new("search"),
        arguments: [("q".to_owned(), TemplatedValue::Literal(json!(1)))].into(),
    });
    let nodes = [
        ("in", input("choose")),
        ("choose", decision("true", "fetch", "out")),
        ("fetch", node(State::Action(fetch), Some("out"))),
        ("out", output("{{ states.fetch.output }}")),
    ];
    let run = started(&nodes, Vec::new());
    let Effect::Settle(calls) = run.next_effect() else { panic!("not a call") };
    assert_eq!(calls[0].arguments, call("c").arguments);
    let output = ActionOutput { value: json!("42"), trust: Trust::Untrusted, data: BTreeSet::new(), usage: None };
    let outcome = SettledOutcome::Succeeded(output);
    let settled = calls.into_iter().map(|call| Settled { call, outcome: outcome.clone() }).collect();
    let run = run.apply(RunEvent::Settled(settled), at(5)).unwrap();
    assert_eq!(answer(&run).output, "42");
}

#[test]
fn a_template_without_a_value_fails_the_run() {
    let failure = |source: &str| {
        let nodes = [("in", input("out")), ("out", output(source))];
        match started(&nodes, Vec::new()).outcome() {
            Some(Outcome::Failed(RunFailure::Graph { state, fault })) => (state.clone(), fault.clone()),
            other => panic!("{other:?}"),
        }
    };
    let missing = EvaluationError::UndefinedInput { pointer: "/metadata/order".to_owned() };
    assert_eq!(failure("{{ input.metadata.order }}"), (name("out"), missing));
    let bomb = failure("{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}");
    assert!(matches!(bomb, (_, EvaluationError::Failed(_))));
}

#[test]
fn metadata_that_the_templates_of_an_action_read_are_required() {
    let run = |settings: Value| {
        let arguments = [("q".to_owned(), TemplatedValue::Literal(json!("docs")))].into();
        let fetch = ActionSpec::Call(CallSpec { action: ToolName::new("search"), arguments });
        let fetch = Node { on_error: Some(name("out")), ..node(State::Action(fetch), Some("out")) };
        let nodes = [(name("in"), input("fetch")), (name("fetch"), fetch), (name("out"), output("x"))];
        let mut agent = Arc::unwrap_or_clone(agent(Graph::new(nodes.into()).unwrap(), 25));
        let mut action = action_definition("search", ActionEffect::Read, &json!({ "type": "object" }));
        action.settings = settings.as_object().unwrap().clone();
        agent.actions.insert(action.name.clone(), Arc::new(action));
        start_agent(Arc::new(agent), Vec::new())
    };
    let url = "https://api.example.com/{{ input.metadata.order }}/{{ arguments.gone }}";
    for settings in [
        json!({ "url": "https://api.example.com/{{ input.metadata.order }}" }),
        json!({ "body": { "items": ["{{ input.metadata.order }}"] } }),
        json!({ "prompt": "{{ input.metadata.note or arguments.q }} {{ input.metadata.order }}" }),
    ] {
        let fault = EvaluationError::UndefinedInput { pointer: "/metadata/order".to_owned() };
        let failure = Outcome::Failed(RunFailure::Graph { state: name("fetch"), fault });
        assert_eq!(run(settings.clone()).outcome(), Some(&failure), "{settings}");
    }
    for settings in [
        json!({ "query": { "order": "{{ input.metadata.order or none }}", "ticket": "{{ input.metadata.ticket }}" } }),
        json!({ "headers": { "x-key": "{{ secrets['a/b'] }}" }, "response": "{{ body.first }}", "statement": "select '{'" }),
        // The call says what else it lacks.
        json!({ "url": url }),
    ] {
        assert!(matches!(run(settings.clone()).next_effect(), Effect::Settle(_)), "{settings}");
    }
}

#[test]
fn decisions_count_as_steps() {
    let nodes: BTreeMap<StateName, Node> = [
        (name("in"), input("one")),
        (name("one"), decision("false", "out", "two")),
        (name("two"), decision("false", "out", "out")),
        (name("out"), output("done")),
    ]
    .into();
    let run = start_with(Graph::new(nodes).unwrap(), 1, Vec::new());
    assert_eq!(answer(&run).stop_reason, StopReason::ToolLimit);
    assert_eq!(run.steps().len(), 1);
}

#[test]
fn the_run_says_what_streams() {
    let nodes = [
        ("in", input("draft")),
        ("draft", prompted("x", "reply")),
        ("reply", prompted("y", "out")),
        ("out", output("{{ states.reply.output }}")),
    ];
    let run = started(&nodes, Vec::new());
    assert!(!run.streams());
    let run = run.apply(text("a"), at(1)).unwrap();
    assert!(run.streams());
    let run = run.apply(text("b"), at(2)).unwrap();
    assert!(run.output_was_streamed());
}
