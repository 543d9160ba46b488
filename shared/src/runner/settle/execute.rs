//! Runs the calls that policy has allowed, side by side.

use futures_util::future::join_all;

use super::facts::give_back;
use super::settling::{Pending, Settling};
use crate::actions::{ActionError, CallContext, MARK_BYTES, bounded, is_cut};
use crate::domain::{ActionOutput, Settled, SettledOutcome, ToolCall, Trust, stored_bytes};
use crate::llm::CallMeter;
use crate::policy::ApprovedCall;
use crate::runner::{DeadlinePassed, TurnMetrics};

/// The bytes that the answers of a turn's actions may take together where they are stored; what is more is cut.
const MAX_TURN_BYTES: usize = 2_000_000;

/// Executes the approved calls and returns all calls in their order.
pub(super) async fn execute(
    pending: Vec<Pending>,
    settling: &Settling<'_>,
    metrics: &mut TurnMetrics,
) -> Result<Vec<Settled>, DeadlinePassed> {
    let mut storable = MAX_TURN_BYTES.saturating_sub(settling.run.output_bytes());
    let left = storable.min(settling.room_bytes);
    let clock = settling.context.clock;
    if pending.iter().any(|one| matches!(one, Pending::Approved { .. })) {
        metrics.begin_actions(clock.now());
    }
    let work = pending.into_iter().map(|one| async move {
        match one {
            Pending::Settled(settled) => (settled, None, None),
            Pending::Approved { call, approved, is_clean, counted } => {
                if let Some(audit) = settling.context.audit {
                    audit.begin(&approved);
                }
                let began_at = clock.now();
                let (settled, meter, has_run) = run_one(call, &approved, is_clean, left, settling).await;
                let latency = clock.now().since(began_at);
                if let Some(audit) = settling.context.audit {
                    audit.record(settling.context, &approved, &settled).await;
                }
                if !has_run {
                    give_back(counted.as_ref(), settling).await;
                }
                (settled, meter, Some(latency))
            }
        }
    });
    let done = settling.context.deadline.bound(join_all(work)).await?;
    if let Some(longest) = done.iter().filter_map(|(_, _, latency)| *latency).max() {
        metrics.end_actions(longest);
    }
    let mut left = left;
    let mut waiting = done.len();
    let mut all = Vec::with_capacity(done.len());
    for (mut settled, meter, _) in done {
        if let Some(meter) = meter {
            metrics.add(&meter);
        }
        // What ran side by side could not know how much the others would answer. Each has its share of what is left, so that the
        // first does not leave the others without any.
        if let SettledOutcome::Succeeded(output) = &mut settled.outcome {
            output.value = bounded(std::mem::take(&mut output.value), left / waiting);
            if stored_bytes(&output.text()) > storable / waiting + MARK_BYTES {
                // A text takes at most twice its bytes.
                output.value = bounded(std::mem::take(&mut output.value), storable / waiting / 2);
            }
            if is_cut(&output.value) {
                // Where it ends, and so what is left of its last word and what the mark says, depends on what strangers answered
                // before.
                output.trust = Trust::Untrusted;
            }
            let text = output.text();
            left = left.saturating_sub(text.len());
            storable = storable.saturating_sub(stored_bytes(&text));
        }
        waiting -= 1;
        all.push(settled);
    }
    Ok(all)
}

async fn run_one(
    call: ToolCall,
    approved: &ApprovedCall,
    is_clean: bool,
    left: usize,
    settling: &Settling<'_>,
) -> (Settled, Option<CallMeter>, bool) {
    let action = approved.action();
    let meter = CallMeter::new(0);
    let context = CallContext {
        input: settling.run.input(),
        timeout: settling.context.deadline.remaining(),
        max_output_bytes: left,
        meter: &meter,
    };
    let result = settling.ports.actions.execute(approved, &context).await;
    // What was refused on its way has not run.
    let has_run = !matches!(result, Err(ActionError::Refused(_) | ActionError::Internal(_)));
    let totals = meter.totals();
    let used = totals.model.is_some().then_some(totals.usage);
    let outcome = match result {
        Ok(value) => {
            // A look-up that echoes what a stranger wrote launders nothing.
            let trust = if is_clean { action.output } else { Trust::Untrusted };
            SettledOutcome::Succeeded(ActionOutput { value, trust, data: action.data.clone(), usage: used })
        }
        Err(error) => failed(&error, action.name.as_str(), has_run),
    };
    (Settled { call, outcome }, used.map(|_| meter), has_run)
}

fn failed(error: &ActionError, action: &str, has_run: bool) -> SettledOutcome {
    tracing::info!(action, fault = error.kind(), "an action failed");
    let (text, is_from_outside) = error.for_model();
    SettledOutcome::Failed { text: format!("the call failed: {text}"), is_from_outside, has_run }
}
