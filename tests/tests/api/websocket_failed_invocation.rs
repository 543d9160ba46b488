//! Runs that Lambda could not finish: their clients must be notified, or they would wait for ever.

use openclaw::audit::EntryKind;
use openclaw::delivery::SendError;
use serde_json::{Value, json};

use crate::sockets::Sockets;

fn invoke() -> Value {
    json!({ "action": "invoke", "agent": "default", "request_id": "mine", "prompt": "Hello" })
}

/// Returns Lambda's record of a failed invocation of the run.
fn record(run: &[u8], condition: &str) -> Value {
    let run: Value = serde_json::from_slice(run).unwrap();
    json!({
        "version": "1.0",
        "requestContext": { "requestId": "r", "functionArn": "f", "condition": condition, "approximateInvokeCount": 1 },
        "requestPayload": run,
        "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
        "responsePayload": { "errorMessage": "a secret" },
    })
}

#[tokio::test]
async fn the_client_of_a_failed_invocation_is_notified() {
    for (condition, status) in [("RetriesExhausted", 500), ("EventAgeExceeded", 503)] {
        let sockets = Sockets::connected().await;
        sockets.send(&invoke()).await;
        sockets.handle(record(&sockets.runs.take().unwrap(), condition)).await;
        let entries = sockets.world.audit.entries();
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        let ended = if status == 500 { "internal" } else { "unavailable" };
        assert_eq!((entry.kind, entry.status.as_deref()), (EntryKind::Invocation, Some(ended)));
        let frames = sockets.frames();
        let [frame] = frames.as_slice() else { panic!("{frames:?}") };
        assert_eq!((&frame["event"], &frame["data"]["status"]), (&json!("error"), &json!(status)));
        assert_eq!((&frame["request_id"], &frame["seq"]), (&json!("mine"), &json!(9_007_199_254_740_991_u64)));
        assert!(!frame.to_string().contains("secret"));
        let counted: Value = serde_json::from_str(sockets.world.metrics.lock().unwrap().last().unwrap()).unwrap();
        assert_eq!(
            (&counted["Errors"], &counted["Requests"]),
            (&json!(1), &json!(1)),
            "its function could not count it"
        );
        sockets.send(&invoke()).await;
        assert!(sockets.runs.take().is_some(), "the request id is free again");
    }
}

/// During a deployment, the code of one version receives runs of another.
#[tokio::test]
async fn the_client_is_notified_whatever_the_revision_of_the_run() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke()).await;
    let mut record = record(&sockets.runs.take().unwrap(), "RetriesExhausted");
    record["requestPayload"]["websocket_run"]["v"] = json!(2);
    record["requestPayload"]["websocket_run"]["groups"] = json!({ "of": "another shape" });
    sockets.handle(record).await;
    assert_eq!(sockets.frames()[0]["data"]["status"], 500);
}

#[tokio::test]
async fn a_late_record_does_not_affect_a_later_run() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke()).await;
    let run = sockets.runs.take().unwrap();
    sockets.perform_event(&run).await;
    let before = sockets.frames().len();
    sockets.handle(record(&run, "RetriesExhausted")).await;
    assert_eq!(sockets.frames().len(), before, "the client has received the end of the run");
    sockets.send(&invoke()).await;
    sockets.handle(record(&run, "RetriesExhausted")).await;
    assert_eq!(sockets.frames().len(), before);
    sockets.perform_next().await;
    assert_eq!(sockets.frames().last().unwrap()["event"], "end");
}

#[tokio::test]
async fn a_run_that_never_started_is_audited_also_if_its_client_has_left() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke()).await;
    let run = sockets.runs.take().unwrap();
    sockets.event("DISCONNECT", json!({})).await;
    sockets.handle(record(&run, "EventAgeExceeded")).await;
    assert_eq!(sockets.world.audit.entries()[0].status.as_deref(), Some("unavailable"));
    assert!(sockets.frames().is_empty());
}

#[tokio::test]
async fn a_failed_notification_is_retried() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke()).await;
    let record = record(&sockets.runs.take().unwrap(), "RetriesExhausted");
    let event = || serde_json::from_value(record.clone()).unwrap();
    sockets.registry.set_down(true);
    assert!(sockets.try_to_handle(event()).await.is_err());
    sockets.registry.set_down(false);
    sockets.mailbox.fail_once_after(0, SendError::Failed("busy".to_owned()));
    assert!(sockets.try_to_handle(event()).await.is_err());
    assert!(sockets.try_to_handle(event()).await.is_ok());
    assert_eq!(sockets.frames().len(), 1);
    sockets.mailbox.fail_after(1, SendError::Gone);
    assert!(sockets.try_to_handle(event()).await.is_ok(), "a closed connection needs no notification");
}
