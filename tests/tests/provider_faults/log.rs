//! The fields that an invocation writes to the log, and the texts that it must never write there.

use openclaw_tests::model_stub::Behaviour;
use serde_json::Value;

use crate::scene::{KEY, Running, Scene};

const PROMPT: &str = "marker-of-the-prompt";
const ANSWER: &str = "marker-of-the-answer";

/// The fields that every line has.
const ALWAYS: [&str; 8] =
    ["timestamp", "level", "message", "request_id", "trace_id", "latency_ms", "status", "cold_start"];
/// The fields that the line of a turn has as well.
const OF_A_TURN: [&str; 6] = ["agent", "provider", "model", "input_tokens", "output_tokens", "tenant"];

fn assert_has(line: &Value, names: &[&str]) {
    for name in names {
        assert!(line.get(name).is_some_and(|value| !value.is_null()), "{name} is missing: {line}");
    }
}

fn assert_silent(agent: &Running) {
    let signature = agent.token.rsplit('.').next().unwrap();
    for (place, text) in [("standard output", agent.function.stdout()), ("standard error", agent.function.stderr())] {
        for marker in [PROMPT, ANSWER, KEY, signature] {
            assert!(!text.contains(marker), "{marker} is on {place}");
        }
    }
}

#[tokio::test]
async fn a_line_has_every_field_and_no_prompt_or_answer() {
    let mut agent = Scene::new().await.with("OPENCLAW_LOG_LEVEL", "debug").start().await;
    for cold in [true, false] {
        agent.scene.model.push(Behaviour::Say(ANSWER.to_owned()));
        let answer = agent.ask(PROMPT).await;
        assert_eq!(answer.json()["output"], ANSWER);
        let line = agent.lines().await.0.pop().unwrap();
        assert_has(&line, &ALWAYS);
        assert_has(&line, &OF_A_TURN);
        assert_eq!((&line["cold_start"], &line["status"]), (&cold.into(), &200.into()), "{line}");
        assert_eq!(line["request_id"], answer.headers["x-request-id"], "{line}");
        assert_eq!(line["trace_id"], "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0", "{line}");
    }
    assert_silent(&agent);
}

#[tokio::test]
async fn lines_of_failed_requests_have_no_prompt_or_answer() {
    let mut agent = Scene::new().await.with("OPENCLAW_LOG_LEVEL", "debug").start().await;
    let quoting = format!("{PROMPT} {ANSWER} {KEY}");
    let faults = [
        Behaviour::error(400, "invalid_request_error", &quoting),
        Behaviour::error(401, "invalid_api_key", &quoting),
        Behaviour::Answer { status: 200, headers: Vec::new(), body: quoting.clone() },
        Behaviour::Answer { status: 500, headers: Vec::new(), body: quoting.clone() },
    ];
    for fault in faults {
        (0..3).for_each(|_| agent.scene.model.push(fault.clone()));
        let asked = agent.scene.model.requests();
        let answer = agent.ask(PROMPT).await;
        assert_eq!(answer.status_code, 502, "{answer:?}");
        let body = answer.body.unwrap_or_default();
        assert!(![PROMPT, ANSWER, KEY].iter().any(|marker| body.contains(marker)), "{body}");
        let line = agent.lines().await.0.pop().unwrap();
        assert_has(&line, &ALWAYS);
        assert_eq!(
            (&line["status"], &line["agent"], &line["provider"]),
            (&502.into(), &"default".into(), &"openai".into())
        );
        // These turns use up the scripted errors, so that the next case starts without any.
        for _ in agent.scene.model.requests() - asked..3 {
            agent.ask(PROMPT).await;
        }
    }
    let token = std::mem::take(&mut agent.token);
    agent.token = format!("{token}x");
    assert_eq!(agent.ask(PROMPT).await.status_code, 401);
    agent.token = token;
    assert_silent(&agent);
}
