//! Events as JSON lines: the event's fields and those of the spans around it, in one flat object.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::fields::is_allowed;
use crate::domain::Clock;

/// The target of the line that every invocation writes, whatever the level.
pub const INVOCATION: &str = "openclaw::invocation";

/// A function that writes a line.
pub type LineWriter = Arc<dyn Fn(&str) + Send + Sync>;

/// The layer that writes them.
pub struct JsonLines {
    level: Level,
    clock: Arc<dyn Clock>,
    write: LineWriter,
}

impl JsonLines {
    /// Writes events of this level and above.
    #[must_use]
    pub const fn new(level: Level, clock: Arc<dyn Clock>, write: LineWriter) -> Self {
        Self { level, clock, write }
    }

    /// Returns whether an event or span is written: the gateway's own events at the level or above, and its own spans at
    /// any level, since they hold the request's id.
    fn is_wanted(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let is_ours = target == "openclaw" || target.starts_with("openclaw::");
        is_ours && (metadata.is_span() || *metadata.level() <= self.level || target == INVOCATION)
    }
}

/// The fields of a span or a line, in their order. They are few, and every request writes a line, so there is no map.
#[derive(Clone, Default)]
struct Fields(Vec<(&'static str, Value)>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLines {
    /// Decides once for each place in the code, so that events of libraries are never even formatted.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.is_wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level.max(Level::INFO)))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Fields::default();
        line.set("timestamp", self.clock.now().to_string().into());
        line.set("level", metadata.level().as_str().into());
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                for (name, value) in &fields.0 {
                    line.set(name, value.clone());
                }
            }
        }
        event.record(&mut line);
        // Fields always have a JSON form.
        (self.write)(&serde_json::to_string(&line).unwrap_or_default());
    }
}

impl Fields {
    /// Sets a field; the value of an inner span, and the event's own, replaces that of an outer one.
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn put(&mut self, field: &Field, value: Value) {
        if is_allowed(field.name()) {
            self.set(field.name(), value);
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}
