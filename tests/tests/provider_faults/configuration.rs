//! Configurations: refused at the start with every fault, read from Parameter Store in parts, and looked at again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use openclaw::app::{FromConfig, Live, Shared, StartError};
use openclaw::aws::{AwsClient, AwsRequest, AwsService, CallLimits};
use openclaw::config::{Config, Environment};
use openclaw::domain::{Clock, Timestamp};
use openclaw_tests::runtime_api;
use serde_json::{Value, json};

use crate::scene::{Scene, fresh_name};

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
    assert!(stdout.contains("openai") && stdout.contains("nobody"), "what was found and what is allowed: {stdout}");
}

#[tokio::test]
async fn a_configuration_in_parts_serves() {
    let name = format!("/{}", fresh_name());
    let scene = Scene::new().await.with("OPENCLAW_CONFIG", format!("ssm:{name}"));
    let middle = scene.configuration.len() / 2;
    let (first, second) = scene.configuration.split_at(middle);
    let store = scene.aws.client(AwsService::Ssm, CallLimits::QUICK);
    put(&store, &format!("{name}/1"), first).await;
    put(&store, &format!("{name}/2"), second).await;
    assert_eq!(scene.start().await.ask("Hello").await.status_code, 200);
}

async fn put(store: &AwsClient, name: &str, value: &str) {
    let input = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
    call(store, "AmazonSSM.PutParameter", &input).await;
}

async fn call(store: &AwsClient, operation: &'static str, input: &Value) {
    store.send(&AwsRequest::json_1_1(operation, input).unwrap()).await.map(drop).unwrap();
}

/// A door that only remembers whose it is.
struct Names(Vec<String>);

#[async_trait]
impl FromConfig for Names {
    async fn from_config(config: &Config, _: &Shared) -> Result<Self, StartError> {
        Ok(Self(config.agents.keys().map(ToString::to_string).collect()))
    }
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

/// In the process itself, where the clock can be turned: real time would cost a minute a look.
#[tokio::test]
async fn a_new_version_is_taken_after_a_minute_and_a_bad_one_leaves_the_old_one_serving() {
    let (scene, name, clock) = (Scene::new().await, format!("/{}", fresh_name()), Arc::new(ManualClock::default()));
    let store = scene.aws.client(AwsService::Ssm, CallLimits::QUICK);
    let of = |agent: &str| scene.configuration.replace("name: default", &format!("name: {agent}"));
    put(&store, &name, &of("first")).await;
    let mut shared = Shared::new(Environment::from_pairs(scene.environment(&format!("ssm:{name}")))).unwrap();
    shared.clock = Arc::clone(&clock) as _;
    let live = Live::<Names>::start(shared).await.unwrap();
    assert_eq!(live.door().await.0, ["first"]);

    put(&store, &name, &of("second")).await;
    clock.advance(Duration::from_secs(59));
    assert_eq!(live.door().await.0, ["first"], "it is not looked at yet");
    clock.advance(Duration::from_secs(1));
    assert_eq!(live.door().await.0, ["second"]);

    put(&store, &name, BAD).await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(live.door().await.0, ["second"], "a bad version is refused");

    put(&store, &name, &of("third")).await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(live.door().await.0, ["third"], "and the next good one is taken");

    call(&store, "AmazonSSM.DeleteParameter", &json!({ "Name": name })).await;
    clock.advance(Duration::from_mins(1));
    assert_eq!(live.door().await.0, ["third"], "one that is gone does no harm");
}
