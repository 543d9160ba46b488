use std::collections::BTreeMap;

use serde_json::json;

use super::super::StateName;
use super::super::scope::{CallerInput, StateRecord, StateStatus};
use super::*;
use crate::domain::{Principal, PrincipalKind, TenantId, UserId};

/// What the templates of these tests read.
struct Values {
    input: CallerInput,
    states: BTreeMap<StateName, StateRecord>,
    unvisited: StateName,
}

impl Values {
    fn new() -> Self {
        let caller = Principal {
            kind: PrincipalKind::User,
            user: UserId::new("alice"),
            tenant: TenantId::default(),
            groups: ["user".to_owned()].into(),
        };
        let metadata = BTreeMap::from([("ticket".to_owned(), "T-1".to_owned())]);
        let input = CallerInput { prompt: "{{ 7 * 7 }} about policy".to_owned(), metadata, caller };
        let found = StateRecord {
            status: Some(StateStatus::Succeeded),
            output: Some(json!({ "title": "Broken", "tags": ["a", "b"], "open": true })),
            visits: 2,
            is_untrusted: true,
        };
        let failed = StateRecord { status: Some(StateStatus::Failed), output: None, visits: 1, is_untrusted: false };
        let states = [(StateName::new("find"), found), (StateName::new("lost"), failed)].into();
        Self { input, states, unvisited: StateName::new("later") }
    }

    fn scope(&self) -> Scope<'_> {
        let all_states = self.states.keys().chain([&self.unvisited]).collect();
        let (is_input_untrusted, is_steered) = (false, false);
        Scope { input: &self.input, is_input_untrusted, is_steered, states: &self.states, all_states, call: None }
    }
}

pub(super) fn rendered(source: &str) -> Result<String, EvaluationError> {
    Template::text(source).unwrap().render(&Values::new().scope())
}

fn value(source: &str) -> Result<serde_json::Value, EvaluationError> {
    Template::value(source).unwrap().evaluate(&Values::new().scope())
}

#[test]
fn a_text_is_filled_in() {
    let text =
        "{{ input.metadata.ticket }}: {{ states.find.output.title }} for {{ caller.user }} of {{ caller.tenant }}";
    assert_eq!(rendered(text).unwrap(), "T-1: Broken for alice of default");
    let list = "{% for tag in states.find.output.tags %}[{{ tag }}]{% endfor %}";
    assert_eq!(rendered(list).unwrap(), "[a][b]");
}

#[test]
fn what_a_user_writes_is_data() {
    assert_eq!(rendered("{{ input.prompt }}").unwrap(), "{{ 7 * 7 }} about policy");
    assert_eq!(value("{{ input.prompt }}").unwrap(), json!("{{ 7 * 7 }} about policy"));
}

#[test]
fn one_expression_keeps_its_type() {
    assert_eq!(
        value("{{ states.find.output }}").unwrap(),
        json!({ "title": "Broken", "tags": ["a", "b"], "open": true })
    );
    assert_eq!(value(" {{ states.find.visits + 1 }} ").unwrap(), json!(3));
    assert_eq!(value("{{ states.find.output.open }}").unwrap(), json!(true));
    assert_eq!(value("{{ caller.groups }}").unwrap(), json!(["user"]));
    // The sign belongs to the braces, and a negation stands apart from them.
    for source in [
        "{{- states.find.visits }}",
        "{{ states.find.visits -}}",
        "{{-states.find.visits-}}",
        "{{+ states.find.visits }}",
    ] {
        assert_eq!(value(source).unwrap(), json!(2), "{source}");
    }
    assert_eq!(value("{{ -states.find.visits }}").unwrap(), json!(-2));
    assert_eq!(value("{{- -states.find.visits }}").unwrap(), json!(-2));
    assert_eq!(value("n {{ states.find.visits }}").unwrap(), json!("n 2"), "text around it makes it text");
    assert_eq!(value("{{ caller.user }}{{ caller.tenant }}").unwrap(), json!("alicedefault"));
    assert_eq!(value("plain").unwrap(), json!("plain"));
}

#[test]
fn structures_print_as_json() {
    let json = rendered("{{ states.find.output }}").unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["tags"], json!(["a", "b"]));
    assert_eq!(rendered("{{ states.find.output.tags + ['c'] }}").unwrap(), r#"["a","b","c"]"#);
}

#[test]
fn a_state_without_an_output_is_none_and_prints_as_nothing() {
    for state in ["lost", "later"] {
        assert_eq!(rendered(&format!("[{{{{ states.{state}.output }}}}]")).unwrap(), "[]");
        assert_eq!(value(&format!("{{{{ states.{state}.output }}}}")).unwrap(), json!(null));
    }
    assert_eq!(value("{{ states.lost.status }}").unwrap(), json!("failed"));
    assert_eq!(value("{{ states.later.status }}").unwrap(), json!(null));
    assert_eq!(value("{{ states.later.visits }}").unwrap(), json!(0));
    assert_eq!(rendered("{{ states.lost.output or states.find.output.title }}").unwrap(), "Broken");
}

#[test]
fn a_missing_input_is_named() {
    for source in ["{{ input.metadata.order }}", "{{ input.metadata.order }} {{ input.metadata.ticket }}"] {
        let missing = EvaluationError::UndefinedInput { pointer: "/metadata/order".to_owned() };
        assert_eq!(value(source), Err(missing.clone()));
        assert_eq!(rendered(source), Err(missing));
    }
    let missing = EvaluationError::UndefinedInput { pointer: "/metadata".to_owned() };
    assert_eq!(rendered("{{ input.metadata['order-id'] }}"), Err(missing));
    assert_eq!(rendered("{{ input.metadata.order or 'none' }}").unwrap(), "none", "it may be asked for");
    assert_eq!(rendered("{% if input.metadata.order is defined %}yes{% endif %}").unwrap(), "");
    let undefined = EvaluationError::Failed("a name that is not defined");
    assert_eq!(rendered("{{ states.find.output.owner }}"), Err(undefined));
}

#[test]
fn a_missing_input_is_named_only_if_it_is_the_cause() {
    let undefined = EvaluationError::Failed("a name that is not defined");
    for source in [
        "{{ input.metadata.a or 'x' }} {{ states.find.output.owner }}",
        "{{ input.metadata['a-b'] or 'x' }} {{ states.find.output.owner }}",
        "{{ input.metadata.a or 'x' }} {{ states.find.output.owner }} {{ input.metadata.b }}",
    ] {
        assert_eq!(value(source), Err(undefined.clone()), "{source}");
        assert_eq!(rendered(source), Err(undefined.clone()), "{source}");
    }
    let missing = EvaluationError::UndefinedInput { pointer: "/metadata/b".to_owned() };
    for source in [
        "{{ input.metadata.a or 'x' }} {{ input.metadata.b }}",
        "{{ input.metadata.a or input.metadata.b }}",
        "{% if input.metadata.a is defined %}x{% endif %}{{ input.metadata.b }}",
        "{% for key in input.metadata %}{{ input.metadata[key] }}{% endfor %}{{ input.metadata.b }}",
    ] {
        assert_eq!(value(source), Err(missing.clone()), "{source}");
    }
    let condition = Template::expression("input.metadata.b == 'x' or states.find.output.owner").unwrap();
    assert_eq!(condition.is_true(&Values::new().scope()), Err(missing));
}

#[test]
fn conditions_are_true_or_false() {
    let holds = |source: &str| Template::expression(source).unwrap().is_true(&Values::new().scope()).unwrap();
    assert!(holds("'policy' in input.prompt"));
    assert!(!holds("'refund' in input.prompt"));
    assert!(holds("states.find.status == 'succeeded' and states.find.visits > 1"));
    assert!(!holds("states.lost.output"));
    let digits = "input.metadata.ticket and not input.metadata.ticket | reject('in', '0123456789') | list";
    assert!(!holds(digits));
    assert!(holds(&digits.replace("0123456789", "T-0123456789")));
    assert!(!holds(&digits.replace("ticket", "order")));
    assert!(!holds("(input.metadata.order or '') == 'x'"));
    let compared = Template::expression("input.metadata.order == 'x'").unwrap().is_true(&Values::new().scope());
    assert_eq!(compared, Err(EvaluationError::UndefinedInput { pointer: "/metadata/order".to_owned() }));
}

#[test]
fn a_bomb_runs_out_of_fuel() {
    let bombs = [
        "{% for a in range(10000) %}{% for b in range(10000) %}{{ a }}{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{% set x = 'xxxxxxxxxxxxxxxx' %}{% set x = x * 1000 %}{% set x = x * 1000 %}{{ x }}",
        "{{ input.prompt | replace('', input.prompt * 1000) | replace('a', input.prompt * 1000) }}",
        "{% for a in [1] * 100000 %}{% for b in [1] * 100000 %}{% endfor %}{% endfor %}",
    ];
    for bomb in bombs {
        assert_eq!(failure(bomb), "more work than a template may do", "{bomb}");
    }
    assert_eq!(failure("{{ 'x' * 1000001 }}"), "a value of more than 1 MB");
    assert_eq!(rendered("{{ 'x' * 1000000 }}").unwrap().len(), 1_000_000);
}

/// Returns why a template is refused, or has no value.
fn failure(source: &str) -> String {
    let template = match Template::value(source) {
        Ok(template) => template,
        Err(fault) => return fault.to_string(),
    };
    template.render(&Values::new().scope()).unwrap_err().to_string()
}

#[test]
fn a_value_is_bounded_as_a_text_is() {
    let too_long = Err(EvaluationError::Failed("a value of more than 1 MB"));
    for source in [
        "{{ input.prompt[:1] * 1000001 }}",
        "x{{ input.prompt[:1] * 1000000 }}",
        "{{ [input.prompt[:1] * 600000, input.prompt[:1] * 600000] }}",
        "{{ [input.prompt] * 40000 }}",
        "{{ {'a': [input.prompt[:1] * 50000] * 1000} }}",
        "x {{ [input.prompt[:1] * 50000] * 1000 }}",
    ] {
        assert_eq!(value(source), too_long, "{source}");
        assert_eq!(failure(source), "a value of more than 1 MB", "{source}");
        let values = json!({ "input": { "prompt": Values::new().input.prompt } });
        assert_eq!(Template::value(source).unwrap().evaluate_over(&values), too_long, "{source}");
    }
    assert_eq!(value("{{ input.prompt[:1] * 1000000 }}").unwrap().as_str().map(str::len), Some(1_000_000));
    assert_eq!(value("{{ [input.prompt[:1]] * 200000 }}").unwrap().as_array().map(Vec::len), Some(200_000));
}

#[test]
fn what_fails_whatever_a_run_reads_is_a_fault() {
    for (source, expected) in [
        ("{{ 1 / 0 }}", "unable to calculate 1 / 0"),
        ("{{ 'a' + 1 }}", "tried to use + operator on unsupported types string and number"),
        ("a {{ 'x' | int }}", "invalid float literal"),
        ("{% set a = 'x' * 1000001 %}{{ a }}", "a value of more than 1 MB"),
        ("{{ ['x' * 600000] * 2 }}", "a value of more than 1 MB"),
        ("one\n{{ none.a.b }}", "line 2: a name that is not defined"),
    ] {
        assert_eq!(failure(source), expected, "{source}");
        Template::value(source).unwrap_err();
    }
    for source in ["{{ input.prompt / 0 }}", "{{ none.a }}", "{{ 1 / 2 }}", "{{ true }}", "{{ [] | first }}"] {
        Template::value(source).unwrap_or_else(|fault| panic!("{source}: {fault}"));
    }
    assert_eq!(Template::expression("1 % 0").unwrap_err().line, None);
}

#[test]
fn faults_are_found_when_a_template_is_read() {
    for source in
        ["{{ input.prompt", "{% for %}", "{{ input.prompt | nothing }}", "{{ input is nothing }}", "{{ nothing() }}"]
    {
        assert!(Template::text(source).is_err(), "{source}");
    }
    assert!(Template::expression("a b").is_err());
    for loader in ["{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}"] {
        assert!(Template::text(loader).is_err(), "{loader}");
    }
    let fault = Template::text("one\n{{ two three }}").unwrap_err();
    assert_eq!(fault.line, Some(2), "{fault}");
}

#[test]
fn what_does_not_exist_is_found_on_every_branch() {
    for (expression, unknown) in [
        ("input.a and input.b | nosuch", "filter nosuch is unknown"),
        ("input.a if input.b else input.c | nosuch", "filter nosuch is unknown"),
        ("input.a and input.b is nosuch", "test nosuch is unknown"),
        ("input.a or nosuch(1)", "nosuch is unknown"),
        ("input.a and [1, { 'b': input.c[nosuch()] }]", "nosuch is unknown"),
        ("input.a and nosuch()[1:2]", "nosuch is unknown"),
        ("input.a and input.b | map('nosuch')", "filter nosuch is unknown"),
        ("input.a and input.b | map('replace', 'x', 'y') | select('nosuch', 3)", "test nosuch is unknown"),
        ("input.a and input.b | rejectattr('owner', 'nosuch')", "test nosuch is unknown"),
    ] {
        let fault = Template::expression(expression).unwrap_err();
        assert_eq!(fault.detail, unknown, "{expression}");
        assert_eq!(Template::value(&format!("{{{{ {expression} }}}}")), Err(fault), "{expression}");
    }
    for (text, line) in [
        ("{% if input.metadata.x %}\n{{ input.prompt | nosuch }}{% endif %}", Some(2)),
        ("{% for a in input.b %}{{ a | nosuch }}{% else %}{% endfor %}", None),
        ("{% set a | nosuch %}{% endset %}{{ a }}", None),
        ("{% filter upper | nosuch %}{% endfilter %}", None),
    ] {
        let fault = Template::text(text).unwrap_err();
        assert_eq!((fault.detail.as_str(), fault.line), ("filter nosuch is unknown", line), "{text}");
    }
}

#[test]
fn a_status_that_does_not_exist_is_named() {
    for text in ["{{ states.find.status == 'success' }}", "{% if 'success' != states.find.status %}{% endif %}"] {
        let fault = Template::text(text).unwrap_err();
        let expected = "the status \"success\"; there are succeeded, failed, denied, needs-approval";
        assert_eq!(fault.detail, expected, "{text}");
    }
    for text in [
        "{{ states.find.status == 'needs-approval' or states.find.status != none }}",
        "{{ states.find.output.status == 'open' }}{{ input.metadata.status == 'x' }}{{ 'x' == states.find.output.status }}",
    ] {
        assert!(Template::text(text).is_ok(), "{text}");
    }
}

#[test]
fn what_a_template_defines_exists() {
    for text in [
        "{% for each in [range] %}{{ each(3) }}{% endfor %}",
        "{% set each = range %}{% if input.prompt %}{{ each(3) }}{% endif %}",
        "{% with each = range %}{{ each(3) }}{% endwith %}",
        "{% for a in input.b %}{{ loop.cycle('odd', 'even') }}{% endfor %}{{ dict(b=2) }}",
        "{{ input.a | map('upper') | map(attribute='x') | select | select('>', 3) | selectattr('a') | list }}",
        "{% set name = 'upper' %}{{ input.a | map(name) | join }}",
    ] {
        Template::text(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    }
}

#[test]
fn a_part_of_a_text_is_read() {
    assert_eq!(value("{{ input.prompt[:5] }}").unwrap(), json!("{{ 7 "));
    assert_eq!(value("{{ states.find.output.title[1:3] }}").unwrap(), json!("ro"));
    let names = |text: &str| Template::text(text).unwrap().names().iter().cloned().collect::<Vec<_>>();
    assert_eq!(names("{{ states.find.output[:input.n] }}"), ["input.n", "states.find.output"]);
    assert_eq!(names("{% filter replace('a', input.prompt) %}{% endfilter %}"), ["input.prompt"]);
}

/// Returns the template that nests `inner` in `count` pairs of these texts.
#[test]
fn names_are_found() {
    let template =
        Template::text("{{ input.prompt }}{% for x in states.find.output.tags %}{{ x }}{% endfor %}").unwrap();
    let names: Vec<&str> = template.names().iter().map(String::as_str).collect();
    assert_eq!(names, ["input.prompt", "states.find.output.tags"]);
}

#[test]
fn alternatives_are_nothing_but_names() {
    let of = |source: &str| Template::text(source).unwrap().alternatives().map(|all| all.map(str::to_owned).collect());
    let both: Vec<String> = vec!["states.reply.output".to_owned(), "states.check.output".to_owned()];
    assert_eq!(of("{{ states.reply.output or states.check.output }}"), Some(both));
    let reply: Vec<String> = vec!["states.reply.output".to_owned()];
    for line_end in ["", "\n", "\r\n"] {
        assert_eq!(of(&format!("{{{{ states.reply.output }}}}{line_end}")), Some(reply.clone()), "{line_end:?}");
    }
    for blank in ["{{ states.reply.output }} ", " {{ states.reply.output }}", "{{ states.reply.output }}\n\n"] {
        assert_eq!(of(blank), None, "{blank:?}");
    }
    for other in
        ["{{ states.a.output | upper }}", "Answer: {{ states.a.output }}", "{{ states.a.output }}{{ caller.user }}"]
    {
        assert_eq!(of(other), None, "{other}");
    }
}
