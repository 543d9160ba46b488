//! The port to conversations: messages in order, committed a turn at a time.
//!
//! Every key carries tenant and owner, so that no call can reach another user's conversation.

mod conversation;
mod port;
mod reading;
mod title;
mod turn;

pub use conversation::{ConversationKey, Head, StoredMessage, Version};
pub use port::ConversationStore;
pub use reading::{ConversationPage, ListCursor, ListRequest, Loaded, Transcript, Window};
pub use title::title;
pub use turn::{Base, TurnCommit};
