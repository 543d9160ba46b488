//! What the schema of `openclaw.yaml` says about a place in a document.

use std::collections::BTreeSet;

use openclaw::config::json_schema;
use serde_json::Value;

/// The schema.
#[derive(Debug)]
pub(crate) struct Schema(Value);

impl Schema {
    pub(crate) fn new() -> Self {
        Self(json_schema(&openclaw::actions::kind_schemas()))
    }

    /// Returns the place of the document as a whole.
    pub(crate) fn root(&self) -> Place<'_> {
        Place { root: &self.0, here: Some(&self.0) }
    }

    /// Returns the names of all keys.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        let sections = self.0.get("$defs").and_then(Value::as_object).into_iter().flat_map(|all| all.values());
        let properties = sections.chain([&self.0]).filter_map(|section| section.get("properties")?.as_object());
        properties.flat_map(|properties| properties.keys().map(String::as_str)).collect()
    }
}

/// A place in a document; the schema may know nothing about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    root: &'a Value,
    here: Option<&'a Value>,
}

/// The kind of value that a place requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Mapping,
    List,
    /// Any text.
    Text,
    /// A number, true or false, or one of few names.
    Plain,
    /// Any value, such as the schema of an action's arguments.
    Any,
    /// The schema does not know the place.
    Unknown,
}

impl<'a> Place<'a> {
    pub(crate) fn expected(self) -> Expected {
        let Some(here) = self.here else { return Expected::Unknown };
        match here.get("type").and_then(Value::as_str) {
            _ if here.get("enum").is_some() => Expected::Plain,
            Some("object") => Expected::Mapping,
            Some("array") => Expected::List,
            Some("string") => Expected::Text,
            Some("integer" | "number" | "boolean") => Expected::Plain,
            _ => Expected::Any,
        }
    }

    /// Returns the place of a value in a mapping.
    pub(crate) fn member(self, key: &str) -> Self {
        if self.expected() == Expected::Any {
            return self;
        }
        let property = self.here.and_then(|here| here.get("properties")?.get(key));
        let any = self.here.and_then(|here| here.get("additionalProperties")).filter(|any| any.is_object());
        self.at(property.or(any))
    }

    /// Returns whether the mapping at this place has a key of this name.
    pub(crate) fn names(self, key: &str) -> bool {
        self.here.and_then(|here| here.get("properties")?.get(key)).is_some()
    }

    /// Returns the place of an entry in a list.
    pub(crate) fn entry(self) -> Self {
        if self.expected() == Expected::Any {
            return self;
        }
        self.at(self.here.and_then(|here| here.get("items")))
    }

    /// Returns a place that the schema does not know.
    pub(crate) const fn unknown(self) -> Self {
        Self { root: self.root, here: None }
    }

    fn at(self, schema: Option<&'a Value>) -> Self {
        let reference = schema.and_then(|schema| schema.get("$ref")?.as_str()?.strip_prefix('#'));
        let here = reference.map_or(schema, |pointer| self.root.pointer(pointer));
        Self { root: self.root, here }
    }
}
