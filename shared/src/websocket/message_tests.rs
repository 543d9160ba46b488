use super::*;
use crate::http::ProblemKind;
use crate::http::ProblemMember;

fn faults(text: &str) -> Vec<(String, String)> {
    let problem = read(text.as_bytes()).message.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::InvalidRequest, "{text}");
    let Some(ProblemMember::Errors(faults)) = problem.member else { panic!("{text}") };
    faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
}

fn pointers(text: &str) -> Vec<String> {
    faults(text).into_iter().map(|(pointer, _)| pointer).collect()
}

#[test]
fn an_invocation_has_the_members_of_a_body() {
    let text = r#"{"action":"invoke","agent":"default","request_id":"r-1","prompt":"Hi","temperature":1,"max_tokens":9,
                   "conversation_id":"6f1d2c3b-4a59-4e68-8b77-123456789abc","metadata":{"a":"b"}}"#;
    let Read { request_id, message } = read(text.as_bytes());
    assert_eq!(request_id.unwrap().as_str(), "r-1");
    let Ok(ClientMessage::Invoke { agent, body }) = message else { panic!("{message:?}") };
    assert_eq!((agent.as_str(), body.prompt.as_str()), ("default", "Hi"));
    assert!(body.conversation_id.is_some() && body.temperature.is_some() && body.max_tokens.is_some());
    assert_eq!(body.metadata["a"], "b");
}

#[test]
fn a_name_is_the_clients_choice_but_for_a_cancellation() {
    for name in ["", r#","request_id":null"#] {
        let read = read(format!(r#"{{"action":"invoke","agent":"a","prompt":"Hi"{name}}}"#).as_bytes());
        assert!(read.request_id.is_none() && read.message.is_ok(), "{name}");
    }
    let cancelled = read(br#"{"action":"cancel","request_id":"r-1"}"#);
    assert!(matches!(cancelled.message, Ok(ClientMessage::Cancel)));
    assert_eq!(pointers(r#"{"action":"cancel"}"#), ["/request_id"]);
    assert_eq!(pointers(r#"{"action":"cancel","request_id":"r","prompt":"Hi"}"#), ["/prompt"]);
}

#[test]
fn all_faults_are_reported_at_once_with_the_request_id() {
    let text = r#"{"action":"invoke","request_id":"mine","prompt":" ","agent":7,"frequency":1}"#;
    assert_eq!(pointers(text), ["/agent", "/prompt", "/frequency"]);
    assert_eq!(read(text.as_bytes()).request_id.unwrap().as_str(), "mine");
    let known =
        "is unknown; known are action, agent, request_id, prompt, conversation_id, temperature, max_tokens, metadata";
    assert_eq!(faults(text)[2].1, known);
}

#[test]
fn anything_else_is_refused() {
    for (text, expected) in [
        ("[]", vec![""]),
        ("7", vec![""]),
        ("null", vec![""]),
        ("{}", vec!["/action"]),
        (r#"{"action":"dance"}"#, vec!["/action"]),
        (r#"{"action":["invoke"]}"#, vec!["/action"]),
        (r#"{"action":"Invoke","agent":"a","prompt":"Hi"}"#, vec!["/action"]),
        (r#"{"action":"invoke","agent":null,"prompt":"Hi"}"#, vec!["/agent"]),
        (r#"{"action":"invoke","agent":"a","prompt":"Hi","request_id":""}"#, vec!["/request_id"]),
        (r#"{"action":"invoke","agent":"a","prompt":"Hi","request_id":7}"#, vec!["/request_id"]),
        (r#"{"action":"invoke","agent":"a","prompt":"Hi","request_id":"a b"}"#, vec!["/request_id"]),
    ] {
        assert_eq!(pointers(text), expected, "{text}");
    }
    for text in ["", "ping", "{", "\u{0}", r#"{"action":"invoke""#] {
        assert_eq!(read(text.as_bytes()).message.unwrap_err().kind, ProblemKind::InvalidBody, "{text}");
    }
    assert!(read(&[0xff, 0xfe]).message.is_err());
}
