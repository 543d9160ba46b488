//! References to secrets, as the configuration writes them: `{{ secrets['name#key'] }}`, `{{ ssm['/path'] }}`,
//! `{{ env['NAME'] }}`.

use std::fmt;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretRef {
    /// In Secrets Manager.
    Secret {
        /// The secret's name or ARN.
        name: String,
        /// The key, where the secret is a JSON object.
        key: Option<String>,
    },
    /// In Parameter Store.
    Parameter(String),
    /// In the function's environment.
    Environment(String),
}

impl SecretRef {
    /// Returns whether it is one of the variables with the credentials of the function's role, which must not leave it.
    #[must_use]
    pub fn is_of_the_role(&self) -> bool {
        matches!(self, Self::Environment(name) if name.to_ascii_uppercase().starts_with("AWS_"))
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret { name, key: None } => write!(formatter, "secrets['{name}']"),
            Self::Secret { name, key: Some(key) } => write!(formatter, "secrets['{name}#{key}']"),
            Self::Parameter(path) => write!(formatter, "ssm['{path}']"),
            Self::Environment(name) => write!(formatter, "env['{name}']"),
        }
    }
}

/// A part of a templated value.
#[derive(Clone, PartialEq, Eq, Hash, derive_more::Debug)]
pub enum TemplatePart {
    /// Literal text.
    Literal(#[debug("[{} bytes]", _0.len())] String),
    /// A secret whose value replaces the reference.
    Reference(SecretRef),
}

/// A value of the configuration that may hold references. `Debug` hides literals, since one may be a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SecretTemplate(Vec<TemplatePart>);

/// A template that cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// `{{` without `}}`.
    #[error("has {{{{ without }}}}")]
    Unclosed,
    /// The braces hold something other than a reference.
    #[error(
        "has between {{{{ and }}}} something other than secrets['name'], secrets['name#key'], ssm['/path'] or env['NAME']"
    )]
    Unknown,
}

impl SecretTemplate {
    /// Returns a template that is a secret of Secrets Manager as a whole.
    #[must_use]
    pub fn secret(name: &str) -> Self {
        Self(vec![TemplatePart::Reference(SecretRef::Secret { name: name.to_owned(), key: None })])
    }

    /// Parses a value.
    ///
    /// # Errors
    /// [`InvalidTemplate`] if braces are not closed or hold something other than a reference.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, tail) = after.split_once("}}").ok_or(InvalidTemplate::Unclosed)?;
            if !before.is_empty() {
                parts.push(TemplatePart::Literal(before.to_owned()));
            }
            parts.push(TemplatePart::Reference(reference(inside.trim()).ok_or(InvalidTemplate::Unknown)?));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Creates a template of one literal.
    pub fn literal(text: impl Into<String>) -> Self {
        Self(vec![TemplatePart::Literal(text.into())])
    }

    /// Returns the parts, in order.
    #[must_use]
    pub fn parts(&self) -> &[TemplatePart] {
        &self.0
    }

    /// Returns the secrets that the template names.
    pub fn references(&self) -> impl Iterator<Item = &SecretRef> {
        self.0.iter().filter_map(|part| match part {
            TemplatePart::Reference(reference) => Some(reference),
            TemplatePart::Literal(_) => None,
        })
    }
}

impl fmt::Debug for SecretTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.references()).finish()
    }
}

fn reference(text: &str) -> Option<SecretRef> {
    let (kind, rest) = text.split_once('[')?;
    let quoted = rest.strip_suffix(']')?.trim();
    let name = ['\'', '"'].iter().find_map(|quote| quoted.strip_prefix(*quote)?.strip_suffix(*quote))?;
    if name.is_empty() || name.contains(['\'', '"']) {
        return None;
    }
    match kind.trim() {
        "secrets" => Some(match name.split_once('#') {
            Some((secret, key)) => SecretRef::Secret { name: secret.to_owned(), key: Some(key.to_owned()) },
            None => SecretRef::Secret { name: name.to_owned(), key: None },
        }),
        "ssm" => Some(SecretRef::Parameter(name.to_owned())),
        "env" => Some(SecretRef::Environment(name.to_owned())),
        _ => None,
    }
}
