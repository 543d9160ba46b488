//! Actions that ask an Aurora database one fixed question through the RDS Data API.

mod data_api;
mod execute;
mod parameter;
mod settings;
mod statement;

pub(super) use execute::build;
pub(super) use settings::{Kind, Settings};
