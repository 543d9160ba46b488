//! Messages of clients. Pure.

use serde_json::{Map, Value};

use crate::api::{RunBody, check_body, invalid_request, pointer, read_json};
use crate::domain::ClientRequestId;
use crate::http::{FieldFault, Problem};

/// A client's message.
#[derive(Debug)]
pub(super) enum ClientMessage {
    /// Runs an agent.
    Invoke {
        /// The agent's name.
        agent: String,
        /// The checked body.
        body: RunBody,
    },
    /// Cancels a run.
    Cancel,
}

/// A message that was read, and the name that the client gives to its request.
pub(super) struct Read {
    pub(super) request_id: Option<ClientRequestId>,
    pub(super) message: Result<ClientMessage, Problem>,
}

/// Reads a message; all its faults are reported at once.
pub(super) fn read(text: &[u8]) -> Read {
    let refused = |problem| Read { request_id: None, message: Err(problem) };
    let mut members = match read_json(text, "the message") {
        Ok(Value::Object(members)) => members,
        Ok(_) => return refused(invalid_request(vec![fault("", "a message must be a JSON object")])),
        Err(problem) => return refused(problem),
    };
    let mut faults = Vec::new();
    // First, so that every refusal can carry the client's name for the request.
    let request_id = request_id(&mut members, &mut faults);
    let message = match members.remove("action").as_ref().and_then(Value::as_str) {
        Some("invoke") => invoke(members, faults),
        Some("cancel") => cancel(request_id.is_some(), &members, faults),
        _ => {
            faults.push(fault("action", "must be \"invoke\" or \"cancel\""));
            Err(invalid_request(faults))
        }
    };
    Read { request_id, message }
}

fn request_id(members: &mut Map<String, Value>, faults: &mut Vec<FieldFault>) -> Option<ClientRequestId> {
    let value = members.remove("request_id").filter(|value| !value.is_null())?;
    let id = value.as_str().and_then(ClientRequestId::parse);
    if id.is_none() {
        faults.push(fault("request_id", &format!("must be a string of {}", ClientRequestId::ALLOWED)));
    }
    id
}

fn invoke(mut members: Map<String, Value>, mut faults: Vec<FieldFault>) -> Result<ClientMessage, Problem> {
    let agent = match members.remove("agent") {
        Some(Value::String(name)) => name,
        Some(Value::Null) | None => {
            faults.push(fault("agent", "is required"));
            String::new()
        }
        Some(_) => {
            faults.push(fault("agent", "must be a string"));
            String::new()
        }
    };
    let body = check_body(members, "action, agent, request_id, ", faults)?;
    Ok(ClientMessage::Invoke { agent, body })
}

fn cancel(is_named: bool, rest: &Map<String, Value>, mut faults: Vec<FieldFault>) -> Result<ClientMessage, Problem> {
    // A name that is there but invalid has its fault already.
    if !is_named && faults.is_empty() {
        faults.push(fault("request_id", "is required"));
    }
    faults.extend(rest.keys().map(|name| fault(name, "is unknown; known are action, request_id")));
    if faults.is_empty() { Ok(ClientMessage::Cancel) } else { Err(invalid_request(faults)) }
}

fn fault(name: &str, detail: &str) -> FieldFault {
    let pointer = if name.is_empty() { String::new() } else { pointer(&[name]) };
    FieldFault { pointer, detail: detail.to_owned() }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
