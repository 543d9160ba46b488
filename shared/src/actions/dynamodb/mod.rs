//! Actions that read a DynamoDB table: one item by its key, or the items of a partition.

mod convert;
mod execute;
mod settings;

pub(super) use execute::build;
pub(super) use settings::{Kind, Settings};
