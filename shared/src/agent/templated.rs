//! A JSON value with templates in its texts.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::provenance::{Origin, Sources, ends_words};
use super::scope::Scope;
use super::template::{EvaluationError, Piece, Template};
use super::template_check::TemplateFault;

/// A JSON value whose texts are templates. It is filled in after parsing, so no value can change its shape.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatedValue {
    /// A value without templates.
    Literal(Value),
    /// A template. One expression keeps its type.
    Template(Template),
    /// A list.
    List(Vec<Self>),
    /// A mapping. Its names are taken as they are written.
    Map(BTreeMap<String, Self>),
}

impl TemplatedValue {
    /// Parses the templates in a value.
    ///
    /// # Errors
    /// The path of the first faulty template, and its fault.
    pub fn parse(value: &Value) -> Result<Self, (String, TemplateFault)> {
        let parsed = match value {
            Value::String(text) if text.contains('{') => {
                Self::Template(Template::value(text).map_err(|fault| (String::new(), fault))?)
            }
            Value::Array(items) => Self::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| within(&format!("[{index}]"), item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Self::Map(
                members
                    .iter()
                    .map(|(name, member)| {
                        let path = format!(".{name}");
                        // It would be taken as it is written, which nobody means.
                        if name.contains("{{") || name.contains("{%") {
                            return Err((path, TemplateFault::at(None, "templates stand in values, not in names")));
                        }
                        Ok((name.clone(), within(&path, member)?))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            other => Self::Literal(other.clone()),
        };
        Ok(parsed)
    }

    /// Returns the value if its templates read no names, so that no run can change it.
    #[must_use]
    pub fn literal(&self) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            Self::Template(template) => template.constant(),
            Self::List(items) => items.iter().map(Self::literal).collect::<Option<Vec<_>>>().map(Value::Array),
            Self::Map(members) => {
                let members = members.iter().map(|(name, member)| Some((name.clone(), member.literal()?)));
                members.collect::<Option<Map<_, _>>>().map(Value::Object)
            }
        }
    }

    /// Returns the templates with their paths within the value.
    #[must_use]
    pub fn templates(&self) -> Vec<(String, &Template)> {
        let mut found = Vec::new();
        self.gather(String::new(), &mut found);
        found
    }

    fn gather<'a>(&'a self, path: String, found: &mut Vec<(String, &'a Template)>) {
        match self {
            Self::Literal(_) => {}
            Self::Template(template) => found.push((path, template)),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.gather(format!("{path}[{index}]"), found);
                }
            }
            Self::Map(members) => {
                for (name, member) in members {
                    member.gather(format!("{path}.{name}"), found);
                }
            }
        }
    }

    /// Fills the value in.
    ///
    /// # Errors
    /// [`EvaluationError`].
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Template(template) => template.evaluate(scope),
            Self::List(items) => {
                items.iter().map(|item| item.evaluate(scope)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Map(members) => {
                let filled = members.iter().map(|(name, member)| Ok((name.clone(), member.evaluate(scope)?)));
                filled.collect::<Result<_, _>>().map(Value::Object)
            }
        }
    }

    /// Fills the value in from these values alone, by their names.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn evaluate_over(&self, values: &Value) -> Result<Value, EvaluationError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Template(template) => template.evaluate_over(values),
            Self::List(items) => {
                items.iter().map(|item| item.evaluate_over(values)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Map(members) => {
                let filled = members.iter().map(|(name, member)| Ok((name.clone(), member.evaluate_over(values)?)));
                filled.collect::<Result<_, _>>().map(Value::Object)
            }
        }
    }

    /// Returns the origin of the value: that of its worst part. What is written here is the operator's; what a template puts
    /// in is looked up piece by piece.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn origin(&self, scope: &Scope<'_>, sources: &Sources) -> Result<Origin, EvaluationError> {
        match self {
            Self::Literal(_) => Ok(Origin::Operator),
            Self::Template(template) => template_origin(template, scope, sources),
            Self::List(items) => worst(items.iter().map(|item| item.origin(scope, sources))),
            Self::Map(members) => worst(members.values().map(|member| member.origin(scope, sources))),
        }
    }
}

fn within(step: &str, value: &Value) -> Result<TemplatedValue, (String, TemplateFault)> {
    TemplatedValue::parse(value).map_err(|(path, fault)| (format!("{step}{path}"), fault))
}

fn worst(origins: impl Iterator<Item = Result<Origin, EvaluationError>>) -> Result<Origin, EvaluationError> {
    let mut worst = Origin::Operator;
    for (index, origin) in origins.enumerate() {
        worst = if index == 0 { origin? } else { worst.max(origin?) };
    }
    Ok(worst)
}

fn template_origin(template: &Template, scope: &Scope<'_>, sources: &Sources) -> Result<Origin, EvaluationError> {
    let Some(pieces) = template.pieces() else {
        // With conditions and loops in it, the text is looked up as a whole.
        let text = template.render(scope)?;
        return Ok(with_names(sources.of_text(&text), template, scope));
    };
    let mut worst: Option<Origin> = None;
    let mut joined = Joined::default();
    let mut assembled = String::new();
    for piece in pieces {
        let origin = match piece {
            Piece::Literal(text) => {
                assembled.push_str(text);
                if ends_words(text) {
                    worst = worst.max(std::mem::take(&mut joined).origin(sources));
                } else {
                    joined.text.push_str(text);
                }
                (!text.trim().is_empty()).then_some(Origin::Operator)
            }
            Piece::Expression(expression) => {
                let text = expression.render(scope)?;
                assembled.push_str(&text);
                joined.text.push_str(&text);
                joined.expressions += 1;
                joined.is_a_strangers |= scope.depends_on_untrusted(expression.names());
                match expression.evaluate(scope)? {
                    Value::Null => None,
                    value => Some(with_names(sources.of_json(&value), &expression, scope)),
                }
            }
        };
        worst = worst.max(origin);
    }
    if template.is_text() {
        // Of the text around braces, the engine drops one line ending at the end. If it has read the pieces otherwise, they say nothing.
        let text = template.render(scope)?;
        if assembled.strip_suffix('\n').unwrap_or(&assembled) != text.strip_suffix('\n').unwrap_or(&text) {
            return Ok(with_names(sources.of_text(&text), template, scope));
        }
    }
    // Nothing was put in, so the empty text is nobody's.
    Ok(worst.max(joined.origin(sources)).unwrap_or(Origin::Model))
}

/// What expressions yield with nothing between them that ends a word.
#[derive(Default)]
struct Joined {
    text: String,
    expressions: usize,
    /// Whether a stranger's text is among it.
    is_a_strangers: bool,
}

impl Joined {
    /// Returns the origin of the whole, which a stranger may have put together from other words; `None` if only its parts count.
    fn origin(self, sources: &Sources) -> Option<Origin> {
        let is_whole = self.is_a_strangers && self.expressions > 1;
        is_whole.then(|| match sources.of_text(&self.text) {
            Origin::Model => Origin::Untrusted,
            origin => origin,
        })
    }
}

/// Returns the origin of what an expression yields. What is found nowhere, but was made from a stranger's text, is the
/// stranger's; so is what any expression but a name yields, since the stranger's text, or a failure that it brought about, may
/// have chosen among other words.
fn with_names(origin: Origin, template: &Template, scope: &Scope<'_>) -> Origin {
    let may_choose = origin == Origin::Model || template.alternatives().is_none();
    if may_choose && scope.depends_on_untrusted(template.names()) { Origin::Untrusted } else { origin }
}

#[cfg(test)]
#[path = "templated_tests.rs"]
mod tests;
