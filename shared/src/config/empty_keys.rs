//! Keys without a value. They count as left out and never reach the file's types, so their names are checked on their own.

use serde_json::{Value, json};

use super::faults::Faults;
use super::structure::{self, MAX_FAULTS};

/// A step from a section to a part of it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// Adds a fault for each unknown key without a value, up to [`MAX_FAULTS`].
pub(super) fn check(document: &Value, faults: &mut Faults) {
    let mut rest = MAX_FAULTS;
    walk(document, &mut Vec::new(), &mut rest, faults);
}

fn walk<'a>(value: &'a Value, steps: &mut Vec<Step<'a>>, rest: &mut usize, faults: &mut Faults) {
    let inner: Vec<(Step<'a>, &'a Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, inner)| (Step::Key(key), inner)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, inner)| (Step::Index(index), inner)).collect(),
        _ => Vec::new(),
    };
    for (step, inner) in inner {
        steps.push(step);
        if matches!(step, Step::Key(_)) && inner.is_null() && *rest > 0 {
            *rest -= usize::from(check_key(steps, faults));
        }
        walk(inner, steps, rest, faults);
        steps.pop();
    }
}

fn check_key(steps: &[Step<'_>], faults: &mut Faults) -> bool {
    let alone = steps.iter().rev().fold(Value::Null, |inner, step| match step {
        Step::Key(key) => json!({ *key: inner }),
        Step::Index(_) => json!([inner]),
    });
    structure::check_key(&alone, &pointer(steps, |_| 0), &pointer(steps, |index| index), faults)
}

/// Returns the pointer of these steps (RFC 6901).
fn pointer(steps: &[Step<'_>], index: impl Fn(usize) -> usize) -> String {
    let steps = steps.iter().map(|step| match step {
        Step::Key(key) => format!("/{}", structure::escape(key)),
        Step::Index(at) => format!("/{}", index(*at)),
    });
    steps.collect()
}
