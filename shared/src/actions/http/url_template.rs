//! An address whose scheme, host and port are fixed, and whose path may hold values.

use url::Url;

use crate::actions::encoding::path_segment;
use crate::agent::{Scope, Template};

/// An address with values in its path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UrlTemplate {
    pieces: Vec<Piece>,
    /// The address with a letter in place of each value, for its fixed parts.
    sample: Url,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(String),
    Value(Template),
}

impl UrlTemplate {
    /// Parses an address.
    ///
    /// # Errors
    /// What was found, and what is allowed.
    pub(super) fn parse(text: &str) -> Result<Self, (String, &'static str)> {
        let allowed = "an address such as https://api.example.com/items/{{ arguments.id }}: scheme, host and port fixed, and \
                       values only between the slashes of the path";
        let refused = || ("an address that cannot be used".to_owned(), allowed);
        let mut pieces = Vec::new();
        let mut sample = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            let (inner, after) = behind.split_once("}}").ok_or_else(refused)?;
            let template = Template::expression(inner.trim()).map_err(|fault| (fault.to_string(), allowed))?;
            pieces.extend([Piece::Literal(before.to_owned()), Piece::Value(template)]);
            sample.push_str(before);
            // Before the path begins, a value would be a part of the host.
            let path_has_begun = sample.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
            if !path_has_begun || sample.contains(['?', '#']) {
                return Err(refused());
            }
            sample.push('x');
            rest = after;
        }
        pieces.push(Piece::Literal(rest.to_owned()));
        sample.push_str(rest);
        if sample.contains("{%") || sample.contains("{#") {
            return Err(refused());
        }
        let path = sample.split(['?', '#']).next().unwrap_or_default().to_owned();
        let sample = Url::parse(&sample).map_err(|_error| refused())?;
        if sample.fragment().is_some() || sample.cannot_be_a_base() {
            return Err(refused());
        }
        // They would take the segment before them away, and the value with it.
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(("a path with a segment that is . or ..".to_owned(), allowed));
        }
        Ok(Self { pieces, sample })
    }

    /// Returns the address with letters in place of values.
    pub(super) const fn sample(&self) -> &Url {
        &self.sample
    }

    /// Returns the templates of the values.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(template) => Some(template),
            Piece::Literal(_) => None,
        })
    }

    /// Fills the address in. Each value is one percent-encoded segment, or a part of one.
    ///
    /// # Errors
    /// The reason why a value cannot stand there. It does not have the value.
    pub(super) fn fill(&self, scope: &Scope<'_>) -> Result<Url, String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Value(template) => {
                    let value = template.render(scope).map_err(|error| error.to_string())?;
                    text.push_str(&path_segment(&value).map_err(|error| error.to_string())?);
                }
            }
        }
        let url = Url::parse(&text).map_err(|_error| "the address cannot be built".to_owned())?;
        let is_fixed = url.origin() == self.sample.origin()
            && url.path_segments().map(Iterator::count) == self.sample.path_segments().map(Iterator::count)
            && url.query() == self.sample.query();
        if is_fixed { Ok(url) } else { Err("a value would change the address beyond its segment".to_owned()) }
    }
}
