//! Headers: fixed texts, values of the call, and secrets.

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::actions::ActionError;
use crate::actions::encoding::header_value;
use crate::agent::{Scope, TemplatedValue};
use crate::domain::{SecretTemplate, TemplatePart};
use crate::secrets::SecretResolver;

/// The fewest characters of a secret that is looked for in an answer; a shorter one would hide common words.
const SHORTEST_SECRET: usize = 6;

const HIDDEN: &str = "***";

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

/// The secrets of a request, to be hidden in what comes back.
#[derive(Default)]
pub(super) struct Secrets(Vec<SecretString>);

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

impl Secrets {
    #[cfg(test)]
    pub(super) fn of<const N: usize>(texts: [&str; N]) -> Self {
        Self(texts.map(|text| SecretString::from(text.to_owned())).into())
    }

    async fn resolve(
        &mut self,
        template: &SecretTemplate,
        resolver: &dyn SecretResolver,
    ) -> Result<SecretString, ActionError> {
        let unresolved = |_error| ActionError::Internal("a secret cannot be resolved");
        for reference in template.references() {
            // Each alone, since an answer may echo a key without the scheme in front of it.
            let alone = SecretTemplate::parse(&format!("{{{{ {reference} }}}}"));
            let alone = alone.map_err(|_error| ActionError::Internal("a reference to a secret cannot be read"))?;
            self.0.push(resolver.resolve(&alone).await.map_err(unresolved)?);
        }
        resolver.resolve(template).await.map_err(unresolved)
    }

    /// Hides the secrets in a text.
    pub(super) fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            let secret = secret.expose_secret().trim();
            if secret.chars().count() < SHORTEST_SECRET {
                return text;
            }
            // In a text that is JSON, too.
            let escaped = Value::from(secret).to_string();
            let escaped = escaped.trim_matches('"');
            text.replace(secret, HIDDEN).replace(escaped, HIDDEN)
        })
    }

    /// Hides the secrets in the texts and names of a value.
    pub(super) fn hide_in(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.hide(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.hide_in(item)).collect()),
            Value::Object(members) => Value::Object(
                members.into_iter().map(|(name, member)| (self.hide(&name), self.hide_in(member))).collect(),
            ),
            other => other,
        }
    }
}
