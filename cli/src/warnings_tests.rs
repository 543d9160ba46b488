use std::path::Path;

use openclaw::agent::FullSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::{SourceDocument, Stage};

use super::*;
use crate::read_yaml;

const CONFIGURATION: &str = r#"
llm: { provider: ollama, model: llama3 }
authentication: { user_pool_id: eu-central-1_Example, client_id: people }
agents:
  - { name: shop, tools: [ticket, pay, look, ask, sum] }
actions:
  - name: ticket
    description: Reads a ticket.
    type: dynamodb
    table: tickets
    key: { id: "{{ arguments.id }}" }
    parameters: { type: object, properties: { id: { type: string } }, required: [id] }
    data: [customer]
  - name: pay
    description: Pays.
    type: http
    method: POST
    url: "https://pay.example.com/{{ arguments.id }}"
    query: { note: "{{ arguments.note or none }}" }
    body: { more: ["{% if arguments.more %}{{ arguments.more }}{% endif %}"] }
    accepts: [customer]
    parameters:
      type: object
      properties: { id: { type: string }, note: { type: string }, more: { type: string } }
      required: [id]
  - name: look
    description: Looks.
    type: sql
    cluster: arn:aws:rds:eu-central-1:123456789012:cluster:shop
    secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-AbCdEf
    database: shop
    statement: "select 1 where a = :id::uuid and b = :least"
    parameters: { type: object, properties: { id: { type: string }, least: { type: number } } }
  - name: ask
    description: Asks.
    type: llm
    prompt: "{{ arguments }}"
    parameters: { type: object, properties: { id: { type: string } } }
  - name: sum
    description: Sums.
    type: lambda
    function: sum
    args: { lang: es }
    parameters: { type: object, properties: { id: { type: string } } }
"#;

/// Returns the paths and the texts of the warnings after a change of the configuration.
#[track_caller]
fn found(from: &str, to: &str) -> Vec<(String, String)> {
    assert!(CONFIGURATION.contains(from), "{from}");
    let document = read_yaml(&CONFIGURATION.replace(from, to)).unwrap();
    let source = SourceDocument { value: &document, source: "openclaw.yaml", directory: Path::new(".") };
    let config = source.resolve(Stage::Deployment, &KnownModels(FullSchemaChecks)).unwrap();
    warnings(&config, &document).into_iter().map(|warning| (warning.path, warning.found)).collect()
}

#[test]
fn what_may_not_be_meant_is_a_warning() {
    assert_eq!(found("name: shop", "name: shop"), []);
    let lacks = |name: &str| format!("\"arguments.{name}\", which a call may lack, and then fails");
    let unsent = "an argument that the action does not send".to_owned();
    for (from, to, path, text) in [
        ("{{ arguments.note or none }}", "{{arguments.note}}", "actions[1].query", lacks("note")),
        ("example.com/{{", "example.com/{{ arguments.note }}/{{", "actions[1].url", lacks("note")),
        (
            "properties: { id: { type: string } }, required: [id] }\n    data",
            "properties: { id: { type: string } } }\n    data",
            "actions[0].key",
            lacks("id"),
        ),
        ("note: \"{{ arguments.note or none }}\"", "note: x", "actions[1].parameters.properties.note", unsent.clone()),
        ("b = :least", "b = 5", "actions[2].parameters.properties.least", unsent.clone()),
        ("b = :least", "b = ':least'", "actions[2].parameters.properties.least", unsent.clone()),
        ("method: POST", "method: DELETE\n    effect: read", "actions[1].effect", "read, for a DELETE".to_owned()),
        ("{{ arguments }}", "Hello", "actions[3].parameters.properties.id", unsent),
        (
            "accepts: [customer]",
            "accepts: [custmer]",
            "actions[1].accepts",
            "\"custmer\", a class that no action carries".to_owned(),
        ),
        (
            "lang: es",
            "lang: ['{{ caller.user }}']",
            "actions[4].args",
            "a template, which the function gets as it is written".to_owned(),
        ),
        (
            "name: shop,",
            "name: shop, system: 'Serve {{ caller.user }}',",
            "agents[0].system",
            "a template, which the model reads as it is written".to_owned(),
        ),
    ] {
        assert_eq!(found(from, to), [(path.to_owned(), text)], "{to}");
    }
}
