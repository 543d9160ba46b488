//! Cold starts: from nothing to the first poll, and to the first answer.

use crate::{Failure, figure::median, scene::Subject};
use std::time::Duration;

/// Medians in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cold {
    pub(crate) init_ms: f64,
    pub(crate) total_ms: f64,
}

/// Starts each subject in turn, so that what disturbs the machine disturbs all alike.
pub(crate) async fn measure(subjects: &[&Subject], rounds: usize) -> Result<Vec<Cold>, Failure> {
    let mut times = vec![(Vec::new(), Vec::new()); subjects.len()];
    // The first round reads the binaries from the disk and does not count.
    for round in 0..=rounds {
        for (subject, (inits, totals)) in subjects.iter().zip(&mut times) {
            let mut function = subject.start().await?;
            subject.ask(&mut function).await?;
            if round > 0 {
                totals.push(milliseconds(function.age()));
                inits.push(milliseconds(function.init()));
            }
        }
    }
    let medians = times.into_iter().map(|(inits, totals)| Cold { init_ms: median(inits), total_ms: median(totals) });
    Ok(medians.collect())
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
