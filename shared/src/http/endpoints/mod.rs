//! What each route answers. A function's door calls the endpoints of its routes.

pub mod agents;
pub mod conversations;
pub mod health;
pub mod invoke;
pub mod stream;
