//! The table of problems itself.

use std::collections::BTreeSet;

use openclaw::http::{Problem, ProblemKind};

#[test]
fn every_kind_has_a_name_of_its_own_and_a_status_of_the_contract() {
    let names: BTreeSet<&str> = ProblemKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), ProblemKind::ALL.len());
    let statuses: BTreeSet<u16> = ProblemKind::ALL.iter().map(|kind| kind.status().as_u16()).collect();
    let expected = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429, 500, 502, 503, 504];
    assert_eq!(statuses, expected.into());
}

#[test]
fn an_internal_error_reveals_no_internals() {
    let document = Problem::new(ProblemKind::Internal, "an internal error").to_json("the-request");
    let expected = "{\"type\":\"urn:openclaw:problem:internal\",\"title\":\"Internal error\",\"status\":500,\
                    \"detail\":\"an internal error\",\"instance\":\"the-request\"}";
    assert_eq!(document, expected);
}

#[test]
fn a_wait_is_whole_seconds_and_at_least_one() {
    for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
        let problem = Problem::new(ProblemKind::Unavailable, "").retry_after(std::time::Duration::from_millis(millis));
        assert_eq!(problem.retry_after_seconds(), Some(seconds), "{millis}");
    }
}
