use proptest::prelude::*;
use uuid::Uuid;

use super::{
    MessagePosition, claim, conversation, conversation_in, from_sortable, message, message_position, owner, sortable,
};
use crate::domain::{ConversationId, TenantId, Timestamp, UserId};
use crate::store::{ConversationKey, IdempotencyKey};

fn key(tenant: &str) -> ConversationKey {
    ConversationKey {
        tenant: TenantId::new(tenant),
        owner: UserId::new("o"),
        conversation: ConversationId::new(Uuid::from_u128(7)),
    }
}

#[test]
fn keys_have_the_documented_shape() {
    assert_eq!(conversation(&key("acme")), "T#acme#C#00000000-0000-0000-0000-000000000007");
    assert_eq!(owner(&TenantId::new("acme"), &UserId::new("client:x")), "T#acme#U#client:x");
    assert_eq!(claim(&IdempotencyKey { tenant: TenantId::new("acme"), digest: "ab".to_owned() }), "T#acme#I#ab");
    assert_eq!(message(MessagePosition { sequence: 42, part: 0 }), "M#0000000042");
    assert_eq!(message(MessagePosition { sequence: 42, part: 3 }), "M#0000000042#003");
    assert_eq!(sortable(Timestamp::from_millis(1_700_000_000_123)), "001700000000123");
}

#[test]
fn separators_in_names_are_escaped() {
    assert_eq!(owner(&TenantId::new("a#U#b"), &UserId::new("%23")), "T#a%23U%23b#U#%2523");
}

#[test]
fn other_sort_keys_are_not_read_as_messages() {
    for sort_key in
        ["", "M#", "M#1", "Z#HEAD", "M#later12345", "M#00000000010", "M#0000000001#", "A#RUN#000001", "M#é00000000"]
    {
        assert_eq!(message_position(sort_key), None, "{sort_key}");
    }
}

proptest! {
    #[test]
    fn different_names_have_different_keys(a in "[#%23aUC]{0,6}", b in "[#%23aUC]{0,6}", c in "[#%23aUC]{0,6}", d in "[#%23aUC]{0,6}") {
        let owner_key = |tenant: &str, name: &str| owner(&TenantId::new(tenant), &UserId::new(name));
        prop_assert_eq!(owner_key(&a, &b) == owner_key(&c, &d), (&a, &b) == (&c, &d));
        prop_assert_eq!(conversation(&key(&a)) == conversation(&key(&b)), a == b);
        prop_assert_eq!(conversation_in(&conversation(&key(&a))), Some(key(&a).conversation));
    }

    #[test]
    fn positions_sort_as_their_keys_do(a in (0_u64..3_000_000_000, 0_u32..999), b in (0_u64..3_000_000_000, 0_u32..999)) {
        let [a, b] = [a, b].map(|(sequence, part)| MessagePosition { sequence, part });
        prop_assert_eq!(message_position(&message(a)), Some(a));
        prop_assert_eq!(message(a).cmp(&message(b)), a.cmp(&b));
        prop_assert!(message(a).as_str() < "Z#HEAD");
    }

    #[test]
    fn times_sort_as_their_strings_do(a in 0_u64..900_000_000_000_000, b in 0_u64..900_000_000_000_000) {
        let [a, b] = [a, b].map(Timestamp::from_millis);
        prop_assert_eq!(from_sortable(&sortable(a)), Some(a));
        prop_assert_eq!(sortable(a).cmp(&sortable(b)), a.cmp(&b));
    }
}
