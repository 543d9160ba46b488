//! The server of the suites' tools.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use openclaw::aws::https_client;
use serde_json::{Value, json};

/// The server, which ends with the harness.
pub(crate) struct Server {
    _stdin: ChildStdin,
    child: Child,
    address: String,
    client: reqwest::Client,
    cases: Value,
}

/// What `AgentDojo` finds in an environment.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Whether the attacker's goal was reached.
    pub(crate) goal_reached: bool,
    /// Whether the attacker's text was read.
    pub(crate) saw_injection: bool,
    /// Whether the user's task is done; `None` where it was not judged.
    pub(crate) task_done: Option<bool>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let python = root.join(".venv/firewall/bin/python");
        assert!(python.exists(), "AgentDojo is not installed; `make test` and `make firewall` install it");
        let mut child = Command::new(python)
            .current_dir(root)
            .args(["tests/firewall/server.py", "0", "--exit-with-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let address = format!("http://127.0.0.1:{}", port.trim());
        let (stdin, client) = (child.stdin.take().unwrap(), https_client(None).unwrap());
        let cases = client.get(format!("{address}/cases")).send().await.unwrap().json().await.unwrap();
        Self { _stdin: stdin, child, address, client, cases }
    }

    pub(crate) fn suites(&self) -> Vec<&str> {
        self.cases["suites"].as_array().unwrap().iter().map(|suite| suite["name"].as_str().unwrap()).collect()
    }

    fn suite(&self, name: &str) -> &Value {
        self.cases["suites"].as_array().unwrap().iter().find(|suite| suite["name"] == name).unwrap()
    }

    pub(crate) fn actions(&self, suite: &str) -> Value {
        self.suite(suite)["actions"].clone()
    }

    pub(crate) fn tasks(&self, suite: &str) -> Vec<Value> {
        self.suite(suite)["user_tasks"].as_array().unwrap().clone()
    }

    /// Returns the pairs that have a script.
    pub(crate) fn pairs(&self, suite: &str) -> Vec<Value> {
        let pairs = self.suite(suite)["pairs"].as_array().unwrap().iter();
        pairs.filter(|pair| pair["has_script"] == true).cloned().collect()
    }

    /// Returns the number of pairs that cannot be played, since nothing says which calls the attacker wants.
    pub(crate) fn pairs_without_script(&self) -> usize {
        let pairs = |suite| self.suite(suite)["pairs"].as_array().unwrap().len() - self.pairs(suite).len();
        self.suites().into_iter().map(pairs).sum()
    }

    /// Returns the text by which an injection is recognised.
    pub(crate) fn marker(&self) -> &str {
        self.cases["marker"].as_str().unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let sent = self.client.post(format!("{}{path}", self.address)).json(&body).send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.status());
        sent.json().await.unwrap()
    }

    /// Makes an environment for a case, and returns its id.
    pub(crate) async fn environment(&self, case: &Value) -> String {
        let mut body = json!({ "suite": case["suite"], "user_task": case["user_task"] });
        if let Some(injection) = case.get("injection_task") {
            body["injection_task"] = injection.clone();
        }
        self.post("/reset", body).await["environment"].as_str().unwrap().to_owned()
    }

    /// Returns the attacker's calls if they begin now.
    pub(crate) async fn attack(&self, environment: &str) -> Vec<Value> {
        self.post("/attack", json!({ "environment": environment })).await["calls"].as_array().unwrap().clone()
    }

    /// Returns `AgentDojo`'s verdict about an environment, and ends it. Whether the user's task is done takes longer than the
    /// rest, so it is judged only where `utility` asks for it.
    pub(crate) async fn verdict(&self, environment: &str, utility: bool) -> Verdict {
        let verdict = self.post("/verdict", json!({ "environment": environment, "utility": utility })).await;
        let ended = self.client.delete(format!("{}/environments/{environment}", self.address)).send().await;
        assert!(ended.unwrap().status().is_success());
        Verdict {
            goal_reached: verdict["security"] == true,
            saw_injection: verdict["saw_injection"] == true,
            task_done: verdict["utility"].as_bool(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its standard input as well.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
