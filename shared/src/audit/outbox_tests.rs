use super::*;
use crate::audit::archive_tests_support::entry;

#[test]
fn entries_share_an_item_until_it_is_full() {
    let at = Timestamp::from_millis(0);
    let small: Vec<AuditEntry> = (0..3).map(|number| entry(&format!("small-{number}"), Some("a"))).collect();
    let items = pack(2, &small, at).unwrap();
    let read: Vec<AuditEntry> = serde_json::from_str(&items[0].entries).unwrap();
    assert_eq!((items.len(), items[0].shard, items[0].id.as_str(), &read), (1, 2, "small-0", &small));

    let long = |number: u32| AuditEntry { status: Some("x".repeat(100_000)), ..entry(&number.to_string(), None) };
    let items = pack(0, &(0..7).map(long).collect::<Vec<_>>(), at).unwrap();
    assert_eq!(items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["0", "2", "4", "6"]);
    assert!(items.iter().all(|item| item.entries.len() < MAX_ITEM_BYTES));
    let all: usize =
        items.iter().map(|item| serde_json::from_str::<Vec<AuditEntry>>(&item.entries).unwrap().len()).sum();
    assert_eq!(all, 7);
}

#[test]
fn the_texts_of_an_entry_fit_an_item_whatever_is_in_them() {
    for (character, kept) in [("a", 65_536), ("\u{1}", 10_922), ("\"", 32_768), ("é", 32_768)] {
        let text = character.repeat(100_000);
        let texts = crate::audit::AuditTexts::new(Some(&text), Some(&text));
        assert_eq!(texts.output.as_ref().map(|text| text.chars().count()), Some(kept), "{character:?}");
        let entry = AuditEntry { texts: Some(texts), ..entry("long", None) };
        let items = pack(0, &[entry], Timestamp::from_millis(0)).unwrap();
        assert!(items[0].entries.len() < 140_000, "{character:?}");
    }
}

#[test]
fn keys_are_spread_over_all_chains() {
    let shards: std::collections::BTreeSet<u8> = (0..200).map(|number| shard_of(&number.to_string())).collect();
    assert_eq!(shards.len(), usize::from(SHARDS));
}
