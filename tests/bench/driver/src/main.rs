//! Drives the floors and the gateway's functions side by side and prints each figure beside its floor and bound.
//!
//! Processor time and counts are what is judged; wall times only as ratios within one run. The result is 0 when
//! every function answered properly, whether or not a figure is over its bound.

mod arguments;
mod cold;
mod figure;
mod judging;
mod report;
mod scene;
mod storage;
mod streaming;
mod warm;
mod zip;

use arguments::Arguments;
use figure::print_table;
use openclaw_tests::dynamo_proxy::DynamoProxy;
use report::Report;
use scene::{Scene, Subject};
use std::{collections::BTreeMap, error::Error, process::ExitCode};

/// Any reason why something could not be measured.
pub(crate) type Failure = Box<dyn Error>;

// One thread: the stand-ins share the function's processor, so a second thread would only add switches.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let mut report = Report::default();
    if let Err(failure) = measure(&arguments, &mut report).await {
        report.failures.push(failure.to_string());
    }
    print_table(&report.figures);
    for failure in &report.failures {
        eprintln!("failed: {failure}");
    }
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(arguments: &Arguments, report: &mut Report) -> Result<(), Failure> {
    let scene = Scene::start(arguments).await?;
    let real = DynamoProxy::in_front_of(&arguments.dynamodb).await?;
    storage::create_tables(&real).await?;
    eprintln!("Counting requests and bytes over {} turns", arguments.turns);
    let mut floor = scene.chat_floor(&real.url());
    let floor_storage = storage::measure(&mut floor, &real, scene.model(), arguments.turns).await?;
    let mut agent = scene.agent(&real.url());
    let agent_storage = match storage::measure(&mut agent, &real, scene.model(), arguments.turns).await {
        Ok(storage) => Some(storage),
        Err(failure) => {
            report.failures.push(failure.to_string());
            None
        }
    };

    match storage::calls(&scene, &real).await {
        Ok(calls) => report.calls(calls),
        Err(failure) => report.failures.push(failure.to_string()),
    }

    // From here on the store answers at once with what the real one answered, so that a turn's time excludes the store's.
    let floor_store = answering(&floor_storage.query).await?;
    floor = floor.against(&floor_store.url());
    let agent_store = answering(agent_storage.as_ref().map_or(b"{}", |storage| storage.query.as_slice())).await?;
    agent = agent.against(&agent_store.url());
    let empty = DynamoProxy::canned(BTreeMap::new()).await?;
    let hello = scene.hello();
    let agent = agent_storage.is_some().then_some(agent);
    let stream = scene.stream(&empty.url());
    let others = scene.others(&empty.url()).into_iter().chain([
        stream.clone(),
        scene.websocket(&empty.url()),
        scene.authorizer(&empty.url()),
    ]);
    let others = report.answering(others).await;

    eprintln!("Starting each function {} times", arguments.cold);
    let subjects: Vec<&Subject> = [&hello, &floor].into_iter().chain(&agent).chain(&others).collect();
    report.cold(&subjects, &cold::measure(&subjects, arguments.cold).await?);
    eprintln!("Taking {} warm turns", arguments.warm);
    let turning: Vec<&Subject> = [&hello, &floor].into_iter().chain(&agent).collect();
    report.warm(&turning, &warm::measure(&turning, arguments.warm).await?);
    eprintln!("Judging calls");
    report.judging(&judging::measure()?);
    eprintln!("Streaming answers");
    match streaming::measure(&scene, &stream).await {
        Ok(streaming) => report.streaming(&streaming),
        Err(failure) => report.failures.push(failure.to_string()),
    }
    report.zips(&subjects)?;
    report.zip_of("archive", &arguments.functions.join("archive"))?;
    report.storage(&floor_storage, agent_storage.as_ref(), scene.new_text_bytes(), arguments.turns);
    Ok(())
}

async fn answering(query: &[u8]) -> Result<DynamoProxy, Failure> {
    let answers = BTreeMap::from([("Query".to_owned(), query.to_vec().into())]);
    Ok(DynamoProxy::canned(answers).await?)
}
