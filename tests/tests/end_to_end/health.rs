//! `/v1/health`, and what every path answers.

use reqwest::Method;
use reqwest::header::{ACCEPT, ORIGIN};

use crate::gateway::{Gateway, send};

#[tokio::test]
async fn health_needs_no_token() {
    let health = Gateway::anonymous().get("/v1/health").await.json(200);
    assert_eq!(health["status"], "ok");
    assert!(health["version"].as_str().is_some_and(|version| version.contains('.')), "{health}");
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_document_on_any_method_without_a_token() {
    let gateway = Gateway::anonymous();
    for path in ["/", "/v1", "/v1/nothing", "/v1/health/", "/v2/agents"] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            send(gateway.request(method, path)).await.problem(404);
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_allowed_ones() {
    let gateway = Gateway::anonymous();
    let cases = [
        ("/v1/health", Method::POST, "GET, HEAD, OPTIONS"),
        ("/v1/health/deep", Method::DELETE, "GET, HEAD, OPTIONS"),
        ("/v1/agents", Method::PUT, "GET, HEAD, OPTIONS"),
        ("/v1/agents/default", Method::POST, "GET, HEAD, OPTIONS"),
        ("/v1/models", Method::PATCH, "GET, HEAD, OPTIONS"),
        ("/v1/agent/default", Method::GET, "POST, OPTIONS"),
        ("/v1/conversations", Method::POST, "GET, HEAD, DELETE, OPTIONS"),
        ("/v1/users/x/conversations", Method::GET, "DELETE, OPTIONS"),
        ("/v1/conversations/x", Method::PUT, "GET, HEAD, DELETE, OPTIONS"),
    ];
    for (path, method, allow) in cases {
        let answer = send(gateway.request(method, path)).await;
        answer.problem(405);
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
    }
}

#[tokio::test]
async fn options_answers_without_a_token_and_no_origin_is_allowed() {
    let preflight = Gateway::anonymous().request(Method::OPTIONS, "/v1/agent/default");
    let preflight = preflight.header(ORIGIN, "https://page.example").header("access-control-request-method", "POST");
    let answer = send(preflight).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
}

#[tokio::test]
async fn a_client_that_does_not_accept_json_gets_406() {
    let health = Gateway::anonymous().request(Method::GET, "/v1/health").header(ACCEPT, "text/html");
    send(health).await.problem(406);
    let agents = Gateway::of("alice").request(Method::GET, "/v1/agents").header(ACCEPT, "image/png");
    send(agents).await.problem(406);
}
