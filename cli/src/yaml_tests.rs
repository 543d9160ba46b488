use serde_json::json;

use super::*;

#[track_caller]
fn value(text: &str) -> Value {
    read(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.message())).to_json()
}

#[test]
fn scalars_are_those_of_yaml_1_2() {
    let text = "a: yes\nb: on\nc: true\nd: 1\ne: 1.5\nf: ~\ng: 0x10\nh: '1'\ni: -3\nj: |\n  two\n  lines\nk: >-\n  one\n  line\nl:\n";
    let expected = json!({
        "a": "yes", "b": "on", "c": true, "d": 1, "e": 1.5, "f": null, "g": 16, "h": "1", "i": -3,
        "j": "two\nlines\n", "k": "one line", "l": null,
    });
    assert_eq!(value(text), expected);
    for empty in ["", " \n", "# a comment\n", "---\n"] {
        assert!(matches!(value(empty), Value::Null | Value::Object(_)), "{empty:?}");
    }
}

#[test]
fn anchors_and_merge_keys_are_resolved() {
    let text = "base: &base { provider: bedrock, max_tokens: 9 }\nlist: [*base]\nown: { <<: *base, max_tokens: 3 }\n";
    let base = json!({ "provider": "bedrock", "max_tokens": 9 });
    let expected = json!({ "base": base, "list": [base], "own": { "provider": "bedrock", "max_tokens": 3 } });
    assert_eq!(value(text), expected);
}

#[test]
fn json_is_yaml_too() {
    let text = "{\"a\": [1, \"\\u007b{ x }}\"], \"b\": {\"c\": null}}";
    assert_eq!(value(text), json!({ "a": [1, "{{ x }}"], "b": { "c": null } }));
}

#[test]
fn every_key_and_scalar_knows_its_bytes() {
    let text = "llm: { provider: bedrock }\nagents:\n  - name: \"ä b\"\n    tools: [one, 'two']\n";
    let mut found = Vec::new();
    gather(&read(text).unwrap(), text, &mut found);
    let expected = ["llm", "provider", "bedrock", "agents", "name", "\"ä b\"", "tools", "one", "'two'"];
    assert_eq!(found, expected);
}

fn gather<'a>(node: &Node, text: &'a str, found: &mut Vec<&'a str>) {
    match &node.kind {
        Kind::Scalar(_) => found.push(&text[node.bytes.clone()]),
        Kind::List(entries) => entries.iter().for_each(|entry| gather(entry, text, found)),
        Kind::Mapping(pairs) => {
            for (key, value) in pairs {
                found.push(&text[key.bytes.clone()]);
                gather(value, text, found);
            }
        }
    }
}

#[test]
fn an_aliased_value_has_the_bytes_of_its_anchor() {
    let text = "a: &x secret\nb: *x\n";
    let Kind::Mapping(pairs) = read(text).unwrap().kind else { panic!("it is a mapping") };
    assert_eq!(&text[pairs[1].1.bytes.clone()], "secret");
    assert_eq!(&text[pairs[1].0.bytes.clone()], "b");
}

#[test]
fn text_that_is_not_yaml_has_its_place_and_is_not_quoted() {
    for (text, place) in [
        ("a: [1\nb: 2\n", (2, 2)),
        ("a: 1\n\tb: 2\n", (1, 4)),
        ("a: *SECRET\n", (1, 4)),
        ("a: 'SECRET\n", (2, 1)),
        ("a: 1\n---\nb: 2\n", (3, 1)),
    ] {
        let fault = read(text).unwrap_err();
        assert!(!fault.message().contains("SECRET"), "{text:?}: {}", fault.message());
        let start = fault.marked.as_ref().unwrap_or_else(|| panic!("{text:?} has no place")).start;
        assert_eq!(crate::fault::line_and_column(text, start), place, "{text:?}: {}", fault.message());
    }
    assert!(read("x: &a [*a]\n").is_err(), "a cycle");
}
