//! YAML read with the place of every key and value.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Error, Location, Spanned};

use crate::fault::Fault;

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// The bytes of a scalar, or of the start of a list or a mapping.
    pub(crate) bytes: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Scalar(Value),
    List(Vec<Node>),
    /// The pairs as they are written; a key may be repeated.
    Mapping(Vec<(Key, Node)>),
}

/// A key with its place.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) bytes: Range<usize>,
}

/// Reads a YAML 1.2 document; `yes` and `on` are text, anchors and merge keys are resolved.
///
/// # Errors
/// A [`Fault`] with the place where the text stops being YAML. It does not quote the text, which may hold a key.
pub(crate) fn read(text: &str) -> Result<Node, Box<Fault>> {
    // An empty file has no sections, which is allowed.
    if text.trim().is_empty() {
        return Ok(Node { kind: Kind::Mapping(Vec::new()), bytes: 0..0 });
    }
    // YAML 1.1 read `yes` and `on` as booleans. Repeated keys are kept, so that each is reported with its place.
    let options = serde_saphyr::options! { strict_booleans: true, duplicate_keys: DuplicateKeyPolicy::PassThrough };
    serde_saphyr::from_str_with_options::<Node>(text, options).map_err(|error| Box::new(fault(&error, text)))
}

impl Node {
    /// Returns the entries of a list.
    pub(crate) fn entries(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(entries) => Some(entries),
            Kind::Scalar(_) | Kind::Mapping(_) => None,
        }
    }

    /// Returns the bytes of the node, or of its first key or entry if it has some.
    pub(crate) fn first_bytes(&self) -> Range<usize> {
        match &self.kind {
            Kind::Scalar(_) => self.bytes.clone(),
            Kind::List(entries) => entries.first().map_or_else(|| self.bytes.clone(), Self::first_bytes),
            Kind::Mapping(pairs) => pairs.first().map_or_else(|| self.bytes.clone(), |(key, _)| key.bytes.clone()),
        }
    }

    /// Returns the value; the first of two pairs with the same key counts.
    pub(crate) fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(entries) => Value::Array(entries.iter().map(Self::to_json).collect()),
            Kind::Mapping(pairs) => {
                let mut map = Map::new();
                for (key, value) in pairs {
                    map.entry(key.name.clone()).or_insert_with(|| value.to_json());
                }
                Value::Object(map)
            }
        }
    }
}

/// Describes why a text is not YAML.
fn fault(error: &Error, text: &str) -> Fault {
    // A snippet quotes the text, which may hold a key.
    let error = error.without_snippet();
    let found = match error {
        // The parser's messages are fixed texts.
        Error::ExternalMessage { msg, .. } => format!("text that is not YAML: {msg}"),
        Error::UnknownAnchor { .. } => "an alias without its anchor".to_owned(),
        Error::MultipleDocuments { .. } => "a second document".to_owned(),
        Error::Eof { .. } => "the end of the file in the middle of a value".to_owned(),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => "a merge key without a mapping".to_owned(),
        // The texts of other errors may quote the file.
        _ => "a value that cannot be read".to_owned(),
    };
    let allowed = "one document of YAML 1.2".to_owned();
    let marked = error.location().and_then(|location| error_bytes(text, location));
    Fault { marked, ..Fault::at("", found, allowed) }
}

/// Returns the bytes of the character at a line and a column.
fn error_bytes(text: &str, location: Location) -> Option<Range<usize>> {
    // The parser counts lines and columns from 1.
    let line = usize::try_from(location.line()).ok()?.checked_sub(1)?;
    let column = usize::try_from(location.column()).ok()?.checked_sub(1)?;
    let line_start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let line = text.get(line_start..)?.lines().next().unwrap_or_default();
    let start = line.char_indices().nth(column).map_or(line.len(), |(byte, _)| byte);
    let length = line.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Some(line_start + start..line_start + start + length)
}

fn bytes(location: Location) -> Range<usize> {
    let span = location.span();
    let start = span.byte_offset().and_then(|start| usize::try_from(start).ok()).unwrap_or_default();
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    start..start + length
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, defined, .. } = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { kind: value, bytes: bytes(defined) })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        // JSON has neither `.nan` nor `.inf`.
        Ok(Kind::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::from(value)))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Kind, A::Error> {
        let mut mapping = Vec::new();
        while let Some((key, value)) = pairs.next_entry::<Spanned<String>, Node>()? {
            mapping.push((Key { name: key.value, bytes: bytes(key.defined) }, value));
        }
        Ok(Kind::Mapping(mapping))
    }
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
