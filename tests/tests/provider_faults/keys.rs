//! Provider keys that rotate.

use aws_sdk_secretsmanager::Client;
use openclaw::aws::{AwsService, CallLimits};
use openclaw_tests::model_stub::Behaviour;

use crate::scene::{Running, Scene, fresh_name};

fn refusal() -> Behaviour {
    Behaviour::error(401, "invalid_api_key", "Incorrect API key provided: sk-old")
}

fn keys_used(agent: &Running) -> Vec<String> {
    let requests = agent.scene.model.recorded().into_iter();
    requests.map(|request| request.headers["authorization"].to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_rotated_key_causes_no_error_and_is_fetched_once() {
    let name = fresh_name();
    let scene =
        Scene::new().await.configured(|text| text.replace("env['PROVIDER_KEY']", &format!("secrets['{name}']")));
    let manager = Client::new(&scene.aws.sdk_config(AwsService::SecretsManager, CallLimits::QUICK));
    manager.create_secret().name(&name).secret_string("sk-old").send().await.unwrap();
    let mut agent = scene.start().await;
    assert_eq!(agent.ask("Hello").await.status_code, 200);

    manager.put_secret_value().secret_id(&name).secret_string("sk-new").send().await.unwrap();
    agent.scene.model.push(refusal());
    assert_eq!(agent.ask("Hello").await.status_code, 200);
    assert_eq!(keys_used(&agent), ["Bearer sk-old", "Bearer sk-old", "Bearer sk-new"]);

    manager.put_secret_value().secret_id(&name).secret_string("sk-newest").send().await.unwrap();
    (0..3).for_each(|_| agent.scene.model.push(refusal()));
    let detail = agent.refused(502).await;
    assert!(detail.contains("HTTP 401 invalid_api_key") && !detail.contains("sk-"), "{detail}");
    assert!(!keys_used(&agent).contains(&"Bearer sk-newest".to_owned()), "it is fetched at most once in 30 s");
}

#[tokio::test]
async fn a_missing_secret_is_unavailable_and_not_the_callers_fault() {
    let scene = Scene::new().await.configured(|text| text.replace("env['PROVIDER_KEY']", "secrets['faults-missing']"));
    let mut agent = scene.start().await;
    let detail = agent.refused(503).await;
    assert!(detail.contains("credentials"), "{detail}");
    assert_eq!((agent.scene.model.requests(), agent.scene.items().await), (0, 0));
}
