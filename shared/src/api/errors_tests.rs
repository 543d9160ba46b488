use super::*;
use crate::agent::StateName;

#[test]
fn a_failed_graph_names_its_state_to_the_client_and_in_the_log() {
    let failed = TurnError::GraphFailed { state: StateName::new("done"), reason: "a name that is not defined" };
    let error = ApiError::from_turn(failed);
    assert_eq!(error.problem.kind, ProblemKind::GraphFailed);
    let expected = "the state done cannot be evaluated: a name that is not defined";
    assert_eq!(error.internal.as_deref(), Some(expected));
    assert!(error.problem.detail.starts_with("the state done of the agent cannot be evaluated: "), "{error:?}");
}
