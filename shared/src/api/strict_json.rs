//! Reads JSON from clients: each member of an object once, and no deeper than the parser reads.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::http::{Problem, ProblemKind};

/// The deepest nesting that is read, which is the parser's own limit.
const MAX_DEPTH: usize = 127;

/// What an error of the parser begins with if a member occurs twice.
const TWICE: &str = "a member occurs twice";

/// Reads a JSON text. `what` names it in the problem.
///
/// # Errors
/// 400, with the place of the fault. Nothing of the text is quoted.
pub fn read_json(text: &[u8], what: &str) -> Result<Value, Problem> {
    let invalid = |detail: String| Problem::new(ProblemKind::InvalidBody, detail);
    if depth(text) > MAX_DEPTH {
        return Err(invalid(format!("{what} is nested too deeply; allowed are {MAX_DEPTH} levels")));
    }
    serde_json::from_slice(text).map(|Strict(value)| value).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        // With a member twice it is not clear which one is meant, and front doors read another one than functions.
        if error.is_data() {
            return invalid(format!("{what} has a member twice: the second one ends at line {line}, column {column}"));
        }
        invalid(format!("{what} is not valid JSON: the fault is at line {line}, column {column}"))
    })
}

/// Returns how deeply arrays and objects are nested, or more if the text is not JSON.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A value whose objects have each member once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn detail(text: &str) -> String {
        read_json(text.as_bytes(), "the body").unwrap_err().detail
    }

    #[test]
    fn values_are_read_as_they_are() {
        for value in [
            json!(null),
            json!(true),
            json!(-1),
            json!(u64::MAX),
            json!(0.5),
            json!("a\"[{\\"),
            json!([1, [2, []], {}]),
            json!({"a": {"a": [{"a": 1}, {"a": 2}]}, "b": "x"}),
        ] {
            assert_eq!(read_json(value.to_string().as_bytes(), "the body").unwrap(), value);
        }
    }

    #[test]
    fn a_member_may_not_occur_twice_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"[{"a":1},{"a":[{"b":1,"c":2,"b":3}]}]"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert!(detail(text).starts_with("the body has a member twice: the second one ends at line 1"), "{text}");
        }
    }

    #[test]
    fn faults_name_their_place_and_quote_nothing() {
        for text in ["", "{", "SECRET", "{\"a\":SECRET}", "{\"a\":1}SECRET", "{'a':1}"] {
            let detail = detail(text);
            assert!(detail.starts_with("the body is not valid JSON: the fault is at line "), "{detail}");
            assert!(!detail.contains("SECRET"));
        }
    }

    #[test]
    fn the_deepest_nesting_is_said() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_json(nested(127).as_bytes(), "the body").is_ok());
        for deep in [nested(128), nested(100_000), "[".repeat(1_000_000), "{\"a\":".repeat(128)] {
            assert_eq!(detail(&deep), "the body is nested too deeply; allowed are 127 levels");
        }
        // Brackets in texts do not nest.
        assert!(read_json(json!("[".repeat(500)).to_string().as_bytes(), "the body").is_ok());
    }
}
