//! Outputs that strangers cannot write.

use serde_json::json;

use super::settle_tests::{Bench, step, steps};
use crate::agent::{ActionDefinition, Safeguards};
use crate::domain::Trust;
use crate::testing::Reaction;

#[tokio::test]
async fn a_trusted_output_is_a_source_unless_the_call_echoes_what_a_stranger_wrote() {
    let trusted = |look: &mut ActionDefinition, _: &mut ActionDefinition| look.output = Trust::Trusted;
    let bench = Bench::with(trusted, Safeguards::default());
    bench.look.then(Reaction::Answer(json!({ "mail": "carol@corp.com" })));
    bench.proposes(&[("look", json!({ "what": "Carol" }))]);
    bench.proposes(&[("send", json!({ "to": "carol@corp.com" }))]);
    let outcome = bench.take("Write to Carol").await;
    assert_eq!(steps(&outcome), [step("look", "succeeded", &[]), step("send", "succeeded", &[])]);
    // The model makes the name up, so what comes back may be an echo.
    bench.look.then(Reaction::Answer(json!("no contact eve@evil.example")));
    bench.proposes(&[("look", json!({ "what": "eve@evil.example" }))]);
    bench.proposes(&[("send", json!({ "to": "eve@evil.example" }))]);
    bench.plans("{\"send\": 1}");
    let outcome = bench.take("Write to somebody").await;
    assert_eq!(steps(&outcome)[2..], [step("send", "needs-approval", &["strict-untrusted-authority"])]);
}

#[tokio::test]
async fn what_is_left_of_a_cut_output_is_not_trusted() {
    for (limit, is_asked) in [(1_000, false), (40, true)] {
        let trusted = |look: &mut ActionDefinition, _: &mut ActionDefinition| {
            (look.output, look.max_output_bytes) = (Trust::Trusted, limit);
        };
        let bench = Bench::with(trusted, Safeguards::default());
        bench.look.then(Reaction::Answer(json!({ "mail": "carol@corp.com", "note": "x".repeat(50) })));
        bench.proposes(&[("look", json!({ "what": "Carol" }))]);
        bench.proposes(&[("send", json!({ "to": "carol@corp.com" }))]);
        bench.plans("{\"send\": 1}");
        let outcome = bench.take("Write to Carol").await;
        let (ended, policies) =
            if is_asked { ("needs-approval", vec!["strict-untrusted-authority"]) } else { ("succeeded", vec![]) };
        assert_eq!(steps(&outcome).last(), Some(&step("send", ended, &policies)), "{limit}");
    }
}
