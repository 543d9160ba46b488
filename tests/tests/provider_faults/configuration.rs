//! Configurations: refused at the start with every fault, read from Parameter Store in parts, and read again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use openclaw::app::{AppContext, ReloadingHandler, StartError};
use openclaw::aws::{AwsClient, AwsRequest, AwsService, CallLimits};
use openclaw::config::{Config, Environment};
use openclaw::domain::{Clock, Timestamp, sha256_hex};
use openclaw_tests::runtime_api;
use serde_json::{Value, json};

use crate::scene::{Scene, bundle, fresh_name};

const BAD: &str = r"
llm: { provider: openai, model: first, temprature: 1 }
authentication: { enabled: true, provider: cognito, user_pool_id: us-east-1_faults, client_id: faults }
agents:
  - name: default
    memory_size: many
  - name: second
    llm: { provider: nobody, model: first }
";

#[tokio::test]
async fn a_bad_configuration_does_not_start_and_every_fault_is_in_the_log() {
    let scene = Scene::new().await.configured(|_| BAD.to_owned());
    let Err(runtime_api::StartError::NoPoll { stdout, .. }) = scene.try_start().await else {
        panic!("it started, or could not be run");
    };
    for path in ["llm.temprature", "agents[0].memory_size", "agents[1].llm.provider"] {
        assert!(stdout.contains(path), "{path} is missing: {stdout}");
    }
    assert!(stdout.contains("openai") && stdout.contains("nobody"), "the value found and the allowed ones: {stdout}");
}

#[tokio::test]
async fn a_configuration_in_parts_is_used() {
    let name = format!("/{}", fresh_name());
    let scene = Scene::new().await.with("OPENCLAW_CONFIG", format!("ssm:{name}"));
    let store = scene.aws.client(AwsService::Ssm, CallLimits::QUICK);
    let written = write(&store, &name, &bundle(&scene.configuration)).await;
    assert!(written.len() > 10, "more parts than one call reads: {written:?}");
    assert_eq!(scene.start().await.ask("Hello").await.status_code, 200);
}

#[tokio::test]
async fn a_yaml_file_does_not_start_and_the_log_says_how_to_bundle_it() {
    let scene = Scene::new().await;
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.yaml", fresh_name()));
    std::fs::write(&file, &scene.configuration).unwrap();
    let scene = scene.with("OPENCLAW_CONFIG", file.to_string_lossy());
    let Err(runtime_api::StartError::NoPoll { stdout, .. }) = scene.try_start().await else {
        panic!("it started, or could not be run");
    };
    assert!(stdout.contains("openclaw bundle DIR -o bundle.json"), "{stdout}");
}

/// Writes a document as a deployment does: its parts, then the pointer. Returns the names of the parts.
async fn write(store: &AwsClient, name: &str, text: &str) -> Vec<String> {
    let text = text.replace("{{", "\\u007b{");
    let sha256 = sha256_hex(text.as_bytes());
    let mut parts = Vec::new();
    for (index, part) in text.as_bytes().chunks(16).enumerate() {
        let part_name = format!("{name}/{sha256}/{}", index + 1);
        put(store, &part_name, std::str::from_utf8(part).unwrap()).await;
        parts.push(part_name);
    }
    put(store, name, &format!(r#"{{"parts":{},"sha256":"{sha256}"}}"#, parts.len())).await;
    parts
}

async fn remove(store: &AwsClient, names: &[String]) {
    for name in names {
        call(store, "AmazonSSM.DeleteParameter", &json!({ "Name": name })).await;
    }
}

async fn put(store: &AwsClient, name: &str, value: &str) {
    let input = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
    call(store, "AmazonSSM.PutParameter", &input).await;
}

async fn call(store: &AwsClient, operation: &'static str, input: &Value) {
    store.send(&AwsRequest::json_1_1(operation, input).unwrap()).await.map(drop).unwrap();
}

/// Builds a handler that only knows the names of its agents.
async fn agent_names(config: &Config, _: &AppContext) -> Result<Vec<String>, StartError> {
    Ok(config.agents.keys().map(ToString::to_string).collect())
}

#[derive(Default)]
struct ManualClock(AtomicU64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl ManualClock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

/// Runs in the test's own process, where it can advance the clock; in real time each check would take a minute.
#[tokio::test]
async fn a_new_version_is_used_after_a_minute_and_an_invalid_one_is_not() {
    let (scene, name, clock) = (Scene::new().await, format!("/{}", fresh_name()), Arc::new(ManualClock::default()));
    let store = scene.aws.client(AwsService::Ssm, CallLimits::QUICK);
    let of = |agent: &str| bundle(&scene.configuration.replace("name: default", &format!("name: {agent}")));
    let first = write(&store, &name, &of("first")).await;
    let mut context = AppContext::new(Environment::from_pairs(scene.environment(&format!("ssm:{name}")))).unwrap();
    context.clock = Arc::clone(&clock) as _;
    let handler = ReloadingHandler::start(context, agent_names).await.unwrap();
    assert_eq!(*handler.current().await, ["first"]);

    write(&store, &name, &of("second")).await;
    remove(&store, &first).await;
    clock.advance(Duration::from_secs(59));
    assert_eq!(*handler.current().await, ["first"], "it is not due for a check");
    clock.advance(Duration::from_secs(1));
    assert_eq!(*handler.current().await, ["second"]);

    write(&store, &name, &bundle(BAD)).await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(*handler.current().await, ["second"], "a bad version is refused");

    let third = write(&store, &name, &of("third")).await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(*handler.current().await, ["third"], "and the next good one is taken");

    let damaged = write(&store, &name, &of("fourth")).await;
    put(&store, &damaged[0], "damaged").await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(*handler.current().await, ["third"], "a part with another digest is refused");

    remove(&store, &third).await;
    call(&store, "AmazonSSM.DeleteParameter", &json!({ "Name": name })).await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(*handler.current().await, ["third"], "the old version stays in use if the pointer is gone");
}
