use proptest::prelude::*;

type Target = fn(&[u8]);

/// Each target with inputs as they occur.
const TARGETS: [(Target, &[&str]); 6] = [
    (
        super::http_event,
        &[
            include_str!("../../../events/agent-alb.json"),
            include_str!("../../../events/agent-apigw-v1.json"),
            include_str!("../../../events/agent-apigw-v2.json"),
            r#"{"httpMethod":"POST","path":"/v1/agent/a%2Fb","multiValueHeaders":{"Accept":["text/event-stream",null]},"body":null}"#,
        ],
    ),
    (
        super::websocket_event,
        &[
            include_str!("../../../events/websocket-connect.json"),
            include_str!("../../../events/websocket-message.json"),
            include_str!("../../../events/websocket-failed-run.json"),
            r#"{"requestContext":{"eventType":"MESSAGE","connectionId":"c"},"body":"{\"action\":\"$connect\"}"}"#,
        ],
    ),
    (super::cursor, &["bDoxNzAwMDAwMDAwMDAwOjMyNmVlN2QyLWIxYTktNDQwYy04ZjZkLTE4NGJlY2FlZGFjNw", "bTo3", "bTo"]),
    (super::accept, &["text/event-stream;q=0.5, application/json;q=0, */*", "text/*;q=1.0;level=1", ";;q="]),
    (super::idempotency_key, &["order-17", " order-17 ", "two words"]),
    (super::template, &["Bearer {{ secrets['a#b'] }}", "{{ ssm['/a/b'] }}{{ env['C'] }}", "{{ {{ }}"]),
];

#[test]
fn real_inputs_pass() {
    for (target, seeds) in TARGETS {
        for seed in seeds {
            target(seed.as_bytes());
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for (target, _) in TARGETS {
            target(&bytes);
        }
    }

    #[test]
    fn corrupted_inputs_are_read_or_refused(changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        for (target, seeds) in TARGETS {
            for seed in seeds {
                let mut bytes = seed.as_bytes().to_vec();
                for (at, byte) in &changes {
                    let at = at % bytes.len();
                    bytes[at] = *byte;
                }
                target(&bytes);
            }
        }
    }
}
