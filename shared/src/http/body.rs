//! The body of a request to an agent, with every fault at once.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::accept::{BodyForm, check_content_type, unsupported};
use super::{FieldFault, HttpRequest, Problem, ProblemKind, ProblemMember};
use crate::domain::{ConversationId, MaxTokens, Temperature};

/// The largest body. The load balancer's own limit is the same.
const MAX_BODY_BYTES: usize = 1_000_000;

/// Faults told at most, so that no answer is larger than its request.
const MAX_FAULTS: usize = 20;

/// A checked body. Serialised, it is what an idempotency key is bound to: the same wish in other words is the same.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "InvokeRequest", description = "What is asked of an agent.")]
pub(super) struct InvokeBody {
    /// What is asked: at least one character that is not white space.
    #[schemars(regex(pattern = r"\S"))]
    pub(super) prompt: String,
    /// The conversation to go on with, as the gateway gave its id; a new one where none is named.
    pub(super) conversation_id: Option<ConversationId>,
    /// The agent's own where none is given. A model's range may be narrower.
    pub(super) temperature: Option<Temperature>,
    /// The agent's own where none is given.
    pub(super) max_tokens: Option<MaxTokens>,
    /// The caller's own notes.
    #[schemars(default)]
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
            let (line, column) = (error.line(), error.column());
            let detail = format!("the body is not JSON that can be read: the fault is at line {line}, column {column}");
            return Err(Problem::new(ProblemKind::InvalidBody, detail));
        }
    };
    match value {
        Value::Object(members) => check(members, "", Vec::new()),
        _ if form == BodyForm::PerhapsJson => Err(unsupported()),
        _ => Err(invalid(vec![FieldFault {
            pointer: String::new(),
            detail: "the body must be a JSON object".to_owned(),
        }])),
    }
}

/// Checks the members of a body; `also_known` are those that were taken out before, with what was wrong with them.
///
/// # Errors
/// 422.
pub(super) fn check(
    members: Map<String, Value>,
    also_known: &str,
    faults: Vec<FieldFault>,
) -> Result<InvokeBody, Problem> {
    let mut reader = Reader { members, faults };
    let body = InvokeBody {
        prompt: reader.prompt(),
        conversation_id: reader.conversation_id(),
        temperature: reader.temperature(),
        max_tokens: reader.max_tokens(),
        metadata: reader.metadata(),
    };
    let unknown: Vec<String> = reader.members.keys().cloned().collect();
    for name in unknown {
        let known = "prompt, conversation_id, temperature, max_tokens, metadata";
        reader.fault(&[&name], &format!("is unknown; known are {also_known}{known}"));
    }
    if reader.faults.is_empty() { Ok(body) } else { Err(invalid(reader.faults)) }
}

/// Takes member after member out of the body; what is left is unknown. A faulty member reads as a missing one, since
/// the body is refused in the end.
struct Reader {
    members: Map<String, Value>,
    faults: Vec<FieldFault>,
}

impl Reader {
    fn fault(&mut self, path: &[&str], detail: &str) {
        self.faults.push(FieldFault { pointer: pointer(path), detail: detail.to_owned() });
    }

    /// A member that may be left out; `null` counts as that.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    fn prompt(&mut self) -> String {
        let fault = match self.members.remove("prompt") {
            Some(Value::String(text)) if !text.trim().is_empty() => return text,
            Some(Value::String(_)) => "must have at least one character that is not white space",
            Some(_) => "must be a string",
            None => "is required",
        };
        self.fault(&["prompt"], fault);
        String::new()
    }

    fn conversation_id(&mut self) -> Option<ConversationId> {
        let value = self.take("conversation_id")?;
        let id = value.as_str().and_then(ConversationId::parse);
        if id.is_none() {
            self.fault(&["conversation_id"], "must be a conversation's id as the gateway gave it, a UUID");
        }
        id
    }

    fn temperature(&mut self) -> Option<Temperature> {
        let value = self.take("temperature")?;
        let temperature = value.as_f64().and_then(|number| Temperature::try_from(number).ok());
        if temperature.is_none() {
            self.fault(&["temperature"], "must be a number from 0 to 2");
        }
        temperature
    }

    fn max_tokens(&mut self) -> Option<MaxTokens> {
        let value = self.take("max_tokens")?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let max_tokens = number.and_then(|number| MaxTokens::try_from(number).ok());
        if max_tokens.is_none() {
            self.fault(&["max_tokens"], "must be a whole number from 1 to 4294967295");
        }
        max_tokens
    }

    fn metadata(&mut self) -> BTreeMap<String, String> {
        let mut metadata = BTreeMap::new();
        match self.take("metadata") {
            None => {}
            Some(Value::Object(notes)) => {
                for (name, value) in notes {
                    match value {
                        Value::String(text) => drop(metadata.insert(name, text)),
                        _ => self.fault(&["metadata", &name], "must be a string"),
                    }
                }
            }
            Some(_) => self.fault(&["metadata"], "must be an object whose values are strings"),
        }
        metadata
    }
}

/// RFC 6901; a long name is cut.
pub(super) fn pointer(path: &[&str]) -> String {
    path.iter().fold(String::new(), |pointer, name| {
        let name: String = name.chars().take(100).collect();
        format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
    })
}

pub(super) fn invalid(mut faults: Vec<FieldFault>) -> Problem {
    let more = faults.len().saturating_sub(MAX_FAULTS);
    faults.truncate(MAX_FAULTS);
    let mut words: Vec<String> =
        faults.iter().map(|one| format!("{} {}", one.pointer, one.detail).trim().to_owned()).collect();
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    Problem::new(ProblemKind::InvalidRequest, words.join("; ")).with(ProblemMember::Errors(faults))
}
