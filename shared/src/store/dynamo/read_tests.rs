use super::{fitting, items};
use crate::domain::{Message, Role, Timestamp};
use crate::store::StoredMessage;

#[test]
fn a_page_takes_what_fits_and_at_least_one() {
    let sizes = [0, 40, 60, 500];
    let messages: Vec<StoredMessage> = (1..)
        .zip(sizes)
        .map(|(sequence, size)| StoredMessage {
            sequence,
            created_at: Timestamp::from_millis(1),
            message: Message::text(Role::User, "x".repeat(size)),
        })
        .collect();
    assert_eq!(fitting(&messages, 10, 100), 3);
    assert_eq!(fitting(&messages, 2, 100), 2);
    assert_eq!(fitting(&messages, 10, 1_000), 4);
    assert_eq!(fitting(&messages[3..], 10, 100), 1);
}

#[test]
fn limits_have_room_for_the_head() {
    assert_eq!((items(0), items(20), items(usize::MAX)), (1, 21, i32::MAX));
}
