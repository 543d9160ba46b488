//! An action as it is configured: what the model reads of it, what policy judges it by, and the keys of its kind.

mod definition;
mod parameters;
mod subset;
mod validator;

pub use definition::{ActionDefinition, ActionEffect};
pub use parameters::{ArgumentFault, Parameters};
pub use subset::SchemaFault;
pub use validator::{FullSchemaChecks, NoSchemaChecks, SchemaChecks};
