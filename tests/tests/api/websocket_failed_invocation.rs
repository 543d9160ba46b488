//! Runs that Lambda could not finish: their clients would wait for ever if nobody told them.

use openclaw::delivery::SendError;
use serde_json::{Value, json};

use crate::sockets::Sockets;

fn invoke() -> Value {
    json!({ "action": "invoke", "agent": "default", "request_id": "mine", "prompt": "Hello" })
}

/// What Lambda says of an order that it gives up.
fn record(order: &[u8], condition: &str) -> Value {
    let order: Value = serde_json::from_slice(order).unwrap();
    json!({
        "version": "1.0",
        "requestContext": { "requestId": "r", "functionArn": "f", "condition": condition, "approximateInvokeCount": 1 },
        "requestPayload": order,
        "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
        "responsePayload": { "errorMessage": "a secret" },
    })
}

#[tokio::test]
async fn a_run_that_was_given_up_is_told_to_its_client() {
    for (condition, status) in [("RetriesExhausted", 500), ("EventAgeExceeded", 503)] {
        let sockets = Sockets::connected().await;
        sockets.say(&invoke()).await;
        sockets.handle(record(&sockets.orders.take().unwrap(), condition)).await;
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
        sockets.say(&invoke()).await;
        assert!(sockets.orders.take().is_some(), "the name is free again");
    }
}

/// While a version is deployed, orders of one meet the code of another.
#[tokio::test]
async fn the_client_is_told_whatever_the_orders_revision() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke()).await;
    let mut record = record(&sockets.orders.take().unwrap(), "RetriesExhausted");
    record["requestPayload"]["websocket_run"]["v"] = json!(2);
    record["requestPayload"]["websocket_run"]["groups"] = json!({ "of": "another shape" });
    sockets.handle(record).await;
    assert_eq!(sockets.frames()[0]["data"]["status"], 500);
}

#[tokio::test]
async fn what_is_said_late_of_an_order_touches_no_later_one() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke()).await;
    let order = sockets.orders.take().unwrap();
    sockets.carry_out_this(&order).await;
    let before = sockets.frames().len();
    sockets.handle(record(&order, "RetriesExhausted")).await;
    assert_eq!(sockets.frames().len(), before, "its client knows its end");
    sockets.say(&invoke()).await;
    sockets.handle(record(&order, "RetriesExhausted")).await;
    assert_eq!(sockets.frames().len(), before);
    sockets.carry_out().await;
    assert_eq!(sockets.frames().last().unwrap()["event"], "end");
}

#[tokio::test]
async fn who_cannot_be_told_is_told_later() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke()).await;
    let record = record(&sockets.orders.take().unwrap(), "RetriesExhausted");
    let event = || serde_json::from_value(record.clone()).unwrap();
    sockets.registry.set_down(true);
    assert!(sockets.try_to_handle(event()).await.is_err());
    sockets.registry.set_down(false);
    sockets.mailbox.fail_once_after(0, SendError::Failed("busy".to_owned()));
    assert!(sockets.try_to_handle(event()).await.is_err());
    assert!(sockets.try_to_handle(event()).await.is_ok());
    assert_eq!(sockets.frames().len(), 1);
    sockets.mailbox.fail_after(1, SendError::Gone);
    assert!(sockets.try_to_handle(event()).await.is_ok(), "who has left needs no word");
}
