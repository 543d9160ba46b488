//! The body of a request to an agent, with every fault at once.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::accept::{BodyForm, check_content_type, unsupported};
use super::{FieldFault, HttpRequest, Problem, ProblemKind};
use crate::domain::{ConversationId, MaxTokens, Temperature};

/// The largest body. The load balancer's own limit is the same.
const MAX_BODY_BYTES: usize = 1_000_000;

/// A checked body. Serialised, it is what an idempotency key is bound to: the same wish in other words is the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct InvokeBody {
    pub(super) prompt: String,
    pub(super) conversation_id: Option<ConversationId>,
    pub(super) temperature: Option<Temperature>,
    pub(super) max_tokens: Option<MaxTokens>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// Reads the body.
///
/// # Errors
/// 400, 413, 415 or 422, as the contract's table has them.
pub(super) fn read(request: &HttpRequest) -> Result<InvokeBody, Problem> {
    let form = check_content_type(&request.headers)?;
    let bytes = request.body.as_ref().map_err(|_| {
        Problem::new(ProblemKind::InvalidBody, "the body is marked as base64 and is not; send it as it is")
    })?;
    if bytes.len() > MAX_BODY_BYTES {
        return Err(Problem::new(ProblemKind::TooLarge, "the body is over 1 MB; send less"));
    }
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(_) if form == BodyForm::PerhapsJson => return Err(unsupported()),
        Err(error) => {
            let detail =
                format!("the body is not JSON: the fault is at line {}, column {}", error.line(), error.column());
            return Err(Problem::new(ProblemKind::InvalidBody, detail));
        }
    };
    match value {
        Value::Object(members) => from_members(members),
        _ if form == BodyForm::PerhapsJson => Err(unsupported()),
        _ => Err(invalid(vec![FieldFault {
            pointer: String::new(),
            detail: "the body must be a JSON object".to_owned(),
        }])),
    }
}

fn from_members(mut members: Map<String, Value>) -> Result<InvokeBody, Problem> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, detail: &str| {
        faults.push(FieldFault { pointer: pointer(name), detail: detail.to_owned() });
    };
    let prompt = match members.remove("prompt") {
        Some(Value::String(text)) if text.trim().is_empty() => {
            fault("prompt", "must have at least one character that is not white space");
            String::new()
        }
        Some(Value::String(text)) => text,
        Some(_) => {
            fault("prompt", "must be a string");
            String::new()
        }
        None => {
            fault("prompt", "is required");
            String::new()
        }
    };
    let conversation_id = match members.remove("conversation_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let id = ConversationId::parse(&text);
            if id.is_none() {
                fault("conversation_id", "must be a conversation's id as the gateway gave it, a UUID");
            }
            id
        }
        Some(_) => {
            fault("conversation_id", "must be a string");
            None
        }
    };
    let temperature = match members.remove("temperature") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let temperature = value.as_f64().and_then(|number| Temperature::try_from(number).ok());
            if temperature.is_none() {
                fault("temperature", "must be a number from 0 to 2");
            }
            temperature
        }
    };
    let max_tokens = match members.remove("max_tokens") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            let max_tokens = number.and_then(|number| MaxTokens::try_from(number).ok());
            if max_tokens.is_none() {
                fault("max_tokens", "must be a whole number from 1 to 4294967295");
            }
            max_tokens
        }
    };
    let metadata = match members.remove("metadata") {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(value) => serde_json::from_value(value).unwrap_or_else(|_| {
            fault("metadata", "must be an object whose values are strings");
            BTreeMap::new()
        }),
    };
    for name in members.keys() {
        fault(name, "is unknown; known are prompt, conversation_id, temperature, max_tokens, metadata");
    }
    if faults.is_empty() {
        Ok(InvokeBody { prompt, conversation_id, temperature, max_tokens, metadata })
    } else {
        Err(invalid(faults))
    }
}

/// RFC 6901; an unknown member's name is cut where it is long.
fn pointer(name: &str) -> String {
    let name: String = name.chars().take(100).collect();
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn invalid(errors: Vec<FieldFault>) -> Problem {
    let words: Vec<String> =
        errors.iter().map(|one| format!("{} {}", one.pointer, one.detail).trim().to_owned()).collect();
    let mut problem = Problem::new(ProblemKind::InvalidRequest, words.join("; "));
    problem.errors = errors;
    problem
}
