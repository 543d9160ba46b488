//! The keys of actions of type `http`.

use serde_json::{Value, json};

use crate::actions::ActionError;
use crate::aws::local_context;
use crate::testing::OneAction;

fn action(change: &Value) -> OneAction {
    let mut section = json!({
        "type": "http", "url": "https://api.example.com/items/{{ arguments.id }}",
        "parameters": { "type": "object", "properties": { "id": { "type": "string" }, "more": { "type": "string" } } },
    });
    for (key, value) in change.as_object().unwrap() {
        section[key] = value.clone();
    }
    OneAction::new(&section)
}

fn faults(change: &Value) -> Vec<String> {
    action(change).faults().into_iter().map(|fault| format!("{}: {}", fault.path, fault.found)).collect()
}

#[test]
fn a_sound_action_has_no_faults() {
    let full = json!({
        "method": "POST",
        "headers": { "authorization": "Bearer {{ secrets['api/key'] }}", "x-user": "{{ caller.user }}" },
        "query": { "q": "{{ arguments.more }}", "n": 5 },
        "body": { "a": ["{{ arguments.more }}", 1], "prompt": "{{ input.prompt }}" },
        "response": { "first": "{{ body.items[0] }}", "code": "{{ status }}", "kind": "{{ headers['content-type'] }}",
            "some": "{% for at in range(3) %}{{ body.items[at] }}{% endfor %}" },
        "private": { "cidr": "10.1.2.0/24", "owner": "team", "approved_by": "security", "reason": "index", "expires": "2030-01-31" },
    });
    assert_eq!(faults(&full), Vec::<String>::new());
    assert_eq!(faults(&json!({})), Vec::<String>::new());
    let rights = action(&json!({})).rights();
    assert!(rights.hosts.contains("api.example.com:443") && rights.private.is_empty(), "{rights:?}");
    let rights = action(&full).rights();
    assert!(rights.hosts.is_empty() && rights.private.contains("10.1.2.0/24:443"), "{rights:?}");
    assert!(rights.templates.iter().any(|(path, _)| path == "headers.authorization"));
}

#[test]
fn no_segment_takes_the_one_before_it_away() {
    for url in ["https://e.com/{{ arguments.id }}/../x", "https://e.com/./x", "https://e.com/a/.."] {
        assert_eq!(faults(&json!({ "url": url })), ["url: a path with a segment that is . or .."], "{url}");
    }
}

#[test]
fn scheme_host_and_port_are_fixed() {
    for url in [
        "{{ arguments.id }}",
        "{{ arguments.id }}://api.example.com/",
        "https://{{ arguments.id }}/x",
        "https://{{ arguments.id }}.example.com/x",
        "https://api.example.com:{{ arguments.id }}/x",
        "https://api.example.com/x?q={{ arguments.id }}",
        "https://api.example.com/x#{{ arguments.id }}",
        "https://api.example.com/{% if true %}x{% endif %}",
        "https://api.example.com/{{ arguments.id",
        "/items",
        "mailto:a@example.com",
    ] {
        assert_eq!(faults(&json!({ "url": url })), ["url: an address that cannot be used"], "{url}");
    }
    for url in [
        "http://api.example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://user@api.example.com/",
    ] {
        assert_eq!(faults(&json!({ "url": url })).len(), 1, "{url}");
    }
    assert_eq!(faults(&json!({ "url": "https://api.example.com:0/" })), ["url: port 0"]);
    let unknown = faults(&json!({ "url": "https://api.example.com/{{ arguments.id | nosuch }}" }));
    assert_eq!(unknown, ["url: filter nosuch is unknown"]);
    let mut local = action(&json!({ "url": "http://127.0.0.1:9999/x" }));
    local.is_local = true;
    assert_eq!(local.faults(), []);
    assert!(local.rights().hosts.is_empty(), "what is local needs no way out");
}

#[test]
fn names_of_the_machine_itself_are_refused_as_its_addresses_are() {
    let checked = |url: &str, is_local: bool| {
        let mut action = action(&json!({ "url": url }));
        action.is_local = is_local;
        action.faults()
    };
    for url in [
        "https://localhost/",
        "http://localhost:8080/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://api.localhost/",
        "https://127.0.0.1/",
        "http://[::1]/",
    ] {
        let found = checked(url, false);
        assert!(found.len() == 1 && found[0].path == "url", "{url}: {found:?}");
        assert!(found[0].allowed.contains("OPENCLAW_LOCAL=1"), "{url}: {found:?}");
    }
    for url in ["https://localhost/", "http://localhost:8080/", "http://[::1]/"] {
        assert_eq!(checked(url, true), [], "{url}");
    }
    // Anyone can publish such a name, so that the gateway does not call it on the local cloud either.
    for url in ["https://localhost./", "http://api.localhost/"] {
        assert_eq!(checked(url, true).len(), 1, "{url}");
    }
    for url in ["https://localhost.example.com/", "https://notlocalhost/", "https://foo.internal/"] {
        assert_eq!(checked(url, false), [], "{url}");
    }
}

#[test]
fn a_header_stands_once_in_whatever_case() {
    let found = faults(&json!({ "headers": { "X-Case": "a", "x-case": "b", "x-other": "c" } }));
    assert_eq!(found, ["headers.x-case: a header a second time"]);
}

#[test]
fn a_header_has_only_what_a_header_can_have() {
    for value in [
        "a\r\nx-admin: 1",
        "a\n",
        "a\0",
        "a\tb",
        "\u{7f}",
        "\u{f6}",
        " KP",
        "a\n{{ arguments.id }}",
        "{{ arguments.id }}\r\nx: 1",
        "{{ arguments.id }}\n{{ arguments.more }}",
        "Bearer\n{{ secrets['api/key'] }}",
        "{{ secrets['api/key'] }}\0;",
    ] {
        let found = faults(&json!({ "headers": { "x-a": value } }));
        assert_eq!(found, ["headers.x-a: characters that a header cannot have"], "{value:?}");
    }
    for value in [
        "Bearer {{ arguments.id }}",
        " {{ arguments.id }}\n",
        "Bearer {{ secrets['api/key'] }}\n",
        "{{ arguments.id | default('\n') }}",
    ] {
        assert_eq!(faults(&json!({ "headers": { "x-a": value } })), [""; 0], "{value:?}");
    }
    for name in ["x\r\na", "x\0", "x a"] {
        assert_eq!(
            faults(&json!({ "headers": { name: "x" } })),
            [format!("headers.{name}: a name that is not a header's")]
        );
    }
}

#[test]
fn templates_read_no_args_since_the_type_has_none() {
    for (change, path) in [
        (json!({ "url": "https://api.example.com/{{ args.lang }}" }), "url"),
        (json!({ "headers": { "x-lang": "{{ args['lang'] }}" } }), "headers.x-lang"),
    ] {
        let found = action(&change).faults();
        assert_eq!((found.len(), found[0].path.as_str()), (1, path), "{found:?}");
        assert_eq!(found[0].allowed, "input, caller or arguments, since the action has no args");
    }
}

#[test]
fn every_fault_of_a_key_has_its_place() {
    let bad = json!({
        "method": "TRACE", "url": "https://api.example.com/{{ arguments.gone }}", "body": { "a": ["{{ states.find.output }}"] },
        "headers": { "host": "x", "idempotency-key": "x", "bad name": "x", "x-both": "{{ secrets['a'] }} {{ arguments.id }}", "x-role": "{{ env['AWS_SECRET_ACCESS_KEY'] }}" },
        "query": { "q": "{{ arguments.id | nosuch }}" }, "response": "{{ arguments.id }}",
        "private": { "cidr": "127.0.0.0/8", "owner": " ", "approved_by": "x", "reason": "x", "expires": "soon" },
    });
    let mut found = faults(&bad);
    found.sort();
    let expected = [
        "body.a[0]: \"states.find.output\"",
        "body: a body of GET",
        "headers.bad name: a name that is not a header's",
        "headers.host: a header that the gateway sets",
        "headers.idempotency-key: a header that the gateway sets",
        "headers.x-both: \"secrets\"",
        "headers.x-role: env['AWS_SECRET_ACCESS_KEY']",
        "method: another method",
        "private.owner: nothing",
        "private: an exception that cannot be used",
        "query.q: filter nosuch is unknown",
        "response: \"arguments.id\"",
        "url: \"arguments.gone\"",
    ];
    assert_eq!(found, expected);
    assert_eq!(faults(&json!({ "url": 5 })), ["url: a value of another type"]);
    assert_eq!(faults(&json!({ "private": { "cidr": "10.0.0.0/8" } })), ["private.owner: nothing"]);
}

#[tokio::test]
async fn the_reason_why_a_value_cannot_stand_in_the_path_is_given_once() {
    let context = local_context("http://127.0.0.1:9").unwrap();
    let refused = action(&json!({})).call(&context, &json!({ "id": ".." })).await;
    assert_eq!(refused, Err(ActionError::Refused("a value in the path is . or ..".to_owned())));
}
