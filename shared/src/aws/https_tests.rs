use super::*;

#[test]
fn extra_authorities_must_be_certificates() {
    for pem in [&b""[..], b"not pem", b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"] {
        assert!(https_client(Some(pem)).is_err());
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let server = wiremock::MockServer::start().await;
    let redirect = wiremock::ResponseTemplate::new(307).insert_header("location", "/elsewhere");
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(redirect).mount(&server).await;
    let client = https_client(None).unwrap();
    let answer = client.get(server.uri()).header("authorization", "Bearer key").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 307);
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "a credential goes nowhere else");
}
