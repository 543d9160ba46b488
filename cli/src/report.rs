//! Faults as people and machines read them.

use std::fmt::Write;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::directory::Directory;
use crate::fault::{Fault, Severity, line_and_column};

/// A fault as `--format json` prints it.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    severity: Severity,
    message: String,
    file: &'a str,
    path: &'a str,
    line: usize,
    column: usize,
    found: &'a str,
    allowed: &'a str,
}

/// Returns the faults as a JSON list, which is empty if there is none.
#[must_use]
pub fn json(directory: &Directory, faults: &[Fault]) -> String {
    let entries: Vec<Entry<'_>> = faults.iter().map(|fault| entry(directory, fault)).collect();
    // Texts and numbers alone, which always can be written.
    let list = serde_json::to_string_pretty(&entries).unwrap_or_default();
    format!("{list}\n")
}

fn entry<'a>(directory: &'a Directory, fault: &'a Fault) -> Entry<'a> {
    let (line, column) = place(directory, fault);
    let file = fault.other.as_ref().map_or_else(|| directory.file(), |other| other.path.as_str());
    let Fault { path, found, allowed, .. } = fault;
    Entry { severity: fault.severity, message: fault.message(), file, path, line, column, found, allowed }
}

fn place(directory: &Directory, fault: &Fault) -> (usize, usize) {
    let start = fault.marked.as_ref().map_or(0, |marked| marked.start);
    let text = fault.other.as_ref().map_or_else(|| directory.text(), |other| other.text.as_str());
    line_and_column(text, start)
}

/// Returns the faults and warnings with their lines, and a last line with their numbers.
#[must_use]
pub fn text(directory: &Directory, faults: &[Fault], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    // ASCII, so that every terminal and log can show it.
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    // The report quotes lines, so it quotes the masked text.
    let shown = directory.shown_text();
    let mut report = String::new();
    for fault in faults {
        let group = match &fault.other {
            // Policies and examples hold no keys of services, so they are quoted as they are.
            Some(other) => group(&other.path, &other.text, fault),
            None => group(directory.file(), &shown, fault),
        };
        // Writing to a string cannot fail.
        let _written = writeln!(report, "{}\n", renderer.render(&[group]));
    }
    let warnings = faults.iter().filter(|fault| fault.severity == Severity::Warning).count();
    let mut counts = counted(faults.len() - warnings, "fault");
    if warnings > 0 {
        counts = format!("{counts}, {}", counted(warnings, "warning"));
    }
    let _written = writeln!(report, "{}: {counts}", directory.file());
    report
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn group<'a>(file: &'a str, shown: &'a str, fault: &Fault) -> Group<'a> {
    let separator = if fault.path.is_empty() { "" } else { ": " };
    let title = format!("{}{separator}found {}", fault.path, fault.found);
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = Group::with_title(level.primary_title(title));
    let group = match &fault.marked {
        Some(marked) => {
            let snippet = Snippet::source(shown).path(file);
            let snippet = snippet.annotation(AnnotationKind::Primary.span(marked.clone()));
            let related = fault.related.clone();
            let related = related.map(|(range, why)| AnnotationKind::Context.span(range).label(why));
            group.element(snippet.annotations(related))
        }
        // Even a fault without a place names its file.
        None => group.element(Origin::path(file).line(1).char_column(1)),
    };
    group.element(Level::HELP.message(format!("allowed: {}", fault.allowed)))
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
