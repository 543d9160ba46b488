//! The rooms: reads the sources and fails when an arrow points back, or when files of a room form a circle.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot continue has failed")]

mod circles;
mod paths;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use circles::Imports;
use paths::{crate_paths, paths_from};

/// Each room and the rooms that it may use, from left to right.
const ROOMS: [(&str, &[&str]); 20] = [
    ("domain", &[]),
    ("agent", &["domain"]),
    ("config", &["domain", "agent"]),
    ("telemetry", &["domain"]),
    ("aws", &["domain"]),
    ("secrets", &["domain", "aws", "telemetry"]),
    ("auth", &["domain", "telemetry"]),
    ("llm", &["domain", "secrets", "aws", "telemetry"]),
    ("audit", &["domain", "aws", "secrets", "telemetry"]),
    ("store", &["domain", "audit", "telemetry"]),
    ("policy", &["domain", "agent"]),
    ("actions", &["domain", "agent", "config", "aws", "secrets", "llm", "policy", "telemetry"]),
    ("delivery", &["domain", "aws"]),
    ("runner", &["domain", "agent", "audit", "llm", "store", "policy", "actions", "telemetry"]),
    ("lambda", &["domain", "runner"]),
    ("http", &["domain", "runner", "lambda"]),
    (
        "api",
        &[
            "domain",
            "agent",
            "telemetry",
            "secrets",
            "auth",
            "audit",
            "llm",
            "store",
            "policy",
            "actions",
            "runner",
            "lambda",
            "http",
        ],
    ),
    ("websocket", &["domain", "auth", "store", "delivery", "runner", "lambda", "http", "api"]),
    ("app", &LEFT_OF_APP),
    ("testing", LEFT_OF_APP.split_at(LEFT_OF_API).0),
];

const LEFT_OF_APP: [&str; 18] = [
    "domain",
    "agent",
    "config",
    "telemetry",
    "aws",
    "secrets",
    "auth",
    "llm",
    "audit",
    "store",
    "policy",
    "actions",
    "delivery",
    "runner",
    "lambda",
    "http",
    "api",
    "websocket",
];

/// How many of `LEFT_OF_APP` stand left of `api`.
const LEFT_OF_API: usize = LEFT_OF_APP.len() - 2;

/// Adapters of the ports: outside their own room only `app` and `testing` name them.
const ADAPTERS: [&str; 20] = [
    "audit::S3Bucket",
    "auth::CognitoVerifier",
    "auth::HttpKeySetSource",
    "auth::LocalVerifier",
    "delivery::ApiGatewaySender",
    "delivery::LambdaDispatcher",
    "llm::AnthropicClient",
    "llm::OllamaClient",
    "llm::OpenAiClient",
    "llm::anthropic",
    "llm::bedrock",
    "llm::ollama",
    "llm::openai",
    "secrets::CachingSecretResolver",
    "secrets::EnvironmentSource",
    "secrets::ParameterStoreSource",
    "secrets::SecretsManagerSource",
    "store::DynamoAudit",
    "store::DynamoStore",
    "store::dynamo",
];

const PROVIDERS: [&str; 4] = ["anthropic", "bedrock", "ollama", "openai"];

/// The only file that reads the environment.
const ENVIRONMENT: &str = "config/env.rs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Reads the crate's files below `src`, by their path there.
fn sources() -> Vec<(String, String)> {
    let src = root().join("shared/src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&src).expect("it is below").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("it is text"))
    };
    files.into_iter().map(read).collect()
}

fn module(file: &str) -> Vec<String> {
    let steps = file.trim_end_matches(".rs").split('/').filter(|step| *step != "mod");
    steps.map(str::to_owned).collect()
}

fn is_test(file: &str) -> bool {
    file.ends_with("_tests.rs")
        || file.ends_with("/tests.rs")
        || file.contains("/tests/")
        || file.ends_with("test_support.rs")
}

/// Returns the faults of a file, one line each.
fn faults(file: &str, text: &str) -> Vec<String> {
    let module = module(file);
    let room = module[0].as_str();
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return if room == "lib" { Vec::new() } else { vec![format!("{file}: the room {room} has no rule")] };
    };
    // The rest of the file is compiled only for tests.
    let (product, tests) = text.split_once("#[cfg(test)]\nmod ").unwrap_or((text, ""));
    let mut faults = Vec::new();
    for (part, may_test) in [(product, is_test(file)), (tests, true)] {
        for path in crate_paths(part, &module) {
            let Some(target) = path.first().map(String::as_str) else { continue };
            let known = ROOMS.iter().any(|(name, _)| *name == target);
            let may_know = !known || target == room || allowed.contains(&target) || (may_test && target == "testing");
            if !may_know {
                faults.push(format!("{file}: {room} must not know {}", path.join("::")));
            }
            faults.extend(adapter_fault(file, room, &path));
            faults.extend(provider_fault(file, &module, &path));
        }
    }
    faults
}

fn adapter_fault(file: &str, room: &str, path: &[String]) -> Option<String> {
    let name = path.iter().take(2).map(String::as_str).collect::<Vec<_>>().join("::");
    let at_home = path.first().is_some_and(|target| target == room) || matches!(room, "app" | "testing");
    (!at_home && ADAPTERS.contains(&name.as_str())).then(|| format!("{file}: only app names the adapter {name}"))
}

fn provider_fault(file: &str, module: &[String], path: &[String]) -> Option<String> {
    let provider = |path: &[String]| match path {
        [llm, name, ..] if llm == "llm" && PROVIDERS.contains(&name.as_str()) => Some(name.clone()),
        _ => None,
    };
    let (own, other) = (provider(module)?, provider(path)?);
    (own != other).then(|| format!("{file}: the provider {own} must not know {other}"))
}

#[test]
fn no_arrow_points_back() {
    let found: Vec<String> = sources().iter().flat_map(|(file, text)| faults(file, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn rooms_stand_in_order() {
    for (at, (room, allowed)) in ROOMS.iter().enumerate() {
        let left: BTreeSet<&str> = ROOMS[..at].iter().map(|(name, _)| *name).collect();
        assert!(allowed.iter().all(|one| left.contains(one)), "{room} uses a room to its right");
    }
}

#[test]
fn only_app_knows_the_aws_sdk_with_the_adapters() {
    let homes =
        ["actions/dynamodb/", "aws/", "secrets/", "llm/bedrock/", "store/dynamo/", "app/", "testing/dynamo_table.rs"];
    for (file, text) in sources() {
        let sdk = ["aws_sigv4", "aws_sdk_bedrockruntime", "aws_sdk_dynamodb", "aws_sdk_secretsmanager"];
        let knows = sdk.iter().any(|name| !paths_from(&text, name).is_empty());
        assert!(!knows || homes.iter().any(|home| file.starts_with(home)), "{file} must not know the AWS SDK");
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    let mut files = Vec::new();
    rust_files(&root().join("functions"), &mut files);
    let functions = files
        .into_iter()
        .map(|path| (path.to_string_lossy().into_owned(), std::fs::read_to_string(path).expect("it is text")));
    let readers: Vec<String> = sources()
        .into_iter()
        .chain(functions)
        .filter(|(_, text)| paths_from(text, "std").iter().any(|path| path.starts_with("std::env")))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(readers, [ENVIRONMENT]);
}

#[test]
fn a_function_is_its_main_alone() {
    let functions = std::fs::read_dir(root().join("functions")).expect("there are functions");
    let mut count = 0;
    for function in functions.map(|entry| entry.expect("the entry can be read").path()) {
        let mut files = Vec::new();
        rust_files(&function, &mut files);
        assert_eq!(files, [function.join("src/main.rs")]);
        let main = std::fs::read_to_string(&files[0]).expect("it is text");
        // An allocator may stand beside the start.
        assert!(main.lines().count() <= 15, "{} does more than start", function.display());
        count += 1;
    }
    assert!(count >= 6, "there are {count} functions");
}

/// Returns the part of a file that functions link.
fn product(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod ").map_or(text, |(product, _)| product)
}

#[test]
fn no_files_of_a_room_form_a_circle() {
    let files = sources().into_iter().filter(|(file, _)| !is_test(file) && !file.ends_with("lib.rs"));
    let files: Vec<(Vec<String>, String)> =
        files.map(|(file, text)| (module(&file), product(&text).to_owned())).collect();
    assert_eq!(Imports::of(&files).circle(), None);
}

/// The rules can fail.
#[test]
fn arrows_that_point_back_are_found() {
    for (file, text, expected) in [
        ("domain/ids.rs", "use crate::http::Problem;", "domain must not know http::Problem"),
        ("agent/run.rs", "fn f() { crate::llm::fold(); }", "agent must not know llm::fold"),
        ("config/mod.rs", "use crate::{domain::Clock, store::{title}};", "config must not know store::title"),
        ("llm/retry.rs", "use super::super::store::title;", "llm must not know store::title"),
        ("store/mod.rs", "use crate::testing::FaultyStore;", "store must not know testing::FaultyStore"),
        ("lambda/request.rs", "use crate::http::Problem;", "lambda must not know http::Problem"),
        ("http/accept.rs", "use crate::api::Route;", "http must not know api::Route"),
        ("api/run.rs", "use crate::websocket::RunWorker;", "api must not know websocket::RunWorker"),
        ("websocket/worker.rs", "use crate::app::AppContext;", "websocket must not know app::AppContext"),
        ("testing/mod.rs", "use crate::api::Route;", "testing must not know api::Route"),
        ("runner/turn.rs", "use crate::store::dynamo::keys;", "only app names the adapter store::dynamo"),
        ("api/errors.rs", "use crate::{store::{DynamoStore}};", "only app names the adapter store::DynamoStore"),
        ("llm/openai/wire.rs", "use super::super::anthropic::wire;", "the provider openai must not know anthropic"),
        ("newroom/mod.rs", "", "the room newroom has no rule"),
    ] {
        assert_eq!(faults(file, text), [format!("{file}: {expected}")]);
    }
    let fine = "use super::wire;\n#[cfg(test)]\nmod tests { use crate::testing::tokens; }";
    assert!(faults("llm/openai/convert.rs", fine).is_empty());
    assert!(faults("auth/cognito_tests.rs", "use crate::testing::tokens;").is_empty());
}
