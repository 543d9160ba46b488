//! Terraform routes what the gateway serves, each path to the function that serves it locally too.
#![expect(clippy::panic, reason = "a test that cannot continue has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The file of Terraform's routes.
const ROUTES: &str = "infra/modules/gateway/routes.tf";
/// The local routes that stand for everything else, which Terraform sends to its default function.
const EVERYTHING_ELSE: [&str; 2] = ["/", "/{}"];

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the path without the names of its parameters, which differ between the lists.
fn nameless(path: &str) -> String {
    path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
}

/// Returns the texts between quotation marks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// Reads paths and functions from `infra/modules/gateway/routes.tf`, where each line is
/// `function = { priority = 10, paths = ["/a", "/b"] }`.
fn terraform(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once(" = { priority"));
    lines.flat_map(|(function, rest)| quoted(rest).map(|path| (nameless(path), function.trim().to_owned()))).collect()
}

/// Reads paths and functions of the local router from `Cargo.toml`, where each line is `"/a" = "function"`.
fn local(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| line.starts_with("\"/"));
    let pairs = lines.filter_map(|line| Some((nameless(quoted(line).next()?), quoted(line).nth(1)?.to_owned())));
    pairs.filter(|(path, _)| !EVERYTHING_ELSE.contains(&path.as_str())).collect()
}

/// Returns the paths of the committed `openapi.json`, which another test compares with the code.
fn documented(text: &str) -> BTreeSet<String> {
    let document: serde_json::Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("openapi.json: {error}"));
    let paths = document
        .get("paths")
        .and_then(serde_json::Value::as_object)
        .unwrap_or_else(|| panic!("openapi.json has no paths"));
    paths.keys().map(|path| nameless(path)).collect()
}

#[test]
fn terraform_routes_what_the_gateway_serves() {
    let terraform: BTreeSet<String> = terraform(&read(ROUTES)).into_keys().collect();
    assert!(terraform.len() >= 8, "{terraform:?}");
    assert_eq!(terraform, documented(&read("openapi.json")), "Terraform, and openapi.json");
}

#[test]
fn terraform_routes_to_the_function_that_serves_it_locally() {
    assert_eq!(terraform(&read(ROUTES)), local(&read("Cargo.toml")), "Terraform, and Cargo.toml");
}

#[test]
fn a_route_on_one_side_only_is_found() {
    let terraform =
        terraform("    a = { priority = 10, paths = [\"/v1/a\", \"/v1/a/{name}\"] }\n    paths = [\"/v1/b\"]\n");
    let local = local("\"/v1/a\" = \"a\"\n\"/v1/a/{id}\" = \"b\"\n\"/\" = \"c\"\n\"/{*rest}\" = \"c\"\n");
    assert_eq!(terraform.keys().collect::<Vec<_>>(), ["/v1/a", "/v1/a/{}"]);
    assert_eq!(local.values().collect::<Vec<_>>(), ["a", "b"]);
    assert_ne!(terraform, local);
    assert_eq!(documented(r#"{"paths":{"/v1/a/{x}":{}}}"#), BTreeSet::from(["/v1/a/{}".to_owned()]));
}
