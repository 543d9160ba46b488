//! The cost of a turn in the table: requests and bytes, counted between the function and a real DynamoDB API.

use crate::{
    Failure,
    scene::{AUDIT_TABLE, Scene, Subject, TABLE, TICKETS_TABLE},
};
use openclaw_tests::{
    dynamo_proxy::{Counts, DynamoProxy},
    events::HttpAnswer,
    model_stub::{Behaviour, ModelStub},
    runtime_api::LambdaFunction,
};
use serde_json::{Value, json};
use std::{io, time::Duration};

/// The turn that later ones are compared with: the window has been full for a while.
const EARLY_TURN: usize = 50;

/// How long the model of a long run takes; runs are counted from 2 s on.
const LONG_RUN: Duration = Duration::from_millis(2500);

/// Counts of single turns of one conversation.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    pub(crate) first: Counts,
    pub(crate) early: Counts,
    pub(crate) late: Counts,
    pub(crate) idempotent: Counts,
    /// Those of a turn whose model takes [`LONG_RUN`].
    pub(crate) open_long: Counts,
    /// The answer to `Query` in a conversation longer than the window, for a store that answers at once.
    pub(crate) query: Vec<u8>,
}

/// Counts of a first turn whose graph calls an action once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls {
    pub(crate) plain: u64,
    /// With policies that read grants and counts.
    pub(crate) counted: u64,
}

/// Makes empty tables with the gateway's keys, its own and the audit's, and one that an action reads.
pub(crate) async fn create_tables(dynamodb: &DynamoProxy) -> io::Result<()> {
    // Of an earlier run.
    for table in [TABLE, AUDIT_TABLE, TICKETS_TABLE] {
        let _absent = dynamodb.call("DeleteTable", &json!({ "TableName": table })).await;
    }
    let keys = |hash: &str, range: &str| {
        json!([
            { "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" },
        ])
    };
    let attributes =
        ["PK", "SK", "GSI1PK", "GSI1SK"].map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
    let index = json!({
        "IndexName": "GSI1", "KeySchema": keys("GSI1PK", "GSI1SK"), "Projection": { "ProjectionType": "ALL" },
    });
    let table = json!({
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys("PK", "SK"),
        "AttributeDefinitions": attributes, "GlobalSecondaryIndexes": [index],
    });
    dynamodb.call("CreateTable", &table).await?;
    let audit = json!({
        "TableName": AUDIT_TABLE, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys("PK", "SK"),
        "AttributeDefinitions": &attributes[..2],
    });
    dynamodb.call("CreateTable", &audit).await?;
    let tickets = json!({
        "TableName": TICKETS_TABLE, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
    });
    dynamodb.call("CreateTable", &tickets).await.map(drop)
}

/// Counts the requests of turns with a call.
pub(crate) async fn calls(scene: &Scene, dynamodb: &DynamoProxy) -> Result<Calls, Failure> {
    let mut totals = [0; 2];
    for (total, is_counted) in totals.iter_mut().zip([false, true]) {
        let subject = scene.calling(&dynamodb.url(), is_counted)?;
        let mut function = subject.start().await?;
        let _before = dynamodb.take();
        let answered = subject.ask(&mut function).await?;
        let output = HttpAnswer::read(&answered.response())?.json();
        if output.get("output").and_then(Value::as_str) != Some("succeeded") {
            return Err(format!("the measured call has not run: {output}").into());
        }
        *total = dynamodb.take().total();
    }
    let [plain, counted] = totals;
    Ok(Calls { plain, counted })
}

/// Performs `turns` turns of one conversation and counts the first, an early and the last; `subject` continues it.
pub(crate) async fn measure(
    subject: &mut Subject,
    dynamodb: &DynamoProxy,
    model: &ModelStub,
    turns: usize,
) -> Result<Storage, Failure> {
    let mut function = subject.start().await?;
    let _before = dynamodb.take();
    subject.begin(&mut function).await?;
    let first = dynamodb.take();
    // A conversation has some turns before it is measured; `early` is its 50th turn, `late` its last.
    let early = after(subject, &mut function, dynamodb, EARLY_TURN - 1).await?;
    let late = after(subject, &mut function, dynamodb, turns - EARLY_TURN).await?;
    let query = dynamodb.last_answer("Query").ok_or("the function never asked for the conversation")?.to_vec();
    subject.ask_once(&mut function, "bench-1").await?;
    let idempotent = dynamodb.take();
    model.push(Behaviour::After(LONG_RUN, Box::new(Behaviour::Say("after a while".to_owned()))));
    subject.ask(&mut function).await?;
    let open_long = dynamodb.take();
    Ok(Storage { first, early, late, idempotent, open_long, query })
}

/// Returns the counts of the last of `turns` turns.
async fn after(
    subject: &Subject,
    function: &mut LambdaFunction,
    dynamodb: &DynamoProxy,
    turns: usize,
) -> Result<Counts, Failure> {
    for _ in 0..turns {
        let _uncounted = dynamodb.take();
        subject.ask(function).await?;
    }
    Ok(dynamodb.take())
}

/// Returns the number of items in an answer to `Query`.
pub(crate) fn items(query: &[u8]) -> usize {
    let answer: Value = serde_json::from_slice(query).unwrap_or_default();
    answer.get("Items").and_then(Value::as_array).map_or(0, Vec::len)
}
