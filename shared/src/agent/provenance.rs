//! Where the arguments of a call come from: a pure function over what a run has read.
//!
//! A model may copy what it reads in any form. So a value counts as somebody's own only where it stands there as a whole,
//! and as untrusted wherever it may have been copied from.

mod numbers;
mod signs;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use icu_normalizer::ComposingNormalizerBorrowed;
use memchr::memmem::Finder;
use serde_json::{Map, Value};

use numbers::{decimal, number_tokens};
use signs::{is_digit, is_invisible, is_joint, is_joint_of_paths, is_quotation_mark, is_token};

/// Whose words a value is. The later of two is the worse one, which decides for what they form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The caller's: messages of this conversation, or metadata.
    Caller,
    /// The operator's: literal configuration, or the default of a parameter.
    Operator,
    /// An action's whose output strangers cannot write.
    Trusted,
    /// Nobody's: the model has made it up, or has changed what it read.
    Model,
    /// A stranger's: the output of an action that anybody may have written to.
    Untrusted,
}

impl Origin {
    /// Returns the name that policies compare with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Operator => "operator",
            Self::Trusted => "trusted",
            Self::Model => "model",
            Self::Untrusted => "untrusted",
        }
    }
}

/// The fewest characters of a value that is looked for within a sentence; a shorter one must be a word by itself.
const SHORT: usize = 4;

/// How often a value is looked at in a text, and how many characters that join words are looked at beside it. What a stranger
/// writes must not make judging slow, so a value for which that is not enough is not somebody's own.
const MOST_PLACES: usize = 256;
const MOST_JOINTS: usize = 16;

/// How many bytes are searched for the texts of one value. A stranger who writes a long list makes judging slow, so beyond that
/// the value is a stranger's.
const MOST_SEARCHED: usize = 500_000_000;

/// How often JSON is looked into that is a text within JSON.
const MOST_NESTED: usize = 4;

/// Separates texts. Values with control characters are nobody's own, so that none is put together from two texts.
const BETWEEN: char = '\u{1}';

/// What a run has read, by origin, in the form in which values are looked for.
#[derive(Clone, Default, derive_more::Debug)]
#[debug("Sources")]
pub struct Sources {
    caller: Corpus,
    operator: Corpus,
    trusted: Corpus,
    untrusted: Corpus,
    /// The untrusted texts without white space, in compatibility form.
    squeezed: String,
}

/// Texts of one origin.
#[derive(Clone, Default)]
struct Corpus {
    text: String,
    numbers: BTreeSet<String>,
}

impl Sources {
    /// Adds a text. JSON counts by the strings and numbers in it, as they are without escapes and commas. What a stranger wrote counts
    /// as it stands, too.
    pub fn add(&mut self, origin: Origin, text: &str) {
        // What a model writes is evidence of nothing.
        if origin == Origin::Model {
            return;
        }
        let mut parts = Vec::new();
        gather_text(text, 0, &mut parts);
        if origin == Origin::Untrusted {
            parts.push(Cow::Borrowed(text));
        }
        for part in parts {
            let corpus = match origin {
                Origin::Caller => &mut self.caller,
                Origin::Operator => &mut self.operator,
                Origin::Trusted => &mut self.trusted,
                Origin::Untrusted | Origin::Model => {
                    self.squeezed.push_str(&squeezed(&part));
                    self.squeezed.push(BETWEEN);
                    &mut self.untrusted
                }
            };
            corpus.add(&part);
        }
    }

    /// Returns the origin of each argument: that of its worst leaf. `schema` is the JSON Schema of the arguments, whose
    /// defaults and constants are the operator's.
    #[must_use]
    pub fn origins(&self, arguments: &Map<String, Value>, schema: &Value) -> BTreeMap<String, Origin> {
        if !self.can_search(arguments.values().map(texts).sum::<usize>() + arguments.len()) {
            return arguments.keys().map(|name| (name.clone(), Origin::Untrusted)).collect();
        }
        self.of_members(arguments, schema)
    }

    /// Returns whether this many texts can be looked for in good time.
    fn can_search(&self, texts: usize) -> bool {
        let corpora = [&self.caller, &self.operator, &self.trusted, &self.untrusted];
        let bytes = corpora.iter().map(|corpus| corpus.text.len()).sum::<usize>() + self.squeezed.len();
        texts.saturating_mul(bytes) <= MOST_SEARCHED
    }

    fn of_members(&self, arguments: &Map<String, Value>, schema: &Value) -> BTreeMap<String, Origin> {
        let origin = |(name, value): (&String, &Value)| {
            let schema = schema.get("properties").and_then(|properties| properties.get(name));
            let named = if schema.is_some() { Origin::Caller } else { self.of_text(name) };
            (name.clone(), named.max(self.of_value(value, schema.unwrap_or(&Value::Null))))
        };
        arguments.iter().map(origin).collect()
    }

    /// Returns the origin of a JSON value: that of its worst leaf.
    #[must_use]
    pub fn of_json(&self, value: &Value) -> Origin {
        if self.can_search(texts(value)) { self.of_value(value, &Value::Null) } else { Origin::Untrusted }
    }

    fn of_value(&self, value: &Value, schema: &Value) -> Origin {
        if [schema.get("const"), schema.get("default")].contains(&Some(value)) {
            return Origin::Operator;
        }
        match value {
            Value::String(text) => self.of_text(text),
            Value::Number(number) => self.of_number(&number.to_string()),
            // No text holds them as such.
            Value::Null | Value::Bool(_) => Origin::Model,
            Value::Array(items) => {
                let items = items.iter().map(|item| self.of_value(item, schema.get("items").unwrap_or(&Value::Null)));
                items.max().unwrap_or(Origin::Model)
            }
            Value::Object(members) => self.of_members(members, schema).into_values().max().unwrap_or(Origin::Model),
        }
    }

    /// Returns the origin of a text.
    #[must_use]
    pub fn of_text(&self, text: &str) -> Origin {
        let wanted = normal(text);
        let wanted = wanted.trim();
        if wanted.is_empty() {
            return Origin::Model;
        }
        let is_short = wanted.chars().count() < SHORT;
        let has_control = wanted.chars().any(char::is_control);
        // Half of a quotation is a part of something.
        let is_quoted = wanted.matches('"').count().is_multiple_of(2);
        // A sign alone is a part of whatever stands there.
        let is_word = wanted.contains(char::is_alphanumeric);
        let may_be_own = !has_control && is_quoted && is_word && (!is_short || wanted.chars().all(is_token));
        let own =
            [(Origin::Caller, &self.caller), (Origin::Operator, &self.operator), (Origin::Trusted, &self.trusted)];
        if may_be_own {
            let finder = Finder::new(wanted);
            if let Some((origin, _)) = own.into_iter().find(|(_, corpus)| corpus.has(wanted, &finder) == Some(true)) {
                return origin;
            }
        }
        let is_copied = if is_short {
            self.untrusted.has(wanted, &Finder::new(wanted)) != Some(false)
        } else {
            let wanted = squeezed(text);
            !wanted.is_empty() && Finder::new(&wanted).find(self.squeezed.as_bytes()).is_some()
        };
        if is_copied { Origin::Untrusted } else { Origin::Model }
    }

    fn of_number(&self, number: &str) -> Origin {
        // A number that decimal digits cannot write is in no text.
        let Some(number) = decimal(number) else { return Origin::Model };
        let sources = [
            (Origin::Caller, &self.caller),
            (Origin::Operator, &self.operator),
            (Origin::Trusted, &self.trusted),
            (Origin::Untrusted, &self.untrusted),
        ];
        let held = sources.into_iter().find(|(_, corpus)| corpus.numbers.contains(&number));
        held.map_or(Origin::Model, |(origin, _)| origin)
    }
}

impl Corpus {
    fn add(&mut self, text: &str) {
        let text = normal(text);
        self.numbers.extend(number_tokens(&text).filter_map(decimal));
        self.text.push_str(&text);
        self.text.push(BETWEEN);
    }

    /// Returns whether the text holds the value with neither a part of a word before it nor one behind it; `None` if too much
    /// would have to be looked at.
    fn has(&self, wanted: &str, finder: &Finder<'_>) -> Option<bool> {
        let mut is_undecided = false;
        for (place, at) in finder.find_iter(self.text.as_bytes()).enumerate() {
            if place == MOST_PLACES {
                return None;
            }
            // UTF-8 is found at the borders of characters alone.
            let (Some(before), Some(behind)) = (self.text.get(..at), self.text.get(at + wanted.len()..)) else {
                continue;
            };
            match is_whole(before, wanted, behind) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => is_undecided = true,
            }
        }
        if is_undecided { None } else { Some(false) }
    }
}

/// Returns whether a text between two others makes them different words. A comma or a semicolon alone may join numbers.
pub(super) fn ends_words(text: &str) -> bool {
    text.contains(|character| !is_token(character) && !is_joint(character) && !matches!(character, ',' | ';'))
}

/// Returns whether a value is a word, or several, between these texts; `None` if too many characters join it to them.
fn is_whole(before: &str, wanted: &str, behind: &str) -> Option<bool> {
    match (begins_word(before, wanted, behind), ends_word(wanted, behind)) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Returns whether a word begins with a value; `None` if too many characters join it to the text before it.
fn begins_word(before: &str, wanted: &str, behind: &str) -> Option<bool> {
    let joins_paths = |character| wanted.contains('/') && is_joint_of_paths(character);
    let joints = before.chars().rev().take_while(|character| is_joint(*character)).take(MOST_JOINTS);
    let word = before.get(..before.len() - joints.map(char::len_utf8).sum::<usize>())?;
    // One alone, since `](` comes before the address of a link.
    let word = word.strip_suffix(joins_paths).unwrap_or(word);
    // A comma or a semicolon within a number, and a minus that is not ASCII's, which is a part of the word anyway.
    let continues_number = before.strip_suffix([',', ';']).is_some_and(|rest| rest.ends_with(is_digit))
        || before.ends_with(['\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '−', '﹣', '－']);
    // What stands behind the quoted part of an address, as in `"john smith"@corp.com`.
    let is_domain = wanted.starts_with('@') && before.ends_with(is_quotation_mark);
    // A sign goes with the one before it, as in `~/tmp` and `*.txt`, unless that one encloses the value, as in `'/tmp'`.
    let is_enclosed = match (before.chars().next_back(), behind.chars().next()) {
        (Some(open), Some(close)) => open == close || [('{', '}'), ('‘', '’')].contains(&(open, close)),
        _ => false,
    };
    let is_joined =
        !is_enclosed && wanted.starts_with(|first: char| !first.is_alphanumeric()) && before.ends_with(is_joint);
    // As in `\\nbob@corp.com`, where the letter belongs to the sign.
    let is_escaped = before.ends_with('\\');
    if word.ends_with(is_token)
        || is_domain
        || is_joined
        || is_escaped
        || (wanted.starts_with(is_digit) && continues_number)
    {
        return Some(false);
    }
    if word.ends_with(is_joint) { None } else { Some(true) }
}

/// Returns whether a word ends with a value; `None` if too many characters join it to the text behind it.
fn ends_word(wanted: &str, behind: &str) -> Option<bool> {
    let joins_paths = |character| wanted.contains('/') && is_joint_of_paths(character);
    // The punctuation that ends a sentence ends a word. One that owns something is whole, as in "Bob's".
    let is_end = |character: &char| ".:".contains(*character) || is_joint(*character) || joins_paths(*character);
    let next = behind.chars().take(MOST_JOINTS + 1).find(|character| !is_end(character));
    let owns = |rest: &str| rest.strip_prefix('s').is_some_and(|rest| !rest.starts_with(is_token));
    let is_owner = behind.strip_prefix(['\'', '’']).is_some_and(owns);
    let is_local_part = behind.strip_prefix(is_quotation_mark).is_some_and(|rest| rest.starts_with('@'));
    let is_followed = next.is_some_and(is_token) && !is_owner;
    if is_followed || is_local_part || (wanted.ends_with(is_digit) && is_more_of_a_number(behind)) {
        return Some(false);
    }
    if next.is_none() && behind.chars().nth(MOST_JOINTS).is_some() { None } else { Some(true) }
}

/// Returns whether this text continues a number, as `,250` and `'250` do.
fn is_more_of_a_number(behind: &str) -> bool {
    behind.strip_prefix([',', ';', '\'', '’', '–', '—']).is_some_and(|rest| rest.starts_with(is_digit))
}

/// Returns a text in the form in which somebody's own words are looked for: canonical Unicode, ASCII in lower case, one space
/// for any white space.
fn normal(text: &str) -> String {
    let composed =
        if text.is_ascii() { Cow::Borrowed(text) } else { ComposingNormalizerBorrowed::new_nfc().normalize(text) };
    let mut normal = String::with_capacity(composed.len());
    let mut is_after_space = false;
    for character in composed.chars() {
        let is_space = character.is_whitespace();
        if !is_space {
            normal.push(character.to_ascii_lowercase());
        } else if !is_after_space {
            normal.push(' ');
        }
        is_after_space = is_space;
    }
    normal
}

/// Returns a text in the form in which copies are looked for: compatible Unicode, lower case, without white space and without
/// what is not seen.
fn squeezed(text: &str) -> String {
    let is_kept = |character: &char| !character.is_whitespace() && !is_invisible(*character);
    if text.is_ascii() {
        return text.chars().filter(is_kept).map(|character| character.to_ascii_lowercase()).collect();
    }
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    composed.chars().filter(is_kept).flat_map(char::to_lowercase).collect()
}

/// Returns how many texts a value has in it, names among them.
fn texts(value: &Value) -> usize {
    match value {
        Value::String(_) => 1,
        Value::Array(items) => items.iter().map(texts).sum(),
        Value::Object(members) => members.len() + members.values().map(texts).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Gathers a text, or, if it is JSON, what [`gather`] finds in it.
fn gather_text<'a>(text: &'a str, depth: usize, found: &mut Vec<Cow<'a, str>>) {
    let may_be_json = depth < MOST_NESTED && text.trim_start().starts_with(['{', '[']);
    match may_be_json.then(|| serde_json::from_str::<Value>(text).ok()).flatten() {
        Some(value) => gather(&value, depth + 1, found),
        None => found.push(Cow::Borrowed(text)),
    }
}

/// Gathers the strings and the names of members of a JSON value, and its numbers. A string that is JSON itself counts as such.
fn gather(value: &Value, depth: usize, found: &mut Vec<Cow<'_, str>>) {
    match value {
        Value::String(text) => {
            let mut within = Vec::new();
            gather_text(text, depth, &mut within);
            found.extend(within.into_iter().map(|text| Cow::Owned(text.into_owned())));
        }
        Value::Number(number) => found.push(Cow::Owned(number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| gather(item, depth, found)),
        Value::Object(members) => {
            for (name, member) in members {
                found.push(Cow::Owned(name.clone()));
                gather(member, depth, found);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
#[path = "provenance_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "provenance_number_tests.rs"]
mod number_tests;
