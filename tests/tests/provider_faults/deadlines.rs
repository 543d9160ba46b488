//! The deadline that Lambda gives, and the front door's.

use std::time::Duration;

use openclaw_tests::model_stub::Behaviour;

use crate::scene::{LONG, Running, Scene};

async fn late(agent: &mut Running, platform: Duration) -> Duration {
    agent.scene.model.push(Behaviour::Hang);
    let (answer, took) = agent.ask_within("Hello", platform).await;
    assert_eq!(answer.status_code, 504, "{answer:?}");
    assert_eq!(agent.scene.items().await, 0, "nothing is half-written");
    took
}

#[tokio::test]
async fn a_call_to_a_hanging_provider_ends_a_second_before_the_deadline() {
    let mut agent = Scene::new().await.start().await;
    let took = late(&mut agent, Duration::from_millis(2500)).await;
    assert!((1400..2300).contains(&took.as_millis()), "answered after {took:?}");
    let log = agent.lines().await.0.pop().unwrap();
    assert_eq!((&log["status"], &log["provider"], &log["model"]), (&504.into(), &"openai".into(), &"first".into()));
    assert_eq!(agent.ask("Again").await.status_code, 200, "the function is as good as before");
}

#[tokio::test]
async fn the_front_doors_limit_applies_if_it_is_smaller() {
    let mut agent = Scene::new().await.with("OPENCLAW_DEADLINE_MS", "700").start().await;
    let took = late(&mut agent, LONG).await;
    assert!((650..2000).contains(&took.as_millis()), "answered after {took:?}");
}

#[tokio::test]
async fn a_deadline_that_is_over_at_once_is_still_answered() {
    let mut agent = Scene::new().await.start().await;
    assert!(late(&mut agent, Duration::from_millis(900)).await < Duration::from_millis(900));
}
