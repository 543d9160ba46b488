use serde_json::json;

use super::super::{CallerInput, StateName, StateRecord, StateStatus};
use super::*;
use crate::domain::{Principal, PrincipalKind, TenantId, UserId};

struct World {
    input: CallerInput,
    is_input_untrusted: bool,
    states: BTreeMap<StateName, StateRecord>,
    sources: Sources,
}

impl World {
    fn new() -> Self {
        let caller = Principal {
            kind: PrincipalKind::User,
            user: UserId::new("alice"),
            tenant: TenantId::default(),
            groups: ["user".to_owned()].into(),
        };
        let prompt = "Send my invoice to carol@corp.com".to_owned();
        let metadata = BTreeMap::from([("ticket".to_owned(), "T-1234".to_owned())]);
        let untrusted = json!({ "mail": "eve@evil.example", "known": "carol@corp.com" });
        let trusted = json!({ "owner": "dave@corp.com" });
        let mut sources = Sources::default();
        sources.add(Origin::Caller, &prompt);
        sources.add(Origin::Caller, "T-1234");
        sources.add(Origin::Untrusted, &untrusted.to_string());
        sources.add(Origin::Trusted, &trusted.to_string());
        sources.add(Origin::Operator, "a@corp.com b@corp.com");
        let record = |output, is_untrusted| StateRecord {
            status: Some(StateStatus::Succeeded),
            output: Some(output),
            visits: 1,
            is_untrusted,
        };
        let failed =
            |is_untrusted| StateRecord { status: Some(StateStatus::Failed), output: None, visits: 1, is_untrusted };
        let states = [
            (StateName::new("find"), record(untrusted, true)),
            (StateName::new("own"), record(trusted, false)),
            (StateName::new("wrote"), record(json!("something else"), false)),
            (StateName::new("lost"), failed(true)),
            (StateName::new("late"), failed(false)),
        ];
        let input = CallerInput { prompt, metadata, caller };
        Self { input, is_input_untrusted: false, states: states.into(), sources }
    }

    fn scope(&self) -> Scope<'_> {
        let all_states = self.states.keys().collect();
        Scope {
            input: &self.input,
            is_input_untrusted: self.is_input_untrusted,
            is_steered: false,
            states: &self.states,
            all_states,
            call: None,
        }
    }
}

fn origin(value: &Value) -> Origin {
    let world = World::new();
    TemplatedValue::parse(value).unwrap().origin(&world.scope(), &world.sources).unwrap()
}

#[test]
fn a_value_is_filled_in_below_its_names() {
    let world = World::new();
    let value =
        json!({ "to": "{{ states.own.output.owner }}", "list": ["{{ input.metadata.ticket }}", 2, "x {{ 1 + 1 }}"] });
    let parsed = TemplatedValue::parse(&value).unwrap();
    let filled = parsed.evaluate(&world.scope()).unwrap();
    assert_eq!(filled, json!({ "to": "dave@corp.com", "list": ["T-1234", 2, "x 2"] }));
    assert_eq!(parsed.literal(), None);
    assert_eq!(TemplatedValue::parse(&json!({ "a": [1, "b"] })).unwrap().literal(), Some(json!({ "a": [1, "b"] })));
    let constant = TemplatedValue::parse(&json!({ "a": ["{{ 1 + 1 }}", "x {{ 2 }}"] })).unwrap();
    assert_eq!(constant.literal(), Some(json!({ "a": [2, "x 2"] })), "no run can change it");
    let paths: Vec<String> = parsed.templates().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, [".list[0]", ".list[2]", ".to"]);
    let (path, _) = TemplatedValue::parse(&json!({ "a": ["{{ x"] })).unwrap_err();
    assert_eq!(path, ".a[0]");
    for name in ["{{ x }}", "a{% if x %}"] {
        let (path, fault) = TemplatedValue::parse(&json!({ "a": { name: 1 } })).unwrap_err();
        assert_eq!((path, fault.detail.as_str()), (format!(".a.{name}"), "templates stand in values, not in names"));
    }
}

#[test]
fn what_a_template_puts_in_keeps_its_origin() {
    for (value, expected) in [
        (json!("fixed"), Origin::Operator),
        (json!(true), Origin::Operator),
        (json!("{{ input.metadata.ticket }}"), Origin::Caller),
        (json!("Ticket {{ input.metadata.ticket }}."), Origin::Operator),
        (json!("{{ states.own.output.owner }}"), Origin::Trusted),
        (json!("{{ states.find.output.mail }}"), Origin::Untrusted),
        (json!("To {{ states.find.output.mail }} of {{ input.metadata.ticket }}"), Origin::Untrusted),
        // What the caller has said too is the caller's.
        (json!("{{ states.find.output.known }}"), Origin::Caller),
        (json!("{{ states.find.output }}"), Origin::Untrusted),
        // A stranger's text chooses among the operator's words.
        (json!("{{ 'a@corp.com' if states.find.output.vip else 'b@corp.com' }}"), Origin::Untrusted),
        (json!("{% if states.find.output.vip %}a@corp.com{% endif %}"), Origin::Untrusted),
        (json!("{{ 'a@corp.com' if states.own.output.owner else 'b@corp.com' }}"), Origin::Operator),
        // So does a failure that it brought about.
        (json!("{{ 'a@corp.com' if states.lost.status == 'failed' else 'b@corp.com' }}"), Origin::Untrusted),
        (json!("{{ 'a@corp.com' if states.late.status == 'failed' else 'b@corp.com' }}"), Origin::Operator),
        (json!("{{ states.find.output.none or states.find.output.known }}"), Origin::Caller),
        // A model wrote it.
        (json!("{{ states.wrote.output }}"), Origin::Model),
        // Changed on the way, and still the stranger's.
        (json!("{{ states.find.output.mail | reverse }}"), Origin::Untrusted),
        (json!("{{ states.find.output.mail | replace('e', '3') }}"), Origin::Untrusted),
        (json!("{{ states.own.output.owner | reverse }}"), Origin::Model),
        (json!("{% if true %}{{ states.find.output.mail }}{% endif %}"), Origin::Untrusted),
        (json!("{% if true %}{{ states.find.output.mail | reverse }}{% endif %}"), Origin::Untrusted),
        (json!({ "a": "x", "b": ["{{ states.find.output.mail }}"] }), Origin::Untrusted),
        (json!("{{ '}}' }} {{ states.find.output.mail }}"), Origin::Untrusted),
        (json!("{{ '' }}"), Origin::Model),
        // Put together from words that are the caller's each.
        (json!("{{ states.find.output.known }}{{ input.metadata.ticket }}"), Origin::Untrusted),
        (json!("{{ input.metadata.ticket }}@{{ states.find.output.known }}"), Origin::Untrusted),
        (json!("{{ input.metadata.ticket }} {{- states.find.output.known }}"), Origin::Untrusted),
        (json!("{{ input.metadata.ticket -}}\n {{ states.find.output.known }}"), Origin::Untrusted),
        (json!("{{ input.metadata.ticket -}} x {{- states.find.output.known }}"), Origin::Untrusted),
        (json!("{{ input.metadata.ticket }},{{ states.find.output.known }}"), Origin::Untrusted),
        (json!("{{ input.metadata.ticket }}{{ states.find.output.none or none }}"), Origin::Caller),
        (json!("{{ input.metadata.ticket }} {{ states.find.output.known }}"), Origin::Caller),
        (json!("{{ input.metadata.ticket }}, {{ states.find.output.known }}"), Origin::Operator),
        (json!("{{ input.metadata.ticket }}-{{ input.metadata.ticket }}"), Origin::Operator),
    ] {
        assert_eq!(origin(&value), expected, "{value}");
    }
}

#[test]
fn what_a_strangers_input_chooses_is_the_strangers() {
    let value = json!("{{ 'a@corp.com' if 'invoice' in input.prompt else 'b@corp.com' }}");
    for (is_input_untrusted, expected) in [(false, Origin::Operator), (true, Origin::Untrusted)] {
        let world = World { is_input_untrusted, ..World::new() };
        let value = TemplatedValue::parse(&value).unwrap();
        assert_eq!(value.origin(&world.scope(), &world.sources).unwrap(), expected);
    }
}
