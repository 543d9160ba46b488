//! Actions in a document, and the agents that may call them.

use serde_json::Map;

use super::*;
use crate::agent::ActionEffect;
use crate::domain::{ToolName, Trust};

/// A kind with one key, which may not be "bad".
pub(super) struct Call;

impl ActionKind for Call {
    fn name(&self) -> &'static str {
        "call"
    }

    fn keys(&self) -> &'static [&'static str] {
        &["target"]
    }

    fn default_effect(&self, _: &Map<String, Value>) -> ActionEffect {
        ActionEffect::Write
    }

    fn check(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        let is_bad = action.settings.get("target").is_some_and(|target| target == "bad");
        is_bad.then(|| SettingFault::new("target", "a bad target", "another")).into_iter().collect()
    }

    fn rights(&self, _: &Map<String, Value>) -> ActionRights {
        let templates = [
            ("headers.authorization", "Bearer {{ secrets['api/key'] }}"),
            ("headers.x-api-key", "{{ ssm['/api/key'] }}"),
            ("headers.x-key", "written-in-the-clear"),
            ("headers.x-user", "{{ arguments.id }}"),
        ];
        let templates = templates.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        ActionRights { functions: ["f".to_owned()].into(), templates, ..ActionRights::default() }
    }
}

/// A kind that calls a model.
pub(super) struct Ask;

impl ActionKind for Ask {
    fn name(&self) -> &'static str {
        "ask"
    }

    fn keys(&self) -> &'static [&'static str] {
        &["llm"]
    }

    fn calls_model(&self) -> bool {
        true
    }

    fn default_effect(&self, _: &Map<String, Value>) -> ActionEffect {
        ActionEffect::Read
    }

    fn check(&self, _: &ActionSettings<'_>) -> Vec<SettingFault> {
        Vec::new()
    }

    fn rights(&self, _: &Map<String, Value>) -> ActionRights {
        ActionRights::default()
    }
}

fn document(actions: &Value, agent: &Value) -> Value {
    let mut agent = agent.clone();
    agent["name"] = json!("one");
    json!({
        "llm": { "provider": "ollama", "model": "known" },
        "providers": { "anthropic": { "model": "claude", "api_key": "k" } },
        "actions": actions,
        "agents": [agent],
    })
}

#[track_caller]
fn faults(actions: &Value, agent: &Value) -> Vec<String> {
    let faults = faults_of(document(actions, agent), &[]).into_iter();
    faults.map(|fault| fault.trim_start_matches("bundle.json: ").to_owned()).collect()
}

fn ticket() -> Value {
    json!({
        "name": "ticket", "description": "Reads a ticket.", "type": "call", "target": "good", "effect": "read", "output": "trusted",
        "data": ["customer"], "accepts": ["customer"], "timeout_ms": 500, "max_output_bytes": 100,
        "parameters": { "type": "object", "properties": { "id": { "type": "string", "maxLength": 6 } }, "required": ["id"] },
    })
}

#[test]
fn an_action_is_resolved() {
    let judge = json!({ "name": "judge", "description": "Asks.", "type": "ask", "llm": { "provider": "anthropic" } });
    let agent = json!({
        "tools": ["judge", "ticket"], "policy": "permissive", "policy_check": { "provider": "anthropic" },
        "plan": { "model": "known" }, "input": "untrusted", "audit": "full",
    });
    let config = good(document(&json!([ticket(), judge]), &agent));
    let action = &config.actions[&ToolName::new("ticket")];
    assert_eq!((action.kind, action.effect, action.output), ("call", ActionEffect::Read, Trust::Trusted));
    assert_eq!((action.timeout.as_millis(), action.max_output_bytes), (500, 100));
    assert_eq!(action.settings, json!({ "target": "good" }).as_object().unwrap().clone());
    let judge = &config.actions[&ToolName::new("judge")];
    assert_eq!((judge.effect, judge.output), (ActionEffect::Read, Trust::Untrusted));
    assert_eq!(judge.model.as_ref().unwrap().model.model.as_str(), "claude");
    let agent = only_agent(&config);
    let names: Vec<&str> = agent.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["judge", "ticket"], "in the order in which they are written");
    assert_eq!(agent.tools[1].input_schema["additionalProperties"], false);
    assert_eq!(agent.actions.len(), 2);
    let safeguards = &agent.safeguards;
    assert_eq!((safeguards.policy.as_str(), safeguards.input), ("permissive", Trust::Untrusted));
    assert_eq!(safeguards.opinion.as_ref().unwrap().model.model.as_str(), "claude");
    assert_eq!(safeguards.planner.as_ref().unwrap().model.model.as_str(), "known");
    assert!(safeguards.audits_texts);
    assert!(config.providers.contains_key(&Provider::Anthropic), "the provider of an action is configured");
}

#[test]
fn every_fault_of_an_action_is_reported_with_its_place() {
    let actions = json!([
        { "type": "call" },
        { "name": "Not A Name", "description": " ", "type": "other" },
        { "name": "generate", "description": "d", "type": "call", "target": "bad", "extra": 1 },
        { "name": "ok", "description": "d", "type": "call", "timeout_ms": 60_001, "data": ["a b"], "effect": "delete" },
        { "name": "ok", "description": "d", "type": "call", "parameters": { "type": "object", "properties": { "p": {} } } },
        { "name": "ok", "description": "d", "type": "call" },
        { "name": "model", "description": "d", "type": "ask", "llm": { "provider": "none" } },
        { "module": "actions.translate", "class": "TranslateAction", "args": { "target_lang": "es" } },
    ]);
    let found = faults(&actions, &json!({ "tools": ["gone", "ok", "ok"], "policy": "none" }));
    let keys =
        "name, description, type, parameters, effect, output, data, accepts, timeout_ms, max_output_bytes, target";
    let expected = [
        "actions[0].description: found nothing; allowed: what the action does, as the model reads it".to_owned(),
        "actions[0].name: found nothing; allowed: a name of 1 to 64 of a-z, 0-9 and _".to_owned(),
        "actions[1].description: found nothing; allowed: what the action does, as the model reads it".to_owned(),
        "actions[1].name: found \"Not A Name\"; allowed: a name of 1 to 64 of a-z, 0-9 and _".to_owned(),
        "actions[1].type: found \"other\"; allowed: call, ask".to_owned(),
        format!("actions[2].extra: found a key that the type does not have; allowed: in an action of type call: {keys}"),
        "actions[2].name: found \"generate\"; allowed: another name than read, write, call_action, invoke_agent, approve_call, \
         manage_grants, generate, unknown, plan, opinion"
            .to_owned(),
        "actions[2].target: found a bad target; allowed: another".to_owned(),
        "actions[3].data: found \"a b\"; allowed: data classes: names of 1 to 64 of a-z, A-Z, 0-9, _ and -".to_owned(),
        "actions[3].effect: found \"delete\"; allowed: read or write".to_owned(),
        "actions[3].timeout_ms: found 60001; allowed: 1 to 60000".to_owned(),
        "actions[4].name: found \"ok\" a second time; allowed: a name of its own for each action".to_owned(),
        "actions[4].parameters.properties.p.type: found no single type; allowed: one of array, boolean, integer, number, object, \
         string"
            .to_owned(),
        "actions[5].name: found \"ok\" a second time; allowed: a name of its own for each action".to_owned(),
        "actions[6].llm.provider: found a value or a key that is not allowed here; allowed: provider, model, context_tokens, \
         fallbacks, guardrail"
            .to_owned(),
        "actions[7].module: found an action that is a Python class; allowed: no Python class: put its code into a Lambda \
         function and name that, as in { name: <name>, description: …, type: lambda, function: <the function's name>, args: \
         {\"target_lang\":\"es\"} }"
            .to_owned(),
        "agents[0].policy: found \"none\"; allowed: permissive, strict".to_owned(),
        "agents[0].tools[0]: found \"gone\"; allowed: the name of an action: model, ok".to_owned(),
        "agents[0].tools[2]: found \"ok\" a second time; allowed: each action once".to_owned(),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_state_that_calls_an_action_is_checked_by_its_schema() {
    let states = |arguments: &Value| {
        json!({
            "states": {
                "start": { "type": "input", "next": "find" },
                "find": { "type": "action", "action": "ticket", "arguments": arguments, "next": "done", "on_error": "done" },
                "done": { "type": "output" },
            },
        })
    };
    let config = good(document(&json!([ticket()]), &states(&json!({ "id": "{{ input.metadata.ticket }}" }))));
    let agent = only_agent(&config);
    assert_eq!(agent.graph.calls().count(), 1);
    assert!(agent.tools.is_empty() && agent.actions.contains_key(&ToolName::new("ticket")));
    let of = |arguments: Value| faults(&json!([ticket()]), &states(&arguments));
    let at = "agents[0].states.find.arguments";
    assert_eq!(of(json!({})), [format!("{at}.id: found nothing; allowed: an argument that the action requires")]);
    let found = of(json!({ "id": "far too long", "more": "{{ x }}" }));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with(&format!("{at}.id: found a value that the action's schema refuses; allowed: ")),
        "{found:?}"
    );
    assert_eq!(found[1], format!("{at}.more: found an argument that the action does not have; allowed: id"));
    assert_eq!(
        of(json!({ "id": "{{ ticket }}" })),
        [format!("{at}.id: found \"ticket\"; allowed: input, caller or states")]
    );
    assert_eq!(of(json!({ "id": "{{ input" })).len(), 1);
    let of_generate = json!({
        "states": {
            "start": { "type": "input", "next": "find" },
            "find": { "type": "action", "action": "ticket", "arguments": { "id": "T" }, "prompt": "p", "next": "done" },
            "done": { "type": "output" },
        },
    });
    assert_eq!(
        faults(&json!([ticket()]), &of_generate),
        [
            "agents[0].states.find.prompt: found prompt in a state that calls an action; allowed: action, arguments, next, on_error"
        ]
    );
}

#[test]
fn an_argument_is_checked_as_far_as_it_is_known() {
    let mut action = ticket();
    action["parameters"]["properties"] = json!({
        "id": { "type": "string" },
        "amount": { "type": "number" },
        "tags": { "type": "array", "items": { "type": "string", "maxLength": 3 }, "maxItems": 2 },
        "who": {
            "type": "object", "required": ["name"],
            "properties": { "name": { "type": "string" }, "age": { "type": "integer", "minimum": 0 } },
        },
    });
    let states = |more: &Value| {
        let mut arguments = json!({ "id": "a {{ input.prompt }}" });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({
            "states": {
                "start": { "type": "input", "next": "find" },
                "find": { "type": "action", "action": "ticket", "arguments": arguments, "next": "done" },
                "done": { "type": "output" },
            },
        })
    };
    for sound in [
        json!({ "amount": "{{ input.metadata.amount }}", "tags": "{{ states.find.output }}", "who": "{{ input.prompt }}" }),
        json!({ "tags": ["abc", "{{ input.prompt }}"], "who": { "name": "for {{ input.prompt }}", "age": 1 } }),
        json!({ "id": "{{ 'a' }}", "amount": "{{ 5 / 2 }}", "tags": "{{ ['ab'] * 2 }}", "who": { "name": "x", "age": "{{ 1 }}" } }),
    ] {
        good(document(&json!([action]), &states(&sound)));
    }
    for (bad, expected) in [
        (
            json!({ "amount": "EUR {{ input.prompt }}" }),
            vec![
                ".amount: found a template that yields text; allowed: a value of type number; one expression without text \
                 around it keeps its type",
            ],
        ),
        (
            json!({ "tags": ["{{ input.prompt }}", "abcd", "{{ input.prompt }}"] }),
            vec![
                ".tags: found a list of 3; allowed: a list of 0 to 2",
                ".tags[1]: found a value that the action's schema refuses; allowed: the value is longer than 3 characters",
            ],
        ),
        (
            json!({ "tags": { "a": "{{ input.prompt }}" } }),
            vec![".tags: found a value of another type; allowed: a value of type array"],
        ),
        (
            json!({ "who": { "age": -1, "mail": "{{ input.prompt }}" } }),
            vec![
                ".who.age: found a value that the action's schema refuses; allowed: the value is less than the minimum of 0",
                ".who.mail: found an argument that the action does not have; allowed: name, age",
                ".who.name: found nothing; allowed: an argument that the action requires",
            ],
        ),
        (
            json!({ "id": "{{ 5 }}", "amount": "{{ 'x' }}", "tags": ["{{ true }}", "{{ 'ab' }}cd"], "who": "{{ {'name': 1} }}" }),
            vec![
                ".amount: found a value that the action's schema refuses; allowed: the value is not of type \"number\"",
                ".id: found a value that the action's schema refuses; allowed: the value is not of type \"string\"",
                ".tags: found a value that the action's schema refuses; allowed: the value is not of type \"string\"",
                ".who: found a value that the action's schema refuses; allowed: the value is not of type \"string\"",
            ],
        ),
        (
            json!({ "tags": ["{{ 5 }}", "{{ input.prompt }}"], "amount": "{{ 1 / 0 }}" }),
            vec![
                ".amount: found unable to calculate 1 / 0; allowed: a template",
                ".tags[0]: found a value that the action's schema refuses; allowed: the value is not of type \"string\"",
            ],
        ),
        (
            json!({ "amount": null }),
            vec![
                ".amount: found a value that the action's schema refuses; allowed: the value is not of type \"number\"",
            ],
        ),
    ] {
        let found = faults(&json!([action]), &states(&bad));
        let expected: Vec<String> =
            expected.into_iter().map(|fault| format!("agents[0].states.find.arguments{fault}")).collect();
        assert_eq!(found, expected, "{bad}");
    }
}

#[test]
fn the_rights_have_what_actions_need() {
    let judge = json!({ "name": "judge", "description": "Asks.", "type": "ask", "llm": { "provider": "anthropic", "model": "own" } });
    let document = signed_in(document(&json!([ticket(), judge]), &json!({ "plan": { "model": "planner" } })));
    let rights = source(&document).bundle(Stage::Deployment, &Rules).unwrap_or_else(|error| panic!("{error}")).rights;
    assert!(rights.functions.contains("f"), "{rights:?}");
    assert_eq!((rights.action_secrets.len(), rights.literal_keys.len()), (1, 2), "{rights:?}");
    assert_eq!(rights.secrets, rights.action_secrets);
    let models: Vec<&str> = rights.models.iter().map(|model| model.model.as_str()).collect();
    assert_eq!(models, ["claude", "own", "known", "planner"]);
}

#[test]
fn an_agent_whose_input_is_untrusted_calls_no_action_that_reads_it_unjudged() {
    let mut action = ticket();
    action["target"] = json!("good/{{ input.metadata.id }}");
    let agent = json!({ "tools": ["ticket"] });
    good(document(&json!([action]), &agent));
    let agent = json!({ "tools": ["ticket"], "input": "untrusted", "max_steps": 81 });
    assert_eq!(
        faults(&json!([action]), &agent),
        [
            "agents[0].input: found untrusted, and templates of the action ticket that read input; allowed: actions that \
             are given such values as arguments",
            "agents[0].max_steps: found 81; allowed: 1 to 80",
        ]
    );
}
