use super::{item_limit, page_length};
use crate::domain::{Message, Role, Timestamp};
use crate::store::StoredMessage;

#[test]
fn a_page_holds_what_fits_and_at_least_one_message() {
    let sizes = [0, 40, 60, 500];
    let messages: Vec<StoredMessage> = (1..)
        .zip(sizes)
        .map(|(sequence, size)| StoredMessage {
            sequence,
            created_at: Timestamp::from_millis(1),
            message: Message::text(Role::User, "x".repeat(size)),
        })
        .collect();
    assert_eq!(page_length(&messages, 10, 100), 3);
    assert_eq!(page_length(&messages, 2, 100), 2);
    assert_eq!(page_length(&messages, 10, 1_000), 4);
    assert_eq!(page_length(&messages[3..], 10, 100), 1);
}

#[test]
fn a_limit_has_room_for_the_head() {
    assert_eq!((item_limit(0), item_limit(20), item_limit(usize::MAX)), (1, 21, i32::MAX));
}
