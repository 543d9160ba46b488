//! The subset of JSON Schema in which actions describe their arguments: one type for each value, closed objects, and only
//! keywords that policies can be checked against.

use serde_json::{Map, Value};

use super::validator::SchemaChecks;

/// The deepest nesting of a schema.
const MAX_DEPTH: usize = 8;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const FORMATS: [&str; 5] = ["date", "date-time", "email", "uri", "uuid"];
const ANY_TYPE: [&str; 6] = ["type", "description", "default", "enum", "const", "x-authority"];

/// A fault of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// The steps to its place within the schema.
    pub steps: Vec<String>,
    /// What was found there.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
}

impl SchemaFault {
    pub(super) fn whole(found: &str, allowed: &str) -> Self {
        Self { steps: Vec::new(), found: found.to_owned(), allowed: allowed.to_owned() }
    }
}

/// Checks the schema of an action's arguments, and closes its objects.
pub(super) fn check(schema: &mut Value, checks: &dyn SchemaChecks) -> Vec<SchemaFault> {
    let mut check = Check { checks, faults: Vec::new(), steps: Vec::new() };
    if schema.get("type").is_none_or(|kind| kind != "object") {
        check.add("type", "something other than object", "object, since a call has named arguments");
        return check.faults;
    }
    check.schema(schema);
    check.faults
}

struct Check<'a> {
    checks: &'a dyn SchemaChecks,
    faults: Vec<SchemaFault>,
    steps: Vec<String>,
}

impl Check<'_> {
    fn add(&mut self, step: &str, found: impl Into<String>, allowed: impl Into<String>) {
        let steps = self.steps.iter().cloned().chain((!step.is_empty()).then(|| step.to_owned())).collect();
        self.faults.push(SchemaFault { steps, found: found.into(), allowed: allowed.into() });
    }

    fn within(&mut self, steps: &[&str], schema: &mut Value) {
        let depth = self.steps.len();
        self.steps.extend(steps.iter().map(|step| (*step).to_owned()));
        self.schema(schema);
        self.steps.truncate(depth);
    }

    fn schema(&mut self, schema: &mut Value) {
        let Value::Object(map) = schema else {
            return self.add("", "something other than a mapping", "a schema");
        };
        if self.steps.iter().filter(|step| *step == "properties" || *step == "items").count() > MAX_DEPTH {
            return self.add("", "a schema within too many others", format!("at most {MAX_DEPTH}"));
        }
        let kind = map.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !TYPES.contains(&kind.as_str()) {
            return self.add("type", "no single type", format!("one of {}", TYPES.join(", ")));
        }
        self.keywords(map, &kind);
        self.values(map);
        self.limits(map);
        match kind.as_str() {
            "object" => self.object(map),
            "array" => match map.get_mut("items") {
                Some(items) => self.within(&["items"], items),
                None => self.add("items", "nothing", "the schema of the items"),
            },
            _ => {}
        }
    }

    fn keywords(&mut self, map: &Map<String, Value>, kind: &str) {
        let own = own_keywords(kind);
        for key in map.keys().filter(|key| !ANY_TYPE.contains(&key.as_str()) && !own.contains(&key.as_str())) {
            let allowed: Vec<&str> = ANY_TYPE.iter().chain(own).copied().collect();
            self.add(key, "a keyword that is not supported here", format!("in a {kind}: {}", allowed.join(", ")));
        }
        if let Some(mark) = map.get("x-authority") {
            if !mark.is_boolean() {
                self.add("x-authority", "something other than true or false", "true or false");
            } else if self.steps.len() != 2 {
                self.add("x-authority", "a mark within an argument", "the mark at the argument as a whole");
            }
        }
        if map.get("description").is_some_and(|text| !text.is_string()) {
            self.add("description", "something other than a text", "a text");
        }
    }

    /// Checks the values that the schema itself holds.
    fn values(&mut self, map: &Map<String, Value>) {
        if let Some(values) = map.get("enum")
            && values.as_array().is_none_or(Vec::is_empty)
        {
            self.add("enum", "something other than a list of values", "a list of at least one value");
        }
        let kind = Value::Object(map.iter().filter(|(key, _)| *key == "type").map(own).collect());
        let listed = map.get("enum").and_then(Value::as_array).into_iter().flatten().enumerate();
        let listed = listed.map(|(index, value)| (format!("enum[{index}]"), value));
        for (step, value) in listed.chain(map.get("const").map(|value| ("const".to_owned(), value))) {
            if self.checks.check_value(&kind, value).is_err() {
                self.add(&step, "a value of another type", "values of the type that the schema has");
            }
        }
        let schema = Value::Object(map.iter().filter(|(key, _)| *key != "default").map(own).collect());
        if let Some(default) = map.get("default")
            && self.checks.check_value(&schema, default).is_err()
        {
            self.add("default", "a value that the schema refuses", "a value that the schema accepts");
        }
    }

    fn limits(&mut self, map: &Map<String, Value>) {
        for (least, most) in [("minLength", "maxLength"), ("minItems", "maxItems")] {
            for key in [least, most] {
                if map.get(key).is_some_and(|limit| limit.as_u64().is_none()) {
                    self.add(key, "something other than a whole number", "0 or more");
                }
            }
        }
        for (least, most) in [("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum")] {
            for key in [least, most] {
                if map.get(key).is_some_and(|limit| !limit.is_number()) {
                    self.add(key, "something other than a number", "a number");
                }
            }
            let limit = |key| map.get(key).and_then(Value::as_f64);
            if limit(least).zip(limit(most)).is_some_and(|(least, most)| least > most) {
                self.add(most, format!("less than {least}"), format!("{least} or more"));
            }
        }
        if let Some(format) = map.get("format")
            && !format.as_str().is_some_and(|format| FORMATS.contains(&format))
        {
            self.add("format", "another format", format!("one of {}", FORMATS.join(", ")));
        }
        if let Some(pattern) = map.get("pattern") {
            let schema = serde_json::json!({ "type": "string", "pattern": pattern });
            if !self.checks.is_usable(&schema) {
                self.add("pattern", "a pattern that cannot be used", "a regular expression without look-around");
            }
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>) {
        if map.get("additionalProperties").is_some_and(|additional| additional != &Value::Bool(false)) {
            self.add("additionalProperties", "something other than false", "false, since objects are closed");
        }
        map.insert("additionalProperties".to_owned(), Value::Bool(false));
        let properties = map.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(properties) = properties else {
            return self.add("properties", "something other than a mapping", "the schemas of the properties, by name");
        };
        for (name, schema) in properties.iter_mut() {
            self.within(&["properties", name], schema);
        }
        let names: Vec<String> = properties.keys().cloned().collect();
        let Some(required) = map.get("required") else { return };
        let Some(required) = required.as_array() else {
            return self.add("required", "something other than a list", "names of properties");
        };
        for (index, name) in required.iter().enumerate() {
            if !name.as_str().is_some_and(|name| names.iter().any(|known| known == name)) {
                self.add(&format!("required[{index}]"), "a name that is not a property", "the name of a property");
            }
        }
    }
}

fn own((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

const fn own_keywords(kind: &str) -> &'static [&'static str] {
    match kind.as_bytes() {
        b"object" => &["properties", "required", "additionalProperties"],
        b"array" => &["items", "minItems", "maxItems"],
        b"string" => &["minLength", "maxLength", "pattern", "format"],
        b"integer" | b"number" => &["minimum", "maximum"],
        _ => &[],
    }
}
