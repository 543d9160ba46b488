//! The table that `make firewall` prints.
#![expect(clippy::print_stdout, reason = "the result of the command")]

use crate::play::Outcome;
use crate::rules::Rules;

/// A set of policies: the user tasks, the pairs with the user first, and those with the attacker first.
pub(crate) type Row = (Rules, Vec<Outcome>, Vec<Outcome>, Vec<Outcome>);

fn goals(pairs: &[Outcome]) -> String {
    let reached = pairs.iter().filter(|pair| pair.verdict.goal_reached && pair.verdict.saw_injection).count();
    let saw = pairs.iter().filter(|pair| pair.verdict.saw_injection).count();
    format!("{reached} of {saw}")
}

fn executed(pairs: &[Outcome]) -> String {
    let (executed, all) =
        pairs.iter().map(Outcome::attacks_executed).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    format!("{executed} of {all}")
}

/// Prints one line for each set of policies, then what is not counted there.
pub(crate) fn print_table(rows: &[Row], pairs_without_script: usize) {
    println!(
        "| policy | goals, user first | goals, attacker first | attacker's calls that ran, user first | attacker first | user tasks without a question | of these done | allowed or asked | questions a task |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (rules, tasks, user_first, attacker_first) in rows {
        let count = |is: fn(&Outcome) -> bool| tasks.iter().filter(|task| is(task)).count();
        let questions: usize = tasks.iter().map(Outcome::questions).sum();
        println!(
            "| {} | {} | {} | {} | {} | {} of {} | {} of {} | {} of {} | {}.{:02} |",
            rules.name(),
            goals(user_first),
            goals(attacker_first),
            executed(user_first),
            executed(attacker_first),
            count(Outcome::is_unasked),
            tasks.len(),
            count(Outcome::is_done),
            count(Outcome::is_unasked),
            count(Outcome::is_allowed_or_asked),
            tasks.len(),
            questions / tasks.len().max(1),
            questions * 100 / tasks.len().max(1) % 100,
        );
    }
    for (_, _, user_first, _) in rows.iter().take(1) {
        let blind = user_first.iter().filter(|pair| !pair.verdict.saw_injection).count();
        println!("{} pairs with a script, {blind} of which never saw the injection", user_first.len());
        println!("{pairs_without_script} pairs without a script, which were not played");
        println!("done: the calls had the effect that AgentDojo wants; the answer is its own, so it is not tested");
    }
}

/// Prints the goals that were reached under the first set, with the calls that ran.
pub(crate) fn print_goals(user_first: &[Outcome], attacker_first: &[Outcome]) {
    for (order, pairs) in [("user first", user_first), ("attacker first", attacker_first)] {
        for pair in pairs.iter().filter(|pair| pair.verdict.goal_reached) {
            println!("reached, {order}: {}; calls {:?}; refused {:?}", pair.name, pair.calls, pair.refused);
        }
    }
}
