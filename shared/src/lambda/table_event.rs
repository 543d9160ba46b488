//! Events of a DynamoDB table's stream ("Using AWS Lambda with Amazon DynamoDB").

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A batch of changes of a table.
#[derive(Debug, Deserialize)]
pub struct TableEvent {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// A change of an item.
#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Debug, Deserialize)]
struct Change {
    #[serde(rename = "NewImage", default)]
    new_image: BTreeMap<String, Attribute>,
}

/// An attribute; only texts are kept.
#[derive(derive_more::Debug, Deserialize)]
#[serde(untagged)]
enum Attribute {
    Text {
        #[serde(rename = "S")]
        #[debug("[hidden]")]
        text: String,
    },
    Other(IgnoredAny),
}

/// An item as it is after its change.
#[derive(Debug)]
pub struct ItemImage(BTreeMap<String, Attribute>);

impl TableEvent {
    /// Returns the items as they are after their changes, in the order of the stream.
    pub fn items(self) -> impl Iterator<Item = ItemImage> {
        self.records.into_iter().map(|record| ItemImage(record.dynamodb.new_image))
    }
}

impl ItemImage {
    /// Returns the text of an attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Attribute::Text { text } => Some(text),
            Attribute::Other(_) => None,
        }
    }
}
