//! Headers: fixed texts, values of the call, and secrets.

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::secrets::Secrets;
use crate::actions::ActionError;
use crate::actions::encoding::header_value;
use crate::agent::{Scope, TemplatedValue};
use crate::domain::{SecretTemplate, TemplatePart};
use crate::secrets::SecretResolver;

/// A header of the request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) name: HeaderName,
    pub(super) value: HeaderText,
}

/// The value of a header.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum HeaderText {
    /// A text that may hold values of the call.
    Filled(TemplatedValue),
    /// A text with secrets in it, which are resolved after the call was allowed.
    Secret(SecretTemplate),
}

/// Fills the headers in.
///
/// # Errors
/// [`ActionError`] if a value cannot stand in a header, or a secret cannot be resolved.
pub(super) async fn fill(
    headers: &[Header],
    scope: &Scope<'_>,
    resolver: &dyn SecretResolver,
) -> Result<(HeaderMap, Secrets), ActionError> {
    let mut filled = HeaderMap::new();
    let mut secrets = Secrets::default();
    for Header { name, value } in headers {
        let value = match value {
            HeaderText::Filled(template) => {
                let value = template.evaluate(scope).map_err(|error| ActionError::Refused(error.to_string()))?;
                let text = match value {
                    Value::String(text) => text,
                    Value::Null => continue,
                    other => other.to_string(),
                };
                header_value(&text).map_err(|error| ActionError::Refused(format!("the header {name}: {error}")))?
            }
            HeaderText::Secret(template) => {
                let text = secrets.resolve(template, resolver).await?;
                let value = HeaderValue::from_str(text.expose_secret().trim());
                let mut value = value.map_err(|_error| ActionError::Internal("a secret cannot stand in a header"))?;
                // Keeps it out of debug output.
                value.set_sensitive(true);
                value
            }
        };
        filled.insert(name.clone(), value);
    }
    Ok((filled, secrets))
}

/// Returns whether a header can be sent, as far as it is known before its values are filled in.
pub(super) fn is_sendable(text: &str) -> bool {
    let secret = SecretTemplate::parse(text).ok().filter(|template| template.references().next().is_some());
    if let Some(template) = secret {
        let parts = template.parts().iter().map(|part| match part {
            TemplatePart::Literal(literal) => literal.as_str(),
            TemplatePart::Reference(_) => "x",
        });
        return HeaderValue::from_str(parts.collect::<String>().trim()).is_ok();
    }
    // Statements, and braces that drop the spaces around them, decide with each call what is sent.
    if ["{%", "{#", "{{-", "-}}"].iter().any(|sign| text.contains(sign)) {
        return true;
    }
    // Space around a single expression is dropped.
    let mut rest = if text.contains("{{") { text.trim() } else { text };
    let mut sample = String::new();
    while let Some((literal, (_, after))) =
        rest.split_once("{{").and_then(|(literal, behind)| Some((literal, behind.split_once("}}")?)))
    {
        sample.extend([literal, "x"]);
        rest = after;
    }
    header_value(&(sample + rest)).is_ok()
}

/// Fetches the secrets of these headers again. Returns whether one has changed.
pub(super) async fn renew(headers: &[Header], resolver: &dyn SecretResolver) -> bool {
    let mut has_changed = false;
    for header in headers {
        if let HeaderText::Secret(template) = &header.value {
            has_changed |= resolver.renew(template).await.unwrap_or(false);
        }
    }
    has_changed
}
