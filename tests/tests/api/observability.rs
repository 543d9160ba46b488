//! The log as Terraform reads it: saved queries, metric filters and alarms match the lines that the gateway writes.

use std::collections::BTreeSet;
use std::path::Path;

use openclaw::domain::{Provider, Timestamp, Usage};
use openclaw::http::ProblemKind;
use openclaw::llm::LlmError;
use openclaw::telemetry::{ArchiveMetrics, InvocationMetrics, Provenance, config_refused_line, fields};
use openclaw::testing::{Fault, Operation};
use serde_json::{Value, json};

use crate::logs::{capture, parsed};
use crate::world::{Request, World};

/// Reads a file of the module `observability`.
fn terraform(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/modules/observability").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns every piece of the text between the two marks.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

/// Returns the text without the pieces between two such marks.
fn without(text: &str, mark: char) -> String {
    text.split(mark).step_by(2).collect::<Vec<_>>().join(" ")
}

/// Returns the fields that a query of Logs Insights names: all its words except those of the language, names of
/// results, texts, patterns, and CloudWatch's own fields, which begin with @.
fn queried(query: &str) -> BTreeSet<String> {
    const LANGUAGE: [&str; 14] = [
        "and",
        "as",
        "by",
        "count",
        "desc",
        "fields",
        "filter",
        "ispresent",
        "like",
        "limit",
        "or",
        "sort",
        "stats",
        "sum",
    ];
    let code = without(&without(query, '"'), '/');
    let words: Vec<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && !"_@".contains(c)).collect();
    let words: Vec<&str> =
        words.into_iter().filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())).collect();
    let results: BTreeSet<&str> = words.windows(2).filter(|pair| pair[0] == "as").map(|pair| pair[1]).collect();
    let named = words.iter().filter(|word| !LANGUAGE.contains(word) && !results.contains(*word));
    named.map(|word| (*word).to_owned()).collect()
}

#[test]
fn saved_queries_ask_for_fields_that_lines_have() {
    let text = terraform("queries.tf");
    let queries = between(&text, "<<-EOT\n", "    EOT");
    assert!(queries.len() >= 5, "{queries:?}");
    for query in queries {
        let named = queried(query);
        assert!(!named.is_empty(), "{query}");
        let unknown: Vec<&String> = named.iter().filter(|name| *name != "level" && !fields::is_allowed(name)).collect();
        assert!(unknown.is_empty(), "no line has {unknown:?}: {query}");
    }
}

#[test]
fn metric_filters_match_fields_that_lines_have() {
    let text = terraform("metrics.tf");
    let now = Timestamp::from_millis(0);
    let provenance = Some(Provenance { agent: "default".to_owned(), provider: Provider::OpenAi });
    let usage = Some(Usage::default());
    let all = InvocationMetrics {
        provenance,
        llm_latency_ms: Some(1),
        action_latency_ms: Some(1),
        usage,
        erasure_incomplete: true,
        refused: true,
        ..Default::default()
    };
    let lines = [all.to_line("id", now), config_refused_line(now), ArchiveMetrics::default().to_line("id", now)];
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let directives = lines.iter().map(|line| &line["_aws"]["CloudWatchMetrics"][0]);
    let written: BTreeSet<(String, String)> = directives
        .flat_map(|directive| directive["Metrics"].as_array().unwrap())
        .map(|metric| (metric["Name"].as_str().unwrap().to_owned(), metric["Unit"].as_str().unwrap().to_owned()))
        .collect();

    let list = between(&text, "for name, unit in {", "} : name")[0];
    let read = list.lines().filter_map(|line| line.split_once('='));
    let read: Vec<(String, String)> =
        read.map(|(name, unit)| (name.trim().to_owned(), unit.trim().trim_matches('"').to_owned())).collect();
    assert!(read.len() >= 8, "{read:?}");
    for metric in read {
        assert!(written.contains(&metric), "no line has {metric:?}");
    }
    for field in between(&text, "$.", " ").into_iter().filter(|field| !field.starts_with("${")) {
        let end = field.find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
        let field = &field[..end.unwrap_or(field.len())];
        let is_metric = lines.iter().any(|line| line.get(field).is_some());
        // A field of the APIs' own access logs, which one filter reads.
        let is_of_an_api = field == "function_request_id";
        assert!(fields::is_allowed(field) || is_metric || is_of_an_api, "no line has {field}");
    }
    assert!(text.contains("namespace = \"OpenClaw/"), "below the functions' own namespace");
    assert!(lines.iter().all(|line| line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "OpenClaw"));
}

/// Returns whether the alarm on providers counts the line, by the filter in Terraform.
fn counts_as_providers_error(line: &Value) -> bool {
    let text = terraform("metrics.tf");
    let problems = between(&text, "$.problem = \\\"", "\\\"");
    let fault = between(&text, "$.fault = \\\"", "\\\"")[0];
    let part = fault.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')).unwrap();
    assert!(!part.contains('*') && part.len() > 10, "{fault}");
    let [failed, unavailable] = problems[..] else { panic!("{problems:?}") };
    let says_so = line["fault"].as_str().is_some_and(|fault| fault.contains(part));
    line["problem"] == failed || (line["problem"] == unavailable && says_so)
}

#[tokio::test]
async fn the_alarm_on_providers_sees_providers_errors_and_no_others() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    let turn = || world.turn("alice", "default", json!({"prompt": "hi"}));
    let answered = |lines: &[Value]| lines.iter().rfind(|line| line["message"] == "request answered").unwrap().clone();

    world.model_fails(|| LlmError::Unreachable("test"));
    turn().await.is_problem(503, ProblemKind::Unavailable.name());
    assert!(counts_as_providers_error(&answered(&parsed(&lines))));
    world.model_fails(|| LlmError::Malformed("test"));
    turn().await.is_problem(502, ProblemKind::ProviderFailed.name());
    assert!(counts_as_providers_error(&answered(&parsed(&lines))));

    world.store.inject(Operation::List, Fault::Refuse, 1);
    world.get("alice", "/v1/conversations").await.is_problem(503, ProblemKind::Unavailable.name());
    assert!(!counts_as_providers_error(&answered(&parsed(&lines))));
}

#[tokio::test]
async fn a_refused_token_has_its_reason() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    let ask = || Request::new("GET", "/v1/agents");
    for request in [ask(), ask().token("not-a-token")] {
        world.send(&request).await.is_problem(401, "invalid-token");
    }
    let faults: Vec<Value> = parsed(&lines).iter().map(|line| line["fault"].clone()).collect();
    assert_eq!(faults, ["a bearer token is required", "the token is malformed"]);
}
