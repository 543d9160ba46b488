//! The body of a request to run an agent. All its faults are reported at once.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::read_json;
use crate::domain::{ConversationId, MaxTokens, Temperature};
use crate::http::{BodyType, FieldFault, Problem, ProblemKind, ProblemMember, body_type, unsupported_media_type};
use crate::lambda::HttpRequest;

/// The largest body. The load balancer's own limit is the same.
const MAX_BODY_BYTES: usize = 1_000_000;

/// The most faults that are reported, so that no response is much larger than its request.
const MAX_FAULTS: usize = 20;

/// A checked body. Its serialized form is what an idempotency key is bound to, so that spelling makes no difference.
#[derive(Clone, PartialEq, Serialize, JsonSchema, derive_more::Debug)]
#[schemars(deny_unknown_fields, rename = "InvokeRequest", description = "A request to run an agent.")]
pub struct RunBody {
    /// The prompt: at least one character that is not white space.
    #[schemars(regex(pattern = r"\S"))]
    #[debug("[{} bytes]", prompt.len())]
    pub prompt: String,
    /// The conversation to continue, by the id that the gateway gave it. Default: a new one.
    #[schemars(regex(pattern = ConversationId::PATTERN))]
    pub conversation_id: Option<ConversationId>,
    /// Default: the agent's. A model's range may be narrower.
    pub temperature: Option<Temperature>,
    /// Default: the agent's.
    pub max_tokens: Option<MaxTokens>,
    /// The caller's own notes.
    #[schemars(default, with = "Option<BTreeMap<String, String>>")]
    #[debug("[{} notes]", metadata.len())]
    pub metadata: BTreeMap<String, String>,
}

/// Reads a request's body.
///
/// # Errors
/// 400 for a body that is not JSON, 413 for one over 1 MB, 415 for another type, 422 for every other fault.
pub(super) fn read_body(request: &HttpRequest) -> Result<RunBody, Problem> {
    check_body(read_object(request)?, "", Vec::new())
}

/// Reads a request's body, which is a JSON object.
///
/// # Errors
/// As [`read_body`], and 422 for JSON of another type.
pub(super) fn read_object(request: &HttpRequest) -> Result<Map<String, Value>, Problem> {
    let declared = body_type(&request.headers)?;
    let bytes = request.body.as_ref().map_err(|_| {
        Problem::new(
            ProblemKind::InvalidBody,
            "the event declares the body as base64, which it is not; send it as it is",
        )
    })?;
    if bytes.len() > MAX_BODY_BYTES {
        return Err(Problem::new(ProblemKind::TooLarge, "the body is over 1 MB; send less"));
    }
    let value = match read_json(bytes, "the body") {
        // A real form has the wrong type; its text is not faulty JSON.
        Err(_) if declared == BodyType::Form && !bytes.trim_ascii_start().starts_with(b"{") => {
            return Err(unsupported_media_type());
        }
        read => read?,
    };
    match value {
        Value::Object(members) => Ok(members),
        _ if declared == BodyType::Form => Err(unsupported_media_type()),
        _ => Err(invalid_request(vec![FieldFault {
            pointer: String::new(),
            detail: "the body must be a JSON object".to_owned(),
        }])),
    }
}

/// Checks the members of a body. `also_known` names members that were read before, `faults` what was wrong with them.
///
/// # Errors
/// 422 with every fault.
pub fn check_body(members: Map<String, Value>, also_known: &str, faults: Vec<FieldFault>) -> Result<RunBody, Problem> {
    let mut reader = Reader { members, faults };
    let body = RunBody {
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
    if reader.faults.is_empty() { Ok(body) } else { Err(invalid_request(reader.faults)) }
}

/// Takes one member after the other out of the body; what is left is unknown. A faulty member reads as a missing one,
/// since the body is refused anyway.
struct Reader {
    members: Map<String, Value>,
    faults: Vec<FieldFault>,
}

impl Reader {
    fn fault(&mut self, path: &[&str], detail: &str) {
        self.faults.push(FieldFault { pointer: pointer(path), detail: detail.to_owned() });
    }

    /// Takes an optional member; `null` counts as absent.
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
            self.fault(&["conversation_id"], "must be the id of a conversation, a UUID that the gateway gave it");
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
        let number = whole_number(&value).and_then(|number| u32::try_from(number).ok());
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

/// Returns a whole number from 0, however it is written: JSON does not distinguish 1 from 1.0.
fn whole_number(value: &Value) -> Option<u64> {
    let from_fraction = || {
        let number =
            value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number));
        // The range is checked above, and text is the conversion that cannot lose anything.
        number.and_then(|number| format!("{number:.0}").parse().ok())
    };
    value.as_u64().or_else(from_fraction)
}

/// Returns the JSON pointer (RFC 6901) to a member; long names are cut.
#[must_use]
pub fn pointer(path: &[&str]) -> String {
    path.iter().fold(String::new(), |pointer, name| {
        // Cut before it is escaped, so that no escape is cut in half.
        let name: String = name.chars().take(100).collect();
        format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
    })
}

/// Returns the problem of an invalid request.
#[must_use]
pub fn invalid_request(mut faults: Vec<FieldFault>) -> Problem {
    let more = faults.len().saturating_sub(MAX_FAULTS);
    faults.truncate(MAX_FAULTS);
    let mut details: Vec<String> =
        faults.iter().map(|one| format!("{} {}", one.pointer, one.detail).trim().to_owned()).collect();
    if more > 0 {
        details.push(format!("and {more} more"));
    }
    Problem::new(ProblemKind::InvalidRequest, details.join("; ")).with(ProblemMember::Errors(faults))
}
