//! Tests of the stand-ins on which the other tests and the benchmark rely.
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

use openclaw_tests::{
    dynamo_proxy::DynamoProxy,
    model_stub::{Behaviour, ModelStub},
    process::FunctionSpec,
    runtime_api::{InvokeError, LambdaFunction, StartError},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

const LIMIT: Duration = Duration::from_millis(500);

/// Returns this program as a function: the harness runs the one test below in a process of its own.
fn spec() -> FunctionSpec {
    let mut spec = FunctionSpec::new("echo", std::env::current_exe().unwrap());
    spec.arguments = ["--exact", "plays_the_function", "--nocapture"].map(str::to_owned).into();
    spec
}

/// Sends one HTTP request and returns the answer's head and body.
fn exchange(address: &str, request: &str) -> std::io::Result<(Vec<String>, String)> {
    let mut stream = BufReader::new(TcpStream::connect(address)?);
    stream.get_mut().write_all(request.as_bytes())?;
    let head: Vec<String> = stream.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body)?;
    Ok((head, String::from_utf8(body).unwrap()))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a function reads its environment")]
fn plays_the_function() {
    let Ok(address) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let prefix = "/2018-06-01/runtime/invocation";
    loop {
        let next = format!("GET {prefix}/next HTTP/1.1\r\nhost: x\r\n\r\n");
        let Ok((head, event)) = exchange(&address, &next) else { return };
        let id = head.iter().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap();
        let (kind, body) = match event.as_str() {
            "crash" => std::process::exit(3),
            "hang" => loop {
                std::thread::park();
            },
            "error" => ("error", r#"{"errorType":"Bad","errorMessage":"no"}"#),
            event => ("response", event),
        };
        let length = body.len();
        let post = format!("POST {prefix}/{id}/{kind} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}");
        exchange(&address, &post).unwrap();
    }
}

#[tokio::test]
async fn an_event_is_answered_and_its_cost_known() {
    let mut function = LambdaFunction::start(&spec()).await.unwrap();
    for event in ["one", "two"] {
        let invocation = function.invoke(event, LIMIT).await.unwrap();
        assert_eq!(invocation.response(), event);
        assert!(invocation.wall < LIMIT);
    }
    assert!(function.init() > Duration::ZERO && function.age() > function.init());
    assert!(function.cpu_time().unwrap() > Duration::ZERO);
    let memory = function.memory().unwrap();
    assert!(memory.resident_kib > 0 && memory.peak_kib >= memory.resident_kib);
    assert!(function.stdout().contains("running 1 test"));
}

#[tokio::test]
async fn a_reported_error_is_distinguished_from_a_crash_and_a_deadline() {
    let mut function = LambdaFunction::start(&spec()).await.unwrap();
    let reported = function.invoke("error", LIMIT).await;
    assert!(matches!(reported, Err(InvokeError::Reported(error)) if error.error_type == "Bad"));
    let crashed = function.invoke("crash", LIMIT).await;
    assert!(matches!(crashed, Err(InvokeError::Exited(status)) if status.code() == Some(3)));
    let mut function = LambdaFunction::start(&spec()).await.unwrap();
    assert!(matches!(function.invoke("hang", LIMIT).await, Err(InvokeError::TimedOut)));
}

#[tokio::test]
async fn a_function_that_ends_at_once_never_started() {
    let started = LambdaFunction::start(&FunctionSpec::new("false", "/bin/false")).await;
    assert!(matches!(started, Err(StartError::NoPoll { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_follows_its_script_and_then_answers_as_usual() {
    let model = ModelStub::start().await.unwrap();
    let address = model.base_url().replace("http://", "").replace("/v1", "");
    let ask = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
    model.push(Behaviour::error(429, "rate_limited", "slow down"));
    model.push(Behaviour::Close);
    model.push(Behaviour::half());
    model.push(Behaviour::After(Duration::from_millis(30), Box::new(Behaviour::Say("late".to_owned()))));
    let (head, body) = exchange(&address, ask).unwrap();
    assert!(head.first().unwrap().contains("429") && body.contains("slow down"));
    assert!(exchange(&address, ask).unwrap().0.is_empty(), "closed without a word");
    assert!(exchange(&address, ask).unwrap().1.is_empty(), "a body without length, cut");
    assert!(exchange(&address, ask).unwrap().1.contains("late"));
    assert!(exchange(&address, ask).unwrap().1.contains(model.standard_text()));
    assert_eq!(model.requests(), 5);
    assert!(model.recorded().iter().all(|request| request.json() == json!({})));
}

#[tokio::test]
async fn forwarded_requests_and_bytes_are_counted() {
    let item = json!({ "PK": { "S": "a" }, "n": { "N": "12" } });
    let query = json!({ "Items": [item, item] }).to_string();
    let store = DynamoProxy::canned(BTreeMap::from([("Query".to_owned(), query.into())])).await.unwrap();
    let counting = DynamoProxy::in_front_of(&store.url()).await.unwrap();
    let asking = DynamoProxy::in_front_of(&counting.url()).await.unwrap();
    let answer = asking.call("Query", &json!({})).await.unwrap();
    let puts = json!({ "TransactItems": [{ "Put": { "Item": item } }, { "Put": { "Item": item } }] });
    asking.call("TransactWriteItems", &puts).await.unwrap();
    let counts = counting.take();
    assert_eq!(answer["Items"].as_array().unwrap().len(), 2);
    assert_eq!((counts.total(), counts.read_bytes, counts.written_bytes), (2, 12, 12));
    assert_eq!((counting.take().total(), store.take().total()), (0, 2));
    assert_eq!(counting.last_answer("TransactWriteItems").unwrap(), "{}");
}
