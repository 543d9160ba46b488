//! Conversations: a head and its messages in one partition.

mod adapter;
mod cancelled;
mod commit;
mod convert;
mod erase;
mod head_item;
mod message_item;
mod parts;
mod read;
