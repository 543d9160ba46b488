//! Turns over a store that fails and models that misbehave.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::actions::Actions;
use crate::agent::{Access, AgentDefinition, Graph, MemorySettings, RunLimits};
use crate::domain::{
    Clock, ConversationId, FailureKind, MaxTokens, ModelId, ModelRef, Principal, PrincipalKind, Provider, Role,
    StopReason, TenantId, Timestamp, ToolCall, ToolCallId, ToolName, Usage, UserId,
};
use crate::llm::LlmError;
use crate::policy::Policies;
use crate::runner::CallPorts;
use crate::store::{
    ConversationKey, ConversationStore, IdempotencyKey, InMemoryCounters, InMemoryGrants, InMemoryLeases,
    InMemoryStore, StoreError,
};
use crate::testing::{Fault, FaultyLeases, FaultyStore, FixedRandom, ManualClock, Operation, Script, ScriptedModel};

pub(super) struct World {
    pub(super) model: Arc<ScriptedModel>,
    pub(super) models: RunModels,
    pub(super) policies: Policies,
    pub(super) actions: Actions,
    pub(super) grants: InMemoryGrants,
    pub(super) counters: InMemoryCounters,
    pub(super) store: FaultyStore<InMemoryStore>,
    pub(super) leases: FaultyLeases<InMemoryLeases>,
    pub(super) run_limits: RunLimits,
    pub(super) clock: Arc<ManualClock>,
    random: FixedRandom,
    pub(super) agent: Arc<AgentDefinition>,
}

/// A turn of these tests: the parts of its request and its context that they vary.
pub(super) struct TestTurn {
    pub(super) principal: Principal,
    pub(super) agent: Arc<AgentDefinition>,
    pub(super) conversation: Option<ConversationId>,
    pub(super) prompt: String,
    pub(super) max_tokens: Option<MaxTokens>,
    pub(super) idempotency: Option<IdempotencyRequest>,
    pub(super) deadline: Deadline,
}

const NOW: u64 = 1_800_000_000_000;

impl World {
    pub(super) fn new() -> Self {
        let model = ScriptedModel::new(Provider::OpenAi);
        let models = model.alone().into();
        let store = FaultyStore::new(InMemoryStore::default());
        Self {
            model,
            models,
            policies: Policies::new([]),
            actions: Actions::default(),
            grants: InMemoryGrants::default(),
            counters: InMemoryCounters::default(),
            store,
            leases: FaultyLeases::new(InMemoryLeases::new()),
            run_limits: RunLimits::default(),
            clock: ManualClock::at(NOW),
            random: FixedRandom::default(),
            agent: agent("default"),
        }
    }

    pub(super) fn request(&self, prompt: &str) -> TestTurn {
        TestTurn {
            principal: who("alice"),
            agent: Arc::clone(&self.agent),
            conversation: None,
            prompt: prompt.to_owned(),
            max_tokens: None,
            idempotency: None,
            deadline: Deadline::after(Duration::from_secs(10)),
        }
    }

    pub(super) async fn take(&self, request: TestTurn) -> Result<TurnOutcome, TurnError> {
        self.take_with(request, None, &mut TurnMetrics::default()).await
    }

    /// Takes a turn whose events go to the sink.
    pub(super) async fn take_with(
        &self,
        request: TestTurn,
        events: Option<&EventSink>,
        metrics: &mut TurnMetrics,
    ) -> Result<TurnOutcome, TurnError> {
        let TestTurn { principal, agent, conversation, prompt, max_tokens, idempotency, deadline } = request;
        let request = TurnRequest {
            agent,
            continues: conversation.is_some(),
            prompt,
            metadata: BTreeMap::new(),
            temperature: None,
            max_tokens,
            idempotency,
            run_limits: self.run_limits,
            arrived: self.clock.now(),
        };
        let context = RunContext::new(&principal, conversation, deadline, self.clock.as_ref(), &self.random, events);
        let ports = TurnPorts {
            models: &self.models,
            calls: CallPorts {
                policies: &self.policies,
                actions: &self.actions,
                grants: &self.grants,
                counters: &self.counters,
            },
            store: &self.store,
            ledger: &self.store,
            leases: &self.leases,
        };
        turn(ports, &context, &request, metrics).await
    }

    pub(super) async fn transcript(&self, conversation: ConversationId) -> Vec<String> {
        let page = self.store.inner().transcript(&key(conversation), 0, 1000, usize::MAX).await.unwrap();
        page.messages.iter().map(|one| one.message.plain_text()).collect()
    }
}

fn who(user: &str) -> Principal {
    Principal {
        kind: PrincipalKind::User,
        user: UserId::new(user),
        tenant: TenantId::default(),
        groups: ["user".to_owned()].into(),
    }
}

pub(super) fn key(conversation: ConversationId) -> ConversationKey {
    ConversationKey { tenant: TenantId::default(), owner: UserId::new("alice"), conversation }
}

fn agent(name: &str) -> Arc<AgentDefinition> {
    Arc::new(AgentDefinition {
        name: name.parse().unwrap(),
        description: None,
        system: None,
        model: ModelRef { provider: Provider::OpenAi, model: ModelId::new("scripted") },
        fallbacks: Vec::new(),
        guardrail: None,
        temperature: None,
        max_tokens: MaxTokens::try_from(100).unwrap(),
        context_tokens: Some(1000),
        tools: Vec::new(),
        actions: BTreeMap::new(),
        safeguards: crate::agent::Safeguards::default(),
        graph: Graph::default_graph(),
        memory: MemorySettings { window_messages: 4, retention: Duration::from_hours(24) },
        access: Access { groups: ["user".to_owned()].into(), tenants: std::collections::BTreeSet::default() },
        max_prompt_bytes: 2500,
        max_steps: 4,
        max_tokens_limit: MaxTokens::try_from(100_000).unwrap(),
        run_limits: RunLimits::default(),
    })
}

pub(super) fn idempotency(key: &str, body: &str) -> IdempotencyRequest {
    let key = IdempotencyKey { tenant: TenantId::default(), digest: key.to_owned() };
    IdempotencyRequest { key, body_digest: body.to_owned() }
}

#[tokio::test]
async fn a_second_turn_reads_the_first() {
    let world = World::new();
    let first = world.take(world.request("one")).await.unwrap();
    let second = TestTurn { conversation: Some(first.conversation), ..world.request("two") };
    let second = world.take(second).await.unwrap();
    assert_eq!(second.conversation, first.conversation);
    assert_eq!(world.model.requests()[1].prompt.messages.len(), 3);
    assert_eq!(world.transcript(first.conversation).await, ["one", "one", "two", "two"]);
    assert_eq!(world.store.calls(Operation::Load), 1, "a new conversation is not loaded");
}

#[tokio::test]
async fn the_window_bounds_what_the_model_reads() {
    let world = World::new();
    let mut conversation = None;
    for turn in 0..5 {
        let request = TestTurn { conversation, ..world.request(&format!("turn {turn}")) };
        conversation = Some(world.take(request).await.unwrap().conversation);
    }
    let last = world.model.requests().pop().unwrap();
    assert_eq!(last.prompt.messages.len(), 5, "four of the window and the prompt");
    assert_eq!(last.prompt.messages[0].plain_text(), "turn 2");
}

#[tokio::test]
async fn prompts_over_a_limit_are_refused_before_anything_is_asked() {
    let world = World::new();
    let error = world.take(world.request(&"x".repeat(2501))).await.unwrap_err();
    assert!(matches!(error, TurnError::PromptTooLong { limit_bytes: 2500 }));
    let error = world
        .take(TestTurn { max_tokens: MaxTokens::try_from(990).ok(), ..world.request(&"x".repeat(2000)) })
        .await
        .unwrap_err();
    assert!(matches!(error, TurnError::ContextExceeded(overflow) if overflow.context_tokens == Some(1000)), "{error}");
    assert!(world.model.requests().is_empty());
}

#[tokio::test]
async fn conversations_of_other_users_and_other_agents_are_refused() {
    let world = World::new();
    let mine = world.take(world.request("one")).await.unwrap().conversation;
    let theirs = TestTurn { principal: who("bob"), conversation: Some(mine), ..world.request("two") };
    assert!(matches!(world.take(theirs).await, Err(TurnError::NotFound)));
    let unknown = TestTurn { conversation: Some(ConversationId::new(Uuid::from_u128(99))), ..world.request("two") };
    assert!(matches!(world.take(unknown).await, Err(TurnError::NotFound)));
    let other = TestTurn { agent: agent("other"), conversation: Some(mine), ..world.request("two") };
    assert!(matches!(world.take(other).await, Err(TurnError::OtherAgent)));
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn concurrent_turns_are_all_stored_whole_without_a_second_model_call() {
    let world = World::new();
    let conversation = world.take(world.request("zero")).await.unwrap().conversation;
    let turn = |prompt: String| {
        let request = TestTurn { conversation: Some(conversation), ..world.request(&prompt) };
        world.take(request)
    };
    let results = futures_util::future::join_all((0..20).map(|number| turn(format!("turn {number}")))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(world.model.requests().len(), 21, "the model is called once a turn");
    let transcript = world.transcript(conversation).await;
    assert_eq!(transcript.len(), 42);
    for turn in transcript.chunks(2) {
        assert_eq!(turn[0], turn[1], "a turn stays together");
    }
    let mut prompts: Vec<&String> = transcript.iter().collect();
    prompts.dedup();
    assert_eq!(prompts.len(), 21, "nothing is doubled");
}

#[tokio::test]
async fn contention_that_outlasts_the_deadline_is_reported() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Conflict, 1_000_000);
    let request = TestTurn { deadline: soon(), ..world.request("one") };
    assert!(matches!(world.take(request).await, Err(TurnError::Contention)));
}

pub(super) fn soon() -> Deadline {
    Deadline::new(Timestamp::from_millis(NOW), Timestamp::from_millis(0), Duration::from_millis(200))
}

#[tokio::test]
async fn throttling_and_a_lost_answer_do_not_lose_a_turn() {
    let world = World::new();
    for fault in [Fault::Throttle, Fault::Conflict, Fault::LoseAnswer, Fault::Unreachable] {
        world.store.inject(Operation::Commit, fault, 1);
    }
    let conversation = world.take(world.request("one")).await.unwrap().conversation;
    assert_eq!(world.transcript(conversation).await, ["one", "one"]);
    world.store.inject(Operation::Load, Fault::Throttle, 2);
    let request = TestTurn { conversation: Some(conversation), ..world.request("two") };
    world.take(request).await.unwrap();
    assert_eq!(world.transcript(conversation).await.len(), 4);
}

#[tokio::test]
async fn an_unreachable_store_is_reported() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Unreachable, 100);
    assert!(matches!(world.take(world.request("one")).await, Err(TurnError::Store(StoreError::Unavailable(_)))));
    world.store.inject(Operation::Load, Fault::Refuse, 1);
    let request = TestTurn { conversation: Some(ConversationId::new(Uuid::from_u128(1))), ..world.request("x") };
    assert!(matches!(world.take(request).await, Err(TurnError::Store(StoreError::Refused(_)))));
}

#[tokio::test]
async fn nothing_is_stored_when_the_model_fails() {
    let world = World::new();
    world.model.then(Script::Fail(LlmError::Rejected { status: 500, code: None, retry_after: None }));
    let Err(TurnError::Model(failure)) = world.take(world.request("one")).await else { panic!("no failure") };
    assert_eq!(failure.kind, FailureKind::Rejected { status: 500, code: None });
    assert_eq!(world.store.calls(Operation::Commit), 0);
}

#[tokio::test]
async fn a_model_that_hangs_ends_at_the_deadline() {
    let world = World::new();
    world.model.then(Script::Hang);
    let request = TestTurn { deadline: soon(), ..world.request("one") };
    assert!(matches!(world.take(request).await, Err(TurnError::DeadlineExceeded)));
    assert_eq!(world.store.calls(Operation::Commit), 0);
}

#[tokio::test]
async fn an_idempotency_key_returns_the_same_outcome_again() {
    let world = World::new();
    let request = || TestTurn { idempotency: Some(idempotency("k", "body")), ..world.request("one") };
    let first = world.take(request()).await.unwrap();
    let again = world.take(request()).await.unwrap();
    assert_eq!((again.facts, again.output, again.conversation), (first.facts, first.output, first.conversation));
    assert_eq!(world.model.requests().len(), 1);
    let other = TestTurn { idempotency: Some(idempotency("k", "another")), ..world.request("one") };
    assert!(matches!(world.take(other).await, Err(TurnError::IdempotencyConflict)));
}

#[tokio::test]
async fn a_failed_turn_reports_what_it_took() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Refuse, 1);
    let mut metrics = TurnMetrics::default();
    assert!(world.take_with(world.request("one"), None, &mut metrics).await.is_err());
    assert_eq!((metrics.usage.input_tokens, metrics.llm_latency.is_some()), (10, true));
}

#[tokio::test]
async fn a_call_that_the_deadline_cuts_off_counts_as_an_estimate() {
    let world = World::new();
    world.model.then(Script::Hang);
    let mut metrics = TurnMetrics::default();
    let request = TestTurn { deadline: soon(), ..world.request(&"x".repeat(270)) };
    assert!(world.take_with(request, None, &mut metrics).await.is_err());
    assert_eq!((metrics.usage.input_tokens, metrics.usage.output_tokens), (94, 0), "270 bytes of a message");
    assert!(metrics.is_usage_estimated && metrics.model.is_some());
}

#[tokio::test]
async fn an_answer_that_the_provider_refused_counts_nothing() {
    let world = World::new();
    world.model.then(Script::Fail(LlmError::Rejected { status: 400, code: None, retry_after: None }));
    let mut metrics = TurnMetrics::default();
    assert!(world.take_with(world.request("one"), None, &mut metrics).await.is_err());
    assert_eq!((metrics.usage, metrics.is_usage_estimated), (Usage::default(), false));
}

#[tokio::test]
async fn max_tokens_above_the_context_is_refused() {
    let world = World::new();
    let request = TestTurn { max_tokens: MaxTokens::try_from(1000).ok(), ..world.request("one") };
    let Err(TurnError::Model(failure)) = world.take(request).await else { panic!("was taken") };
    assert!(matches!(failure.kind, FailureKind::Unsupported { member: "max_tokens", .. }));
}

#[tokio::test]
async fn a_second_request_with_the_key_of_a_running_one_is_refused() {
    let world = World::new();
    world.model.then(Script::Hang);
    let request = || TestTurn { idempotency: Some(idempotency("k", "body")), deadline: soon(), ..world.request("one") };
    let (running, twin) = tokio::join!(world.take(request()), world.take(request()));
    assert!(matches!(running, Err(TurnError::DeadlineExceeded)));
    assert!(matches!(twin, Err(TurnError::IdempotencyRunning { .. })));
}

#[tokio::test]
async fn a_failed_request_may_be_retried_with_its_key() {
    let world = World::new();
    world.model.then(Script::Fail(LlmError::Unreachable("scripted")));
    let request = || TestTurn { idempotency: Some(idempotency("k", "body")), ..world.request("one") };
    assert!(world.take(request()).await.is_err());
    assert!(world.take(request()).await.is_ok());
    assert_eq!(world.store.calls(Operation::Release), 1);
}

#[tokio::test]
async fn a_call_of_an_unknown_action_is_denied_and_reported_to_the_model() {
    let world = World::new();
    let call = ToolCall { id: ToolCallId::new("c"), name: ToolName::new("shell"), arguments: json!({}) };
    world.model.then(Script::Call(call));
    world.model.then(Script::Say("I cannot".to_owned()));
    let answer = world.take(world.request("one")).await.unwrap();
    assert_eq!((answer.output.as_str(), answer.facts.stop_reason), ("I cannot", StopReason::EndTurn));
    let last = world.model.requests().pop().unwrap().prompt.messages.pop().unwrap();
    assert!(last.has_tool_result() && last.role == Role::User);
    assert_eq!(answer.facts.steps[1].outcome, "denied");
}

#[test]
fn a_deadline_is_the_smaller_of_function_and_front_door() {
    let now = Timestamp::from_millis(NOW);
    let left = |ends: u64, limit: u64| {
        let limit = Duration::from_millis(limit);
        Deadline::new(now, Timestamp::from_millis(ends), limit).remaining().as_millis().div_ceil(1000)
    };
    assert_eq!(left(NOW + 5000, 60_000), 4, "the function's remaining time less a second");
    assert_eq!(left(NOW + 5000, 3000), 3);
    assert_eq!(left(600_000, 3000), 3, "a deadline before 2001 is ignored");
    assert_eq!(left(NOW + 500, 3000), 0);
}
