//! Every environment variable that the gateway reads is set by Terraform, and the other way round.
#![expect(clippy::panic, reason = "a test that cannot continue has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Variables that Lambda itself sets.
const SET_BY_LAMBDA: [&str; 6] = [
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];
/// Variables that the operator may set by `environment_overrides`, whose validation names them.
const SET_BY_THE_OPERATOR: [&str; 3] = ["LLM_PROVIDER", "LLM_MODEL", "LLM_API_KEY"];
/// Prefixes of names. All variables with such a prefix count as set if one of them is.
const PREFIXES: [&str; 2] = ["OPENCLAW__", "AWS_ENDPOINT_URL_"];

/// The files that set the functions' variables.
const SETTERS: [&str; 2] = ["infra/modules/gateway/digests.tf", "infra/modules/gateway/functions.tf"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the values of all public constants of the file.
fn constants(text: &str) -> BTreeSet<String> {
    let value = |line: &str| line.trim().strip_prefix("pub const ")?.split('"').nth(1).map(str::to_owned);
    text.lines().filter_map(value).collect()
}

/// Returns the names that an HCL file assigns and that look like environment variables, in `{ NAME = … }` too.
fn assigned(text: &str) -> BTreeSet<String> {
    let code = text.lines().map(|line| line.split(" #").next().unwrap_or_default());
    let code = code.filter(|line| !line.trim_start().starts_with('#'));
    let name = |before: &str| before.trim_end().rsplit([' ', '{', ',']).next().map(str::to_owned);
    let is_variable = |name: &String| {
        name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    code.flat_map(|line| line.match_indices(" = ").map(|(at, _)| &line[..at]).filter_map(name).collect::<Vec<_>>())
        .filter(is_variable)
        .collect()
}

/// Returns the constants that Terraform does not set.
fn unset(constants: &BTreeSet<String>, assigned: &BTreeSet<String>) -> Vec<String> {
    let others = [&SET_BY_LAMBDA[..], &SET_BY_THE_OPERATOR[..], &PREFIXES[..]].concat();
    let left_out = |name: &&String| !assigned.contains(*name) && !others.contains(&name.as_str());
    constants.iter().filter(left_out).cloned().collect()
}

/// Returns the variables that Terraform sets and the gateway does not read.
fn unread(constants: &BTreeSet<String>, assigned: &BTreeSet<String>) -> Vec<String> {
    let is_read = |name: &str| {
        constants.contains(name)
            || PREFIXES.iter().any(|prefix| constants.contains(*prefix) && name.starts_with(prefix))
    };
    assigned.iter().filter(|name| !is_read(name)).cloned().collect()
}

#[test]
fn terraform_sets_what_the_gateway_reads() {
    let constants = constants(&read("shared/src/config/env.rs"));
    let assigned = assigned(&SETTERS.map(read).concat());
    assert!(constants.len() >= 15 && assigned.len() >= 8, "{constants:?} {assigned:?}");
    assert_eq!(unset(&constants, &assigned), [""; 0], "env.rs has them, Terraform does not set them");
    assert_eq!(unread(&constants, &assigned), [""; 0], "Terraform sets them, env.rs does not have them");
}

#[test]
fn variables_that_others_set_are_not_set_by_terraform() {
    let constants = constants(&read("shared/src/config/env.rs"));
    let assigned = assigned(&SETTERS.map(read).concat());
    for name in [&SET_BY_LAMBDA[..], &SET_BY_THE_OPERATOR[..]].concat() {
        assert!(constants.contains(name), "{name} is in this test's lists and not in env.rs");
        assert!(!assigned.contains(name), "{name} is in this test's lists and Terraform sets it");
    }
    let variables = read("infra/modules/gateway/variables.tf");
    assert!(variables.contains("LLM_(PROVIDER|MODEL|API_KEY)"), "environment_overrides takes what operators may set");
}

#[test]
fn a_variable_on_one_side_only_is_found() {
    let constants = constants("pub const A: &str = \"ONE\";\npub const B: &str = \"TWO\";\n");
    let assigned = assigned("  # FOUR = 4\n  ONE = 1\n  x = y ? {} : { THREE = 3 } # FIVE = 5\n  lower = 1\n");
    assert_eq!(assigned.iter().collect::<Vec<_>>(), ["ONE", "THREE"]);
    assert_eq!(unset(&constants, &assigned), ["TWO"]);
    assert_eq!(unread(&constants, &assigned), ["THREE"]);
}
