//! The surroundings of the function: the token issuer, the model, the table and the secret.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use openclaw::aws::{AwsContext, AwsService, CallLimits, local_context};
use openclaw::testing::{bundle_of, create_table};
use openclaw_tests::events::{HttpAnswer, HttpEvent};
use openclaw_tests::issuer::Issuer;
use openclaw_tests::model_stub::ModelStub;
use openclaw_tests::process::FunctionSpec;
use openclaw_tests::runtime_api::{LambdaFunction, StartError};
use serde_json::{Value, json};
use uuid::Uuid;

const ENDPOINT: &str = "OPENCLAW_TEST_AWS_ENDPOINT_URL";
const POOL: &str = "us-east-1_faults";
const CLIENT: &str = "faults";
const OWNER: &str = "3d1a7c52-90a4-4a41-8d8e-3a1c6f1e2b70";

/// Longer than any provider's time-out that these tests wait for.
pub(crate) const LONG: Duration = Duration::from_secs(30);
/// The key that the provider receives if a test does not set another.
pub(crate) const KEY: &str = "sk-marker-of-the-key";

#[expect(clippy::disallowed_methods, reason = "the test's own setting, not the gateway's")]
fn endpoint() -> String {
    std::env::var(ENDPOINT).unwrap_or_else(|_| panic!("set {ENDPOINT} to a local cloud's address, or run `make test`"))
}

#[expect(clippy::disallowed_methods, reason = "tests of one run must not share a name")]
pub(crate) fn fresh_name() -> String {
    format!("faults-{}", Uuid::new_v4())
}

/// Returns the path of a function's binary, which is next to this test's own.
fn binary(function: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let binary = own.ancestors().nth(2).unwrap().join(function);
    assert!(binary.exists(), "there is no {}: run `cargo build --bin {function}`, or `make test`", binary.display());
    binary
}

/// The surroundings of one test; they stop when dropped.
pub(crate) struct Scene {
    pub(crate) issuer: Issuer,
    pub(crate) model: ModelStub,
    pub(crate) aws: AwsContext,
    /// The configuration in YAML, which is bundled when the function starts.
    pub(crate) configuration: String,
    function: &'static str,
    settings: Vec<(&'static str, String)>,
    table: String,
}

impl Scene {
    /// Creates a scene for the function `agent` with one agent, `default`, whose model speaks the OpenAI protocol.
    pub(crate) async fn new() -> Self {
        Self::of("agent").await
    }

    /// Creates the same scene for another function.
    pub(crate) async fn of(function: &'static str) -> Self {
        let (issuer, model) = (Issuer::start(POOL, CLIENT).await.unwrap(), ModelStub::start().await.unwrap());
        let aws = local_context(&endpoint()).unwrap();
        let configuration = configuration(&model.base_url());
        let settings = vec![
            ("AWS_ENDPOINT_URL", endpoint()),
            ("OPENCLAW_LOCAL", "1".to_owned()),
            ("OPENCLAW__AUTHENTICATION__JWKS_URL", issuer.jwks_url()),
            ("PROVIDER_KEY", KEY.to_owned()),
        ];
        Self { issuer, model, aws, configuration, function, settings, table: fresh_name() }
    }

    /// Adds to the configuration's end, or replaces a part of it.
    pub(crate) fn configured(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.configuration = change(self.configuration);
        self
    }

    /// Sets an environment variable; a later one wins.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Starts the function.
    pub(crate) async fn start(self) -> Running {
        let client = aws_sdk_dynamodb::Client::new(&self.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK));
        create_table(&client, &self.table).await.unwrap();
        let function = self.try_start().await.unwrap();
        let token = self.issuer.access_token(OWNER, &["user"]).unwrap();
        Running { scene: self, function, token }
    }

    /// Starts the function, which may fail.
    pub(crate) async fn try_start(&self) -> Result<LambdaFunction, StartError> {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.json", self.table));
        std::fs::write(&file, bundle(&self.configuration)).unwrap();
        let spec = FunctionSpec::new(self.function, binary(self.function))
            .with("OPENCLAW_CONFIG", file.to_string_lossy())
            .with("OPENCLAW_TABLE", &self.table);
        let spec = self.settings.iter().fold(spec, |spec, (name, value)| spec.with(name, value.as_str()));
        LambdaFunction::start(&spec).await
    }

    /// Returns the environment of a function whose configuration has this address, for handlers that a test builds itself.
    pub(crate) fn environment(&self, configuration: &str) -> Vec<(String, String)> {
        let lambda =
            ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| (name, "us-east-1".to_owned()));
        let own = self.settings.iter().cloned().chain(lambda);
        let own = own.chain([("OPENCLAW_CONFIG", configuration.to_owned())]);
        own.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Returns the number of items in the table.
    pub(crate) async fn items(&self) -> i32 {
        let client = aws_sdk_dynamodb::Client::new(&self.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK));
        client.scan().table_name(&self.table).send().await.unwrap().count()
    }
}

/// Returns the bundle of a configuration, which need not pass the check.
pub(crate) fn bundle(yaml: &str) -> String {
    bundle_of(&openclaw_cli::read_yaml(yaml).unwrap())
}

/// Returns the configuration of [`Scene::new`], to which agents may be appended.
pub(crate) fn configuration(model_url: &str) -> String {
    format!(
        r#"llm: {{ provider: openai, model: first }}
authentication: {{ enabled: true, provider: cognito, user_pool_id: {POOL}, client_id: {CLIENT} }}
providers:
  openai: {{ base_url: "{model_url}", api_key: "{{{{ env['PROVIDER_KEY'] }}}}" }}
agents:
  - name: default
"#
    )
}

/// A started function.
pub(crate) struct Running {
    pub(crate) scene: Scene,
    pub(crate) function: LambdaFunction,
    pub(crate) token: String,
}

impl Running {
    /// Performs one turn in a new conversation.
    pub(crate) async fn ask(&mut self, prompt: &str) -> HttpAnswer {
        self.ask_within(prompt, LONG).await.0
    }

    /// Performs one turn with a deadline, and returns its duration too.
    pub(crate) async fn ask_within(&mut self, prompt: &str, limit: Duration) -> (HttpAnswer, Duration) {
        let event = HttpEvent::new("POST", "/v1/agent/default").bearer(&self.token);
        let begun = Instant::now();
        let event = event.json(&json!({ "prompt": prompt })).to_load_balancer();
        let invoked = self.function.invoke(event, limit).await;
        let invocation = invoked.unwrap_or_else(|error| panic!("{error}; {}", self.function.stdout()));
        (HttpAnswer::read(&invocation.response()).unwrap(), begun.elapsed())
    }

    /// Performs one turn, which must end in a problem with this status, and returns the detail.
    pub(crate) async fn refused(&mut self, status: u16) -> String {
        let answer = self.ask("Hello").await;
        assert_eq!(answer.status_code, status, "{answer:?}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        answer.json()["detail"].as_str().unwrap().to_owned()
    }

    /// Returns the lines that the function wrote so far: the log, and the metrics. A line that is not JSON fails the test.
    pub(crate) async fn lines(&self) -> (Vec<Value>, Vec<Value>) {
        // The pipe may still hold lines that were written before the answer.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let lines = self.function.stdout();
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")));
        lines.partition(|line: &Value| line.get("_aws").is_none())
    }

    /// Returns the metrics of the newest invocation.
    pub(crate) async fn metrics(&self) -> Value {
        self.lines().await.1.pop().unwrap()
    }
}
