//! Warm turns: processor time, wall time and memory over a long life.

use crate::{Failure, cold::milliseconds, figure::median, scene::Subject};
use openclaw_tests::{process::Memory, runtime_api::LambdaFunction};

/// Turns of one subject before it is the next one's turn.
const BATCH: usize = 50;
/// Batches that warm up: connections, caches, the allocator.
const WARM_UP: usize = 2;
/// After this many turns the memory should be as large as it gets.
const SETTLED_TURNS: usize = 200;

/// Medians, and memory after the last turn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Warm {
    pub(crate) processor_ms: f64,
    pub(crate) wall_ms: f64,
    pub(crate) settled: Memory,
    pub(crate) last: Memory,
}

struct Life<'a> {
    subject: &'a Subject,
    function: LambdaFunction,
    processor: Vec<f64>,
    walls: Vec<f64>,
    settled: Memory,
}

impl Life<'_> {
    async fn batch(&mut self, number: usize) -> Result<(), Failure> {
        let before = self.function.cpu_time()?;
        let mut walls = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            walls.push(milliseconds(self.subject.ask(&mut self.function).await?.wall));
        }
        let spent = self.function.cpu_time()?.saturating_sub(before);
        if number >= WARM_UP {
            self.walls.append(&mut walls);
            self.processor.push(milliseconds(spent) / f64::from(u32::try_from(BATCH)?));
        }
        if (number + 1) * BATCH == SETTLED_TURNS {
            self.settled = self.function.memory()?;
        }
        Ok(())
    }
}

/// Lets all subjects live side by side and take turns by the batch.
pub(crate) async fn measure(subjects: &[&Subject], turns: usize) -> Result<Vec<Warm>, Failure> {
    let mut lives = Vec::new();
    for subject in subjects {
        let function = subject.start().await?;
        let (processor, walls, settled) = (Vec::new(), Vec::new(), Memory::default());
        lives.push(Life { subject, function, processor, walls, settled });
    }
    for number in 0..turns.div_ceil(BATCH) {
        for life in &mut lives {
            life.batch(number).await?;
        }
    }
    let measured = lives.into_iter().map(|life| {
        let last = life.function.memory()?;
        let (processor_ms, wall_ms) = (median(life.processor), median(life.walls));
        Ok(Warm { processor_ms, wall_ms, settled: life.settled, last })
    });
    measured.collect()
}
