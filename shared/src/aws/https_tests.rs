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

/// Returns a server's hello of TLS before 1.3 that chooses this version (RFC 5246, section 7.4.1.3).
fn server_hello(version: [u8; 2]) -> Vec<u8> {
    const ECDHE_RSA_WITH_AES_128_GCM_SHA256: [u8; 2] = [0xc0, 0x2f];
    // Behind the random bytes an empty session, and no compression behind the cipher.
    let body = [&version[..], &[7; 32], &[0], &ECDHE_RSA_WITH_AES_128_GCM_SHA256, &[0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    let record = [0x16, version[0], version[1], 0, length + 4, 2, 0, 0, length];
    record.into_iter().chain(body).collect()
}

#[test]
fn tls_older_than_1_2_is_refused() {
    let answered = |version| {
        let config = Arc::new(tls_config(None).unwrap());
        let mut client = rustls::ClientConnection::new(config, "example.com".try_into().unwrap()).unwrap();
        client.write_tls(&mut Vec::new()).unwrap();
        client.read_tls(&mut server_hello(version).as_slice()).unwrap();
        client.process_new_packets().map(|_| ())
    };
    assert_eq!(answered([3, 3]), Ok(()), "TLS 1.2; the client waits for a certificate");
    for older in [[3, 0], [3, 1], [3, 2]] {
        let refused = rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13;
        assert_eq!(answered(older), Err(refused.into()), "{older:?}");
    }
}
