//! Every phase with every event, and runs through whole graphs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::domain::{
    ActionOutput, Approval, Ask, Content, FailureKind, FinishReason, Generation, LlmFailure, MaxTokens, Message,
    ModelId, ModelRef, Principal, PrincipalKind, Provider, Role, RunId, Settled, SettledOutcome, StepKind, StopReason,
    TenantId, Timestamp, ToolCall, ToolCallId, ToolName, Trust, Usage, UserId,
};

pub(super) fn name(text: &str) -> StateName {
    StateName::new(text)
}

pub(super) fn node(state: State, next: Option<&str>) -> Node {
    Node { state, next: next.map(name), on_error: None }
}

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn model() -> ModelRef {
    ModelRef { provider: Provider::OpenAi, model: ModelId::new("m") }
}

pub(super) fn agent(graph: Graph, max_steps: u32) -> Arc<AgentDefinition> {
    Arc::new(AgentDefinition {
        name: "default".parse().unwrap(),
        description: None,
        system: Some("Be brief.".to_owned()),
        model: model(),
        fallbacks: Vec::new(),
        guardrail: None,
        temperature: None,
        max_tokens: MaxTokens::DEFAULT,
        context_tokens: None,
        tools: Vec::new(),
        actions: BTreeMap::new(),
        safeguards: Safeguards::default(),
        graph,
        memory: MemorySettings { window_messages: 10, retention: Duration::from_secs(1) },
        access: Access { groups: ["user".to_owned()].into(), tenants: std::collections::BTreeSet::default() },
        max_prompt_bytes: 1000,
        max_steps,
        max_tokens_limit: MaxTokens::DEFAULT,
        run_limits: RunLimits::default(),
    })
}

fn alice() -> Principal {
    Principal {
        kind: PrincipalKind::User,
        user: UserId::new("alice"),
        tenant: TenantId::default(),
        groups: ["user".to_owned()].into(),
    }
}

pub(super) fn start_with(graph: Graph, max_steps: u32, history: Vec<Message>) -> AgentRun {
    start_agent(agent(graph, max_steps), history)
}

pub(super) fn start_agent(agent: Arc<AgentDefinition>, history: Vec<Message>) -> AgentRun {
    let metadata = BTreeMap::from([("ticket".to_owned(), "T-1".to_owned())]);
    let input = CallerInput { prompt: "hi".to_owned(), metadata, caller: alice() };
    let input = RunInput { history, input, temperature: None, max_tokens: None };
    AgentRun::start(agent, RunId::new(Uuid::nil()), input, at(1000))
}

fn start() -> AgentRun {
    start_with(Graph::default_graph(), 25, Vec::new())
}

pub(super) fn reply(content: Vec<Content>, finish: FinishReason) -> RunEvent {
    RunEvent::ModelReplied(Generation {
        message: Message::new(Role::Assistant, content),
        finish,
        usage: Usage { input_tokens: 5, output_tokens: 2 },
        served_by: model(),
    })
}

pub(super) fn text(text: &str) -> RunEvent {
    reply(vec![Content::Text(text.to_owned())], FinishReason::EndTurn)
}

pub(super) fn call(id: &str) -> ToolCall {
    ToolCall { id: ToolCallId::new(id), name: ToolName::new("search"), arguments: json!({"q": 1}) }
}

pub(super) fn proposes(id: &str) -> RunEvent {
    reply(vec![Content::Text("let me see".to_owned()), Content::ToolCall(call(id))], FinishReason::ToolCalls)
}

pub(super) fn settled(id: &str) -> RunEvent {
    RunEvent::Settled(vec![Settled { call: call(id), outcome: found(Trust::Trusted) }])
}

/// Returns the outcome of a call that has found something.
pub(super) fn found(trust: Trust) -> SettledOutcome {
    let data = ["customer".to_owned()].into();
    SettledOutcome::Succeeded(ActionOutput { value: json!("found"), trust, data, usage: None })
}

fn parked(id: &str) -> RunEvent {
    RunEvent::Parked(vec![Ask { call: call(id) }])
}

fn approved(id: &str) -> RunEvent {
    RunEvent::Approved(vec![Approval { call: ToolCallId::new(id) }])
}

pub(super) fn failed() -> RunEvent {
    let kind = FailureKind::Rejected { status: 500, code: None };
    RunEvent::ModelFailed(LlmFailure { provider: Provider::OpenAi, model: ModelId::new("m"), kind, retry_after: None })
}

fn settling() -> AgentRun {
    start().apply(proposes("c1"), at(1100)).unwrap()
}

fn waiting() -> AgentRun {
    settling().apply(parked("c1"), at(1200)).unwrap()
}

fn finished() -> AgentRun {
    start().apply(text("hello"), at(1100)).unwrap()
}

#[test]
fn the_default_graph_calls_the_model_and_outputs_its_reply() {
    let run = start();
    let Effect::CallModel(request) = run.next_effect() else { panic!("not a model call") };
    assert_eq!(request.prompt.system.as_deref(), Some("Be brief."));
    assert_eq!(request.prompt.messages, [Message::text(Role::User, "hi")]);
    let run = run.apply(text("hello"), at(1250)).unwrap();
    assert_eq!(run.next_effect(), Effect::Finish);
    assert_eq!(
        run.outcome(),
        Some(&Outcome::Completed(RunOutput { output: "hello".to_owned(), stop_reason: StopReason::EndTurn }))
    );
    assert_eq!(run.turn_messages(), [Message::text(Role::User, "hi"), Message::text(Role::Assistant, "hello")]);
    let [step] = run.steps() else { panic!("one step") };
    assert_eq!((step.kind, step.latency_ms, step.outcome.as_str()), (StepKind::Generate, 250, "end_turn"));
    assert_eq!(run.usage(), Usage { input_tokens: 5, output_tokens: 2 });
}

#[test]
fn each_finish_reason_has_its_stop_reason() {
    for (finish, stop) in [
        (FinishReason::EndTurn, StopReason::EndTurn),
        (FinishReason::MaxTokens, StopReason::MaxTokens),
        (FinishReason::StopSequence, StopReason::StopSequence),
        (FinishReason::Policy, StopReason::Policy),
        (FinishReason::ToolCalls, StopReason::EndTurn),
    ] {
        let run = start().apply(reply(vec![Content::Text("x".to_owned())], finish), at(1)).unwrap();
        let Some(Outcome::Completed(output)) = run.outcome() else { panic!("{finish:?} gave no output") };
        assert_eq!(output.stop_reason, stop);
    }
}

#[test]
fn results_of_settled_calls_are_sent_to_the_model() {
    let run = settling();
    assert_eq!(run.next_effect(), Effect::Settle(vec![call("c1")]));
    let run = run.apply(settled("c1"), at(1300)).unwrap();
    let Effect::CallModel(request) = run.next_effect() else { panic!("not a model call") };
    let [_, proposal, result] = request.prompt.messages.as_slice() else { panic!("three messages") };
    assert_eq!(proposal.tool_calls().collect::<Vec<_>>(), [&call("c1")]);
    assert!(result.has_tool_result());
    let run = run.apply(text("done"), at(1400)).unwrap();
    assert_eq!(run.turn_messages().len(), 4);
    let kinds: Vec<StepKind> = run.steps().iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::Generate, StepKind::Action, StepKind::Generate]);
    assert_eq!(run.usage(), Usage { input_tokens: 10, output_tokens: 4 });
}

#[test]
fn a_parked_call_waits_for_its_own_approval() {
    let run = waiting();
    assert_eq!(run.next_effect(), Effect::AwaitApproval(vec![Ask { call: call("c1") }]));
    assert!(run.clone().apply(approved("another"), at(1300)).is_err());
    let run = run.apply(approved("c1"), at(1300)).unwrap();
    assert_eq!(run.next_effect(), Effect::Settle(vec![call("c1")]));
}

#[test]
fn every_phase_accepts_only_its_own_events() {
    type Make = fn() -> RunEvent;
    let events: [(&str, Make); 6] = [
        ("replied", || text("x")),
        ("failed", failed),
        ("settled", || settled("c1")),
        ("parked", || parked("c1")),
        ("approved", || approved("c1")),
        ("cancelled", || RunEvent::Cancelled),
    ];
    let phases: [(AgentRun, &[&str]); 4] = [
        (start(), &["replied", "failed", "cancelled"]),
        (settling(), &["settled", "parked", "cancelled"]),
        (waiting(), &["approved", "cancelled"]),
        (finished(), &[]),
    ];
    for (run, taken) in phases {
        for (name, event) in events {
            let effect = run.next_effect();
            assert_eq!(effect, run.next_effect(), "the effect does not change until an event is applied");
            let result = run.clone().apply(event(), at(2000));
            assert_eq!(result.is_ok(), taken.contains(&name), "{name} while {effect:?}");
        }
    }
}

#[test]
fn results_of_other_calls_are_refused() {
    assert!(settling().apply(settled("c2"), at(1)).is_err());
    assert!(settling().apply(RunEvent::Settled(Vec::new()), at(1)).is_err());
    assert!(settling().apply(RunEvent::Parked(Vec::new()), at(1)).is_err());
}

#[test]
fn a_failed_or_cancelled_run_has_no_output() {
    let run = start().apply(failed(), at(1)).unwrap();
    assert!(matches!(run.outcome(), Some(Outcome::Failed(RunFailure::Model(_)))));
    let run = waiting().apply(RunEvent::Cancelled, at(1)).unwrap();
    assert_eq!(run.outcome(), Some(&Outcome::Failed(RunFailure::Cancelled)));
}

#[test]
fn endless_tool_calls_end_at_the_step_limit() {
    let mut run = start_with(Graph::default_graph(), 4, Vec::new());
    let mut calls = 0;
    while run.outcome().is_none() {
        let event = match run.next_effect() {
            Effect::CallModel(_) => {
                calls += 1;
                proposes("c1")
            }
            _ => settled("c1"),
        };
        run = run.apply(event, at(1)).unwrap();
    }
    assert_eq!(calls, 2);
    let Some(Outcome::Completed(output)) = run.outcome() else { panic!("no output") };
    assert_eq!(output.stop_reason, StopReason::ToolLimit);
    let last = run.turn_messages().last().unwrap();
    assert_eq!(last.tool_calls().count(), 0, "no call is stored without its result");
    assert_eq!(last.role, Role::Assistant);
}

#[test]
fn an_empty_reply_is_stored_but_not_sent_to_a_model() {
    let run = start().apply(reply(Vec::new(), FinishReason::EndTurn), at(1)).unwrap();
    let stored = run.turn_messages().to_vec();
    assert_eq!(stored.last(), Some(&Message::text(Role::Assistant, "")));
    let next = start_with(Graph::default_graph(), 25, stored);
    let Effect::CallModel(request) = next.next_effect() else { panic!("not a model call") };
    let [only] = request.prompt.messages.as_slice() else { panic!("consecutive messages of one role are joined") };
    assert_eq!(only.content.len(), 2);
}

proptest! {
    /// Whatever a model replies, a run ends within its steps, its messages alternate as providers require, and every call
    /// has its result.
    #[test]
    fn any_replies_lead_to_a_valid_turn(choices in prop::collection::vec(any::<bool>(), 0..60), max_steps in 1_u32..30) {
        let mut run = start_with(Graph::default_graph(), max_steps, Vec::new());
        let mut choices = choices.into_iter();
        let mut effects = 0;
        while run.outcome().is_none() {
            effects += 1;
            prop_assert!(effects <= 2 * max_steps + 2);
            let event = match run.next_effect() {
                Effect::CallModel(_) if choices.next().unwrap_or(false) => proposes("c1"),
                Effect::CallModel(_) => text("done"),
                _ => settled("c1"),
            };
            run = run.apply(event, at(1)).unwrap();
        }
        let messages = run.turn_messages();
        prop_assert_eq!(messages.last().map(|message| message.role), Some(Role::Assistant));
        for pair in messages.windows(2) {
            prop_assert_ne!(pair[0].role, pair[1].role);
            prop_assert_eq!(pair[0].tool_calls().next().is_some(), pair[1].has_tool_result());
        }
    }
}
