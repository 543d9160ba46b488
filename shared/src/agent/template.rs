//! Templates and expressions of a state graph (minijinja): no loaders, bounded work, bounded output.
//!
//! What users and tools write is data: it is never parsed as a template.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, LazyLock};

use minijinja::machinery::{CodeGenerator, Instructions, get_compiled_template, parse_expr};
use minijinja::value::{Rest, Serde, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, escape_formatter, filters};

use super::scope::Scope;
use super::template_check::{TemplateFault, check_depth, check_growth, check_names, check_statuses, read_names};
use super::template_input::missing_input;

/// The work of one evaluation. An instruction costs 1, and so do 64 bytes that are copied, so this bounds memory too.
const FUEL: u64 = 100_000;

/// The longest text that a template may render or yield, and the longest JSON of another value, in bytes.
const MAX_TEXT_BYTES: usize = 1_000_000;

/// A text with expressions in it, or one expression, which keeps its type.
#[derive(Clone, derive_more::Debug)]
pub struct Template {
    #[debug("[{} bytes]", source.len())]
    source: Arc<str>,
    form: Form,
    /// The names that it reads, such as `states.find.output`.
    names: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Expression,
}

/// A part of a text.
pub(super) enum Piece<'a> {
    /// Text as it is written.
    Literal(&'a str),
    /// An expression in braces.
    Expression(Template),
}

/// Why a template has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The request lacks something that the template reads.
    #[error("the request has no {pointer}")]
    UndefinedInput {
        /// Its place in the request's body (RFC 6901).
        pointer: String,
    },
    /// The evaluation failed. The text names no value.
    #[error("{0}")]
    Failed(&'static str),
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        // The names follow from the source.
        (&self.source, self.form) == (&other.source, other.form)
    }
}

impl Template {
    /// Parses a template that renders text.
    ///
    /// # Errors
    /// [`TemplateFault`] for a syntax error, an expression that is too deep, a filter, a test or a function that does not exist,
    /// or an evaluation that fails whatever a run reads.
    pub fn text(source: &str) -> Result<Self, TemplateFault> {
        check_depth(source, false)?;
        let template = environment().template_from_str(source).map_err(|error| fault(&error))?;
        let listed = template.undeclared_variables(true);
        Self::checked(source, Form::Text, listed, &get_compiled_template(&template).instructions)
    }

    /// Parses an expression without braces.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn expression(source: &str) -> Result<Self, TemplateFault> {
        check_depth(source, true)?;
        let expression = environment().compile_expression(source).map_err(|error| fault(&error))?;
        let listed = expression.undeclared_variables(true);
        // The expression does not show its instructions, so they are generated once more.
        let mut generator = CodeGenerator::new("", source);
        generator.compile_expr(&parse_expr(source).map_err(|error| fault(&error))?);
        Self::checked(source, Form::Expression, listed, &generator.finish().0)
    }

    /// Parses a value: one expression in braces keeps its type, anything else renders text.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn value(source: &str) -> Result<Self, TemplateFault> {
        let inner = source.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        // The signs that drop or keep the space around it, which is dropped here; `-` would be read as a negation.
        let sign = ['-', '+'];
        let inner = inner.map(|inner| inner.strip_prefix(sign).unwrap_or(inner));
        let inner = inner.map(|inner| inner.strip_suffix(sign).unwrap_or(inner));
        match inner.map(|inner| Self::expression(inner.trim())) {
            Some(Ok(expression)) => Ok(expression),
            // Such as `{{ a }} and {{ b }}`, which begins and ends alike.
            _ => Self::text(source),
        }
    }

    fn checked(
        source: &str,
        form: Form,
        listed: impl IntoIterator<Item = String>,
        instructions: &Instructions<'_>,
    ) -> Result<Self, TemplateFault> {
        let mut names = read_names(instructions);
        names.extend(listed);
        check_names(environment(), instructions, &names)?;
        check_growth(instructions)?;
        check_statuses(instructions)?;
        let template = Self { source: source.into(), form, names };
        if template.names.is_empty() {
            let value = template.evaluated(Value::default());
            value.and_then(|value| check_size(&value)).map_err(|error| fault(&error))?;
        }
        Ok(template)
    }

    /// Returns the text of the template.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Returns whether the template yields text, whatever it reads; one expression keeps its type.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.form == Form::Text
    }

    /// Returns the names that the template reads, such as `input.prompt`.
    #[must_use]
    pub const fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Returns the value of a template that reads no names; `None` if a run decides it.
    pub(super) fn constant(&self) -> Option<serde_json::Value> {
        if self.names.is_empty() { self.evaluate_over(&serde_json::Value::Null).ok() } else { None }
    }

    /// Returns the parts of the text; `None` if it has more than expressions in braces.
    pub(super) fn pieces(&self) -> Option<Vec<Piece<'_>>> {
        if self.form == Form::Expression {
            return Some(vec![Piece::Expression(self.clone())]);
        }
        if self.source.contains("{%") || self.source.contains("{#") {
            return None;
        }
        let mut pieces = Vec::new();
        let mut rest: &str = &self.source;
        while let Some((literal, behind)) = rest.split_once("{{") {
            let (inner, after) = behind.split_once("}}")?;
            // `-` takes the white space beside the braces away.
            let literal = if inner.starts_with('-') { literal.trim_end() } else { literal };
            let after = if inner.ends_with('-') { after.trim_start() } else { after };
            let inner = inner.trim_start_matches(['-', '+']).trim_end_matches(['-', '+']);
            // Braces within a text of the expression end it too early, so the rest cannot be parsed.
            let expression = Self::expression(inner.trim()).ok()?;
            pieces.extend([Piece::Literal(literal), Piece::Expression(expression)]);
            rest = after;
        }
        pieces.push(Piece::Literal(rest));
        Some(pieces)
    }

    /// Returns the alternatives where the template is nothing but names with `or` between them.
    pub(super) fn alternatives(&self) -> Option<impl Iterator<Item = &str>> {
        let inner = match self.form {
            Form::Expression => &*self.source,
            Form::Text => {
                // Of the text around the braces, the template engine drops one line ending at the end.
                let text = self.source.strip_suffix('\n').unwrap_or(&self.source);
                text.strip_suffix('\r').unwrap_or(text).strip_prefix("{{")?.strip_suffix("}}")?
            }
        };
        let is_name = |part: &str| part.split('.').all(|name| !name.is_empty() && name.bytes().all(is_name_byte));
        let parts = inner.split(" or ").map(str::trim);
        parts.clone().all(is_name).then_some(parts)
    }

    /// Renders the template as text.
    ///
    /// # Errors
    /// [`EvaluationError`].
    pub fn render(&self, scope: &Scope<'_>) -> Result<String, EvaluationError> {
        self.within(scope, |values| match self.form {
            Form::Text => rendered(&self.source, values),
            Form::Expression => {
                let value = self.evaluated(values)?;
                rendered("{{ value }}", minijinja::context! { value })
            }
        })
    }

    /// Evaluates the template. A text is a string.
    ///
    /// # Errors
    /// [`EvaluationError`].
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<serde_json::Value, EvaluationError> {
        json(&self.within(scope, |values| self.defined(values))?)
    }

    /// Evaluates the template over these values alone, by their names.
    ///
    /// # Errors
    /// [`EvaluationError::Failed`].
    pub fn evaluate_over(&self, values: &serde_json::Value) -> Result<serde_json::Value, EvaluationError> {
        let value = self.defined(Value::from(Serde(values)));
        json(&value.map_err(|error| EvaluationError::Failed(reason(error.kind())))?)
    }

    /// Returns whether the value is true.
    ///
    /// # Errors
    /// [`EvaluationError`].
    pub fn is_true(&self, scope: &Scope<'_>) -> Result<bool, EvaluationError> {
        self.within(scope, |values| Ok(self.evaluated(values)?.is_true()))
    }

    /// Evaluates over the values of a scope.
    fn within<T>(
        &self,
        scope: &Scope<'_>,
        evaluation: impl Fn(Value) -> Result<T, Error>,
    ) -> Result<T, EvaluationError> {
        evaluation(scope.values(&self.names)).map_err(|error| {
            let is_undefined =
                |values| evaluation(values).is_err_and(|error| error.kind() == ErrorKind::UndefinedError);
            let missing = match error.kind() {
                ErrorKind::UndefinedError => missing_input(&self.names, scope, is_undefined),
                _ => None,
            };
            let failed = || EvaluationError::Failed(reason(error.kind()));
            missing.map_or_else(failed, |pointer| EvaluationError::UndefinedInput { pointer })
        })
    }

    /// Evaluates the template. A value that is not defined is an error.
    fn defined(&self, values: Value) -> Result<Value, Error> {
        let value = self.evaluated(values)?;
        if value.is_undefined() { Err(Error::from(ErrorKind::UndefinedError)) } else { Ok(value) }
    }

    /// Evaluates the source. It is parsed each time, which costs a few microseconds and keeps the template a plain value.
    fn evaluated(&self, values: Value) -> Result<Value, Error> {
        match self.form {
            Form::Expression => {
                let value = environment().compile_expression(&self.source)?.eval(values)?;
                let is_too_long = value.as_str().is_some_and(|text| text.len() > MAX_TEXT_BYTES);
                if is_too_long { Err(Error::from(ErrorKind::WriteFailure)) } else { Ok(value) }
            }
            Form::Text => rendered(&self.source, values).map(Value::from),
        }
    }
}

/// Renders a bounded text.
fn rendered(source: &str, values: Value) -> Result<String, Error> {
    let mut sink = Sink(Vec::new());
    environment().template_from_str(source)?.render_captured_to(values, &mut sink)?;
    sink.into_text()
}

fn json(value: &Value) -> Result<serde_json::Value, EvaluationError> {
    check_size(value).map_err(|error| EvaluationError::Failed(reason(error.kind())))?;
    serde_json::to_value(value).map_err(|_error| EvaluationError::Failed(reason(ErrorKind::BadSerialization)))
}

/// Refuses a list or a mapping whose JSON is too long; it may repeat one long text at little cost. A text was measured when
/// it was evaluated.
fn check_size(value: &Value) -> Result<(), Error> {
    if value.as_str().is_some() { Ok(()) } else { bounded_json(value).map(drop) }
}

/// Returns the JSON of a value, if it is not too long.
fn bounded_json(value: &Value) -> Result<String, Error> {
    let mut sink = Sink(Vec::new());
    let written = serde_json::to_writer(&mut sink, value);
    let kind =
        |error: serde_json::Error| if error.is_io() { ErrorKind::WriteFailure } else { ErrorKind::BadSerialization };
    written.map_err(|error| Error::from(kind(error)))?;
    sink.into_text()
}

const fn reason(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::SyntaxError => "a syntax error",
        ErrorKind::UndefinedError => "a name that is not defined",
        ErrorKind::OutOfFuel => "more work than a template may do",
        ErrorKind::WriteFailure => "a value of more than 1 MB",
        ErrorKind::BadSerialization => "a value that JSON does not have",
        ErrorKind::InvalidOperation => "an operation that the values do not have",
        _ => "a fault of the template",
    }
}

/// A sink for a bounded text.
struct Sink(Vec<u8>);

impl Sink {
    fn into_text(self) -> Result<String, Error> {
        String::from_utf8(self.0).map_err(|_error| Error::from(ErrorKind::BadSerialization))
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_TEXT_BYTES {
            return Err(io::Error::other("the text is too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(bounded);

/// Returns the environment of all evaluations.
fn environment<'source>() -> &'source Environment<'source> {
    &ENVIRONMENT
}

fn bounded() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    // It carries values from one pass of a loop to the next, which could nest them, or double them, without bounds.
    environment.remove_global("namespace");
    environment.add_filter("format", format);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_formatter(|output, state, value| match value.kind() {
        ValueKind::None => Ok(()),
        // As a model reads them best.
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            output.write_str(&bounded_json(value)?).map_err(Error::from)
        }
        _ => escape_formatter(output, state, value),
    });
    environment
}

/// Formats as the engine does, within a width and a precision of three digits. The engine ends the process beyond 65,535.
fn format(state: &mut State<'_, '_>, text: &Value, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let is_spec = |character: &char| character.is_ascii_digit() || "-+ #.*".contains(*character);
    for part in text.as_str().unwrap_or_default().split('%').skip(1) {
        // A name in brackets may stand before it.
        let named = part.strip_prefix('(').and_then(|named| named.split_once(')'));
        let spec: String = named.map_or(part, |(_, spec)| spec).chars().take_while(is_spec).collect();
        if spec.contains('*')
            || spec.split(|character: char| !character.is_ascii_digit()).any(|number| number.len() > 3)
        {
            return Err(Error::from(ErrorKind::InvalidOperation));
        }
    }
    filters::format(state, text, arguments)
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn fault(error: &Error) -> TemplateFault {
    let kind = error.kind();
    // The engine's own words say nothing of the bounds.
    let is_bound = matches!(kind, ErrorKind::OutOfFuel | ErrorKind::WriteFailure);
    let detail = error.detail().filter(|_| !is_bound);
    TemplateFault::at(error.line(), detail.unwrap_or(reason(kind)))
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "template_depth_tests.rs"]
mod depth_tests;
