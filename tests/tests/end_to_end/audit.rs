//! The audit: what is done reaches the locked bucket, in chains that hold.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openclaw::audit::{AuditReader, S3Bucket, day_of, verify_day};
use openclaw::aws::{AwsService, CallLimits, local_context};
use openclaw::domain::Timestamp;
use serde_json::Value;

use crate::gateway::{Gateway, QUICK_AGENT, setting};

const AWS_ENDPOINT_URL: &str = "OPENCLAW_TEST_AWS_ENDPOINT_URL";
const BUCKET: &str = "OPENCLAW_TEST_AUDIT_BUCKET";

/// The bucket of `make up`.
const DEFAULT_BUCKET: &str = "openclaw-audit";

fn bucket() -> S3Bucket {
    let endpoint = setting(AWS_ENDPOINT_URL)
        .unwrap_or_else(|| panic!("set {AWS_ENDPOINT_URL} to a local cloud's address, or run `make test`"));
    let client = local_context(&endpoint).unwrap().client(AwsService::S3, CallLimits::PATIENT);
    S3Bucket::new(client, setting(BUCKET).unwrap_or_else(|| DEFAULT_BUCKET.to_owned()))
}

fn today() -> String {
    #[expect(clippy::disallowed_methods, reason = "the test's own time, not the gateway's")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    day_of(Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap()))
}

/// Returns all entries of a day.
async fn entries(bucket: &S3Bucket, day: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    for key in bucket.list(&format!("entries/{day}/")).await.unwrap() {
        let text = bucket.get(&key).await.unwrap().unwrap_or_default();
        entries.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    entries
}

#[tokio::test]
async fn a_turn_and_its_erasure_reach_the_bucket_in_chains_that_hold() {
    let alice = Gateway::of("alice");
    let turn = alice.turn(QUICK_AGENT, "My favourite number is 7.", None).await;
    let path = format!("/v1/conversations/{}", turn["conversation_id"].as_str().unwrap());
    assert_eq!(alice.delete(&path).await.status, 204);
    let bucket = bucket();
    let mut of_turn = Vec::new();
    for _ in 0..60 {
        let all = entries(&bucket, &today()).await;
        let conversation = all.iter().find(|entry| entry["run"] == turn["id"]).map(|entry| &entry["conversation"]);
        of_turn = all.iter().filter(|entry| Some(&entry["conversation"]) == conversation).cloned().collect();
        if of_turn.len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let kinds: Vec<&str> = of_turn.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(kinds, ["invocation", "erasure"], "{of_turn:?}");
    assert_eq!((&of_turn[0]["agent"], &of_turn[0]["status"]), (&QUICK_AGENT.into(), &"succeeded".into()));
    assert_eq!(of_turn[0]["subject"], of_turn[1]["subject"]);
    let verified = verify_day(&bucket, &today(), &today()).await.unwrap();
    assert!(verified.entries >= 2);
}
