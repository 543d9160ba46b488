//! From measurements to the lines of the table.

use crate::{
    Failure,
    cold::Cold,
    figure::{Bound, Figure, Unit},
    judging::Judging,
    scene::Subject,
    storage::{Calls, Storage, items},
    streaming::Streaming,
    warm::Warm,
    zip,
};
use openclaw_tests::dynamo_proxy::Counts;
use std::path::Path;

/// Written beside the text: keys, ids, times, the head of a conversation and the audit's entry.
const OVERHEAD_BYTES: f64 = 1100.0;
/// Memory is flat when it grows by no more than this from turn 200 to the last.
const FLAT: f64 = 1.05;

/// A streamed answer is put together to be stored, so its own text and what is sent to the store are there once more.
const FLAT_STREAM: f64 = 1.15;

/// The figures so far, and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) figures: Vec<Figure>,
    pub(crate) failures: Vec<String>,
}

impl Report {
    /// Returns the subjects that answer; the others become failures.
    pub(crate) async fn answering(&mut self, subjects: impl IntoIterator<Item = Subject>) -> Vec<Subject> {
        let mut answering = Vec::new();
        for subject in subjects {
            let tried = async {
                let mut function = subject.start().await?;
                subject.ask(&mut function).await
            };
            match tried.await {
                Ok(_) => answering.push(subject),
                Err(failure) => self.failures.push(failure.to_string()),
            }
        }
        answering
    }

    pub(crate) fn cold(&mut self, subjects: &[&Subject], measured: &[Cold]) {
        let floor = of("chat floor", subjects, measured);
        for (subject, cold) in subjects.iter().zip(measured) {
            let bound = bound(subject.name, Bound::TimesFloor(2.0));
            let name = format!("init of {}", subject.name);
            self.add(name, cold.init_ms, floor.map(|floor| floor.init_ms), Unit::Milliseconds, bound);
        }
        for (subject, cold) in subjects.iter().zip(measured) {
            if matches!(subject.name, "hello" | "chat floor" | "agent") {
                let bound = bound(subject.name, Bound::TimesFloor(2.0));
                let name = format!("cold total of {}", subject.name);
                self.add(name, cold.total_ms, floor.map(|floor| floor.total_ms), Unit::Milliseconds, bound);
            }
        }
    }

    pub(crate) fn warm(&mut self, subjects: &[&Subject], measured: &[Warm]) {
        let floor = of("chat floor", subjects, measured).unwrap_or_default();
        for (Subject { name, .. }, warm) in subjects.iter().zip(measured) {
            let times = |times| bound(name, Bound::TimesFloor(times));
            let milliseconds = Unit::Milliseconds;
            let processor = format!("processor time of a warm turn of {name}");
            self.add(processor, warm.processor_ms, Some(floor.processor_ms), milliseconds, times(1.5));
            let wall = format!("wall time p50 of a warm turn of {name}");
            self.add(wall, warm.wall_ms, Some(floor.wall_ms), milliseconds, times(1.3));
            let (peak, floor_peak) = (mebibytes(warm.last.peak_kib), mebibytes(floor.last.peak_kib));
            self.add(format!("peak memory of {name}"), peak, Some(floor_peak), Unit::Mebibytes, times(2.0));
            let (last, settled) = (mebibytes(warm.last.resident_kib), mebibytes(warm.settled.resident_kib));
            let flat = format!("memory of {name}, last turn against turn 200");
            self.add(flat, last, Some(settled), Unit::Mebibytes, times(FLAT));
        }
    }

    pub(crate) fn streaming(&mut self, streaming: &Streaming) {
        let milliseconds = Unit::Milliseconds;
        let (first, bare) = (streaming.first_ms, streaming.bare_first_ms);
        self.add("way of the first token through stream, p50".to_owned(), first, Some(bare), milliseconds, Bound::None);
        let name = "first streamed byte after the model's, added by stream".to_owned();
        self.add(name, (first - bare).max(0.0), None, milliseconds, Bound::AtMost(0.5));
        let (slowest, bare) = (streaming.slowest_ms, streaming.bare_slowest_ms);
        let name = "way of an answer's slowest token through stream, p50".to_owned();
        self.add(name, slowest, Some(bare), milliseconds, Bound::AtMost(2.0));
        let name = "processor time of a streamed token, 10,000 at once".to_owned();
        self.add(name, streaming.processor_ms_a_token, None, milliseconds, Bound::AtMost(0.05));
        let (long, short) = (mebibytes(streaming.after_long.peak_kib), mebibytes(streaming.after_short.peak_kib));
        let name = "peak memory of stream, 10,000 tokens against 1,000".to_owned();
        self.add(name, long, Some(short), Unit::Mebibytes, Bound::TimesFloor(FLAT_STREAM));
    }

    pub(crate) fn zips(&mut self, subjects: &[&Subject]) -> Result<(), Failure> {
        let mut sizes = Vec::new();
        for subject in subjects {
            sizes.push(megabytes(zip::size_bytes(&subject.spec.binary)?));
        }
        for (subject, size) in subjects.iter().zip(&sizes) {
            let (floor, times) = match subject.name {
                "health" => ("hello", 1.2),
                // They link policy.
                "agent" | "stream" => ("chat floor", 2.5),
                _ => ("chat floor", 1.5),
            };
            let bound = bound(subject.name, Bound::TimesFloor(times));
            let floor = of(floor, subjects, &sizes);
            self.add(format!("zip of {}", subject.name), *size, floor, Unit::Megabytes, bound);
        }
        Ok(())
    }

    /// Adds the zip of a function that is not measured otherwise, beside that of the chat floor.
    pub(crate) fn zip_of(&mut self, name: &str, binary: &Path) -> Result<(), Failure> {
        let floor = self.figures.iter().find(|figure| figure.name == "zip of chat floor").map(|figure| figure.value);
        let size = megabytes(zip::size_bytes(binary)?);
        self.add(format!("zip of {name}"), size, floor, Unit::Megabytes, Bound::TimesFloor(1.5));
        Ok(())
    }

    pub(crate) fn judging(&mut self, judging: &Judging) {
        for (name, value, most) in [
            ("judging a call with 100 policies", judging.authorize, 0.2),
            ("provenance of 20 arguments in 100 KB", judging.provenance, 0.3),
            ("a graph's step", judging.graph_step, 0.05),
        ] {
            self.add(name.to_owned(), value, None, Unit::Milliseconds, Bound::AtMost(most));
        }
    }

    pub(crate) fn storage(&mut self, floor: &Storage, agent: Option<&Storage>, new_text_bytes: usize, turns: usize) {
        self.storage_of("chat floor", floor, floor, new_text_bytes, turns);
        if let Some(agent) = agent {
            self.storage_of("agent", agent, floor, new_text_bytes, turns);
        }
    }

    pub(crate) fn calls(&mut self, calls: Calls) {
        for (what, value, most) in [
            ("a first turn with one call, its own included", calls.plain, 4.0),
            ("the same with policies that read grants and counts", calls.counted, 6.0),
        ] {
            let name = format!("DynamoDB requests of {what}");
            self.add(name, whole(value), None, Unit::Requests, Bound::AtMost(most));
        }
    }

    fn storage_of(&mut self, name: &str, own: &Storage, floor: &Storage, new_text_bytes: usize, turns: usize) {
        let requests = [("a new conversation", &own.first, &floor.first, 1.0), ("a turn", &own.late, &floor.late, 2.0)];
        for (what, counts, floor, most) in requests {
            let (total, floor) = (whole(counts.total()), whole(floor.total()));
            let name_of = format!("DynamoDB requests of {what} of {name}");
            self.add(name_of, total, Some(floor), Unit::Requests, bound(name, Bound::AtMost(most)));
        }
        if name == "agent" {
            let total = whole(own.idempotent.total());
            let name = "DynamoDB requests of a turn with idempotency key".to_owned();
            self.add(name, total, None, Unit::Requests, Bound::AtMost(3.0));
            let total = whole(own.open_long.total());
            let name = "DynamoDB requests of a turn that takes more than 2 s".to_owned();
            self.add(name, total, None, Unit::Requests, Bound::AtMost(4.0));
        }
        let written = [("an early turn", &own.early, &floor.early), ("the last turn", &own.late, &floor.late)];
        for (what, counts, floor) in written {
            let most = 2.0 * length(new_text_bytes) + OVERHEAD_BYTES;
            let (value, floor) = (length(counts.written_bytes), length(floor.written_bytes));
            let name_of = format!("bytes written by {what} of {name}");
            self.add(name_of, value, Some(floor), Unit::Bytes, bound(name, Bound::AtMost(most)));
        }
        let moved = |counts: &Counts| length(counts.written_bytes + counts.read_bytes);
        let (late, early) = (moved(&own.late), moved(&own.early));
        let name_of = format!("bytes moved by turn {turns} against 50 of {name}");
        self.add(name_of, late, Some(early), Unit::Bytes, bound(name, Bound::TimesFloor(1.05)));
        let read = length(items(&own.query));
        self.add(format!("items read by a turn of {name}"), read, None, Unit::Requests, Bound::None);
    }

    fn add(&mut self, name: String, value: f64, floor: Option<f64>, unit: Unit, bound: Bound) {
        self.figures.push(Figure { name, value, floor, unit, bound });
    }
}

/// Returns the bound of a figure; the floors themselves have none.
fn bound(name: &str, bound: Bound) -> Bound {
    if matches!(name, "hello" | "chat floor") { Bound::None } else { bound }
}

fn of<T: Copy>(name: &str, subjects: &[&Subject], measured: &[T]) -> Option<T> {
    subjects.iter().zip(measured).find(|(subject, _)| subject.name == name).map(|(_, measured)| *measured)
}

fn mebibytes(kib: u64) -> f64 {
    whole(kib) / 1024.0
}

fn megabytes(bytes: u64) -> f64 {
    whole(bytes) / 1e6
}

fn length(bytes: usize) -> f64 {
    whole(bytes as u64)
}

#[expect(clippy::cast_precision_loss, reason = "all that is counted here is far below 2^52")]
fn whole(count: u64) -> f64 {
    count as f64
}
