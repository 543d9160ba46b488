//! The places of a document's keys and values, by their paths.

use std::collections::BTreeMap;
use std::ops::Range;

use openclaw::config::{ConfigFault, FaultPart, shown_path};

use crate::fault::Fault;
use crate::yaml::{Kind, Node};

/// The place of a pair, or of an entry of a list.
#[derive(Debug, Clone)]
struct Place {
    /// The bytes of the key; `None` for an entry of a list.
    key: Option<Range<usize>>,
    /// The bytes of the value; `None` if it is not a scalar.
    scalar: Option<Range<usize>>,
    /// The bytes of the value's start.
    start: Range<usize>,
}

/// The places of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(BTreeMap<String, Place>);

impl Places {
    /// Finds the places of a document, and a fault for every repeated key.
    pub(crate) fn of(document: &Node) -> (Self, Vec<Fault>) {
        let (mut places, mut faults) = (Self::default(), Vec::new());
        places.add("", document, &mut faults);
        (places, faults)
    }

    fn add(&mut self, path: &str, node: &Node, faults: &mut Vec<Fault>) {
        match &node.kind {
            Kind::Scalar(_) => {}
            Kind::List(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    self.0.insert(normal(&path), Place::of(None, entry));
                    self.add(&path, entry, faults);
                }
            }
            Kind::Mapping(pairs) => {
                for (key, value) in pairs {
                    let path = if path.is_empty() { key.name.clone() } else { format!("{path}.{}", key.name) };
                    if let Some(first) = self.0.get(&normal(&path)) {
                        // The first of the two counts, as in the value that is checked.
                        faults.push(repeated(&path, key.bytes.clone(), first.key.clone()));
                        continue;
                    }
                    self.0.insert(normal(&path), Place::of(Some(key.bytes.clone()), value));
                    self.add(&path, value, faults);
                }
            }
        }
    }

    /// Returns the bytes to mark for a fault: the key or the value at its path or, where the path does not exist, the
    /// section that lacks it.
    pub(crate) fn marked(&self, fault: &ConfigFault) -> Option<Range<usize>> {
        self.at(fault.written_path.expose(), fault.part)
    }

    /// Returns the bytes to mark for a fault at a path.
    pub(crate) fn at(&self, path: &str, part: FaultPart) -> Option<Range<usize>> {
        let path = normal(path);
        if let Some(place) = self.0.get(&path) {
            let scalar = place.scalar.clone().filter(|_| part == FaultPart::Value);
            return scalar.or_else(|| place.key.clone()).or_else(|| Some(place.start.clone()));
        }
        let mut section = path.as_str();
        while let Some((parent, _)) = section.rsplit_once('.') {
            section = parent;
            if let Some(place) = self.0.get(section) {
                return Some(place.key.clone().unwrap_or_else(|| place.start.clone()));
            }
        }
        None
    }
}

impl Place {
    fn of(key: Option<Range<usize>>, value: &Node) -> Self {
        // A value that is left out, as in `model:`, has no bytes to mark.
        let is_scalar = matches!(value.kind, Kind::Scalar(_)) && !value.bytes.is_empty();
        Self { key, scalar: is_scalar.then(|| value.bytes.clone()), start: value.first_bytes() }
    }
}

fn repeated(path: &str, key: Range<usize>, first: Option<Range<usize>>) -> Fault {
    Fault {
        part: FaultPart::Key,
        marked: Some(key),
        related: first.map(|first| (first, "first occurrence")),
        ..Fault::at(shown_path(path), "a repeated key", "each key once")
    }
}

/// Returns a path in which indices are written as keys are.
fn normal(path: &str) -> String {
    // The id of a client may be all digits, as an index is.
    path.replace('[', ".").replace(']', "")
}
