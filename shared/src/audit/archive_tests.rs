use proptest::prelude::*;

use super::*;
use crate::audit::archive_tests_support::{DAY, NOON, at, entry, erasure, record, with_texts};
use crate::audit::{InMemoryArchive, VerifyError, verify_day};

const TODAY: &str = "2026-05-01";
const TOMORROW: &str = "2026-05-02";

fn archive(of: &InMemoryArchive) -> Archive<'_> {
    Archive { heads: of, objects: of, texts: of }
}

/// Returns the ids of all entries that are archived, in the order of the objects.
fn ids(of: &InMemoryArchive) -> Vec<String> {
    let objects = of.objects();
    let lines = objects.iter().filter(|(key, _)| key.starts_with("entries/")).flat_map(|(_, text)| text.lines());
    let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    lines.map(id).collect()
}

async fn verify(of: &InMemoryArchive, day: &str) -> Result<u64, String> {
    match verify_day(of, day, "2026-05-03").await {
        Ok(verified) => Ok(verified.entries),
        Err(error) => Err(error.to_string()),
    }
}

/// Archives some entries on two days, and closes both.
async fn two_days() -> InMemoryArchive {
    let of = InMemoryArchive::default();
    let first = vec![
        record(0, &[entry("a1", Some("a")), entry("b1", Some("b"))]),
        record(3, &[entry("c1", Some("a"))]),
        record(0, &[entry("a2", Some("a"))]),
    ];
    archive(&of).archive(first, at(NOON)).await.unwrap();
    archive(&of).archive(vec![record(0, &[entry("a3", Some("a"))])], at(NOON + 1)).await.unwrap();
    archive(&of).archive(vec![record(0, &[entry("a4", Some("a"))])], at(NOON + DAY)).await.unwrap();
    assert_eq!(archive(&of).write_manifests(at(NOON + 2 * DAY)).await.unwrap(), [TODAY, TOMORROW]);
    of
}

#[tokio::test]
async fn what_is_archived_verifies_and_is_grouped_by_agent() {
    let of = two_days().await;
    assert_eq!(ids(&of), ["a1", "a2", "b1", "a3", "c1", "a4"]);
    assert_eq!((verify(&of, TODAY).await, verify(&of, TOMORROW).await), (Ok(5), Ok(1)));
    // A second time nothing is missing, and nothing is written.
    assert!(archive(&of).write_manifests(at(NOON + 2 * DAY)).await.unwrap().is_empty());
}

/// What was done to a day, how, and what the verification says.
type Case = (&'static str, fn(&InMemoryArchive), &'static str);

#[tokio::test]
async fn verification_finds_what_was_done_to_a_day() {
    let first = "entries/2026-05-01/0/000000000001.jsonl";
    let cases: [Case; 10] = [
        (
            "an entry changed",
            |of| edit(of, "entries/2026-05-01/0/000000000001.jsonl", "acme", "acmf"),
            "line 1: the entry was changed",
        ),
        (
            "the end of a line changed",
            |of| edit(of, "entries/2026-05-01/0/000000000001.jsonl", "\n", "\r\n"),
            "line 1: the line is not an entry",
        ),
        (
            "an entry missing",
            |of| drop_line(of, "entries/2026-05-01/0/000000000001.jsonl", 0),
            "line 1: an entry is missing",
        ),
        (
            "the last entry missing",
            |of| drop_line(of, "entries/2026-05-01/0/000000000003.jsonl", 0),
            "the chain ends with 3 entries",
        ),
        (
            "an object missing",
            |of| remove(of, "entries/2026-05-01/0/000000000002.jsonl"),
            "000000000002.jsonl is missing",
        ),
        (
            "the last object missing",
            |of| remove(of, "entries/2026-05-01/0/000000000003.jsonl"),
            "000000000003.jsonl is missing",
        ),
        (
            "a shard missing",
            |of| remove(of, "entries/2026-05-01/3/000000000001.jsonl"),
            "shard 3: all of its objects are missing",
        ),
        ("the manifest missing", |of| remove(of, "manifests/2026-05-01.json"), "manifests/2026-05-01.json is missing"),
        (
            "a stranger",
            |of| {
                of.objects().insert("entries/2026-05-01/9/x.jsonl".to_owned(), String::new());
            },
            "is not an object",
        ),
        ("an end that the manifest does not know", |of| append(of), "the chain ends with"),
    ];
    for (what, change, expected) in cases {
        let of = two_days().await;
        change(&of);
        let found = verify(&of, TODAY).await.unwrap_err();
        assert!(found.contains(expected), "{what}: {found}");
    }
    assert!(two_days().await.objects().contains_key(first));
}

#[tokio::test]
async fn a_swapped_day_is_found() {
    let of = two_days().await;
    {
        let mut objects = of.objects();
        let swapped: std::collections::BTreeMap<String, String> = objects
            .iter()
            .map(|(key, text)| {
                let other =
                    if key.contains(TODAY) { key.replace(TODAY, TOMORROW) } else { key.replace(TOMORROW, TODAY) };
                (other, text.clone())
            })
            .collect();
        *objects = swapped;
    }
    assert!(verify(&of, TODAY).await.unwrap_err().contains("it says 2026-05-02"));
    // Even with the manifests left in their places.
    let of = two_days().await;
    {
        let mut objects = of.objects();
        let text = objects.remove("entries/2026-05-02/0/000000000004.jsonl").unwrap();
        objects.retain(|key, _| !key.starts_with("entries/2026-05-01/0/"));
        objects.insert("entries/2026-05-01/0/000000000001.jsonl".to_owned(), text);
    }
    assert!(verify(&of, TODAY).await.unwrap_err().contains("line 1: an entry is missing before"));
}

#[tokio::test]
async fn an_open_day_has_no_manifest_and_a_past_one_must() {
    let of = InMemoryArchive::default();
    archive(&of).archive(vec![record(1, &[entry("x", None)])], at(NOON)).await.unwrap();
    let open = verify_day(&of, TODAY, TODAY).await.unwrap();
    assert_eq!((open.entries, open.objects, open.is_closed), (1, 1, false));
    assert!(matches!(verify_day(&of, TODAY, TOMORROW).await, Err(VerifyError::NoManifest(_))));
    assert!(matches!(verify_day(&of, TOMORROW, TOMORROW).await, Err(VerifyError::Nothing(_))));
}

#[tokio::test]
async fn texts_are_kept_apart_until_their_conversation_is_erased() {
    let of = InMemoryArchive::default();
    archive(&of).archive(vec![record(0, &[with_texts("t1")])], at(NOON)).await.unwrap();
    assert_eq!(of.texts()["c1/t1.json"], r#"{"input":"in","output":"out"}"#);
    assert!(!of.objects().values().any(|text| text.contains("texts")));
    assert_eq!(of.forgotten(), ["t1"]);
    archive(&of).archive(vec![record(0, &[erasure("e1")])], at(NOON)).await.unwrap();
    assert!(of.texts().is_empty());
    assert_eq!(ids(&of), ["t1", "e1"]);
}

#[tokio::test]
async fn an_attempt_that_failed_does_not_bring_erased_texts_back() {
    // The entry of an erasure has no agent, so its object is stored before that of the texts.
    for crash in 0..8 {
        let of = InMemoryArchive::default();
        let batch = vec![record(0, &[with_texts("t1")]), record(0, &[erasure("e1")]), record(0, &[with_texts("t2")])];
        of.fail_after(Some(crash));
        let _may_crash = archive(&of).archive(batch.clone(), at(NOON)).await;
        of.fail_after(None);
        archive(&of).archive(batch, at(NOON)).await.unwrap();
        // What was written after the erasure belongs to nothing that was erased.
        assert_eq!(of.texts().into_keys().collect::<Vec<_>>(), ["c1/t2.json"], "after {crash} changes");
    }
}

#[tokio::test]
async fn halves_of_a_batch_that_failed_repeat_nothing() {
    // Both entries of agent `a` are stored, and then the object of `b` fails.
    let of = InMemoryArchive::default();
    let records =
        [("r1", "a"), ("r2", "b"), ("r3", "b"), ("r4", "a")].map(|(id, of)| record(0, &[entry(id, Some(of))]));
    of.fail_after(Some(1));
    archive(&of).archive(records.to_vec(), at(NOON)).await.unwrap_err();
    of.fail_after(None);
    for part in [&records[..1], &records[1..2], &records[2..3], &records[3..]] {
        archive(&of).archive(part.to_vec(), at(NOON)).await.unwrap();
    }
    assert_eq!(ids(&of), ["r1", "r4", "r2", "r3"]);
    // The stream may split a batch whose success it has not seen, too.
    archive(&of).archive(records.to_vec(), at(NOON)).await.unwrap();
    for part in [&records[..2], &records[2..]] {
        archive(&of).archive(part.to_vec(), at(NOON)).await.unwrap();
    }
    assert_eq!(ids(&of).len(), 4);
}

#[tokio::test]
async fn an_entry_that_was_packed_again_is_archived_once() {
    let of = InMemoryArchive::default();
    archive(&of).archive(vec![record(0, &[entry("o1", Some("a"))])], at(NOON)).await.unwrap();
    archive(&of).archive(vec![record(0, &[entry("x", Some("a"))])], at(NOON)).await.unwrap();
    let closing = record(0, &[entry("i1", Some("a")), entry("o1", Some("a"))]);
    let report = archive(&of).archive(vec![closing], at(NOON)).await.unwrap();
    assert_eq!((ids(&of), report.entries), (vec!["o1".to_owned(), "x".to_owned(), "i1".to_owned()], 1));
}

#[tokio::test]
async fn an_item_that_cannot_be_read_becomes_an_entry_that_says_so() {
    let of = InMemoryArchive::default();
    let bad = OutboxRecord { shard: 0, id: "bad".to_owned(), entries: Some("{".to_owned()) };
    let report = archive(&of).archive(vec![bad, record(0, &[entry("good", None)])], at(NOON)).await.unwrap();
    assert_eq!((report.unreadable, report.entries), (1, 2));
    assert_eq!(ids(&of), ["bad", "good"]);
}

#[tokio::test]
async fn an_object_that_does_not_continue_the_chain_stops_it() {
    let of = InMemoryArchive::default();
    of.objects().insert(object_key(TODAY, 0, 1), "{}\n".to_owned());
    let error = archive(&of).archive(vec![record(0, &[entry("x", None)])], at(NOON)).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Broken { shard: 0, .. }), "{error}");
}

fn edit(of: &InMemoryArchive, key: &str, from: &str, to: &str) {
    let mut objects = of.objects();
    let changed = objects[key].replacen(from, to, 1);
    objects.insert(key.to_owned(), changed);
}

fn drop_line(of: &InMemoryArchive, key: &str, line: usize) {
    let mut objects = of.objects();
    let lines = objects[key].lines().enumerate().filter(|(at, _)| *at != line);
    let kept: Vec<&str> = lines.map(|(_, line)| line).collect();
    let kept = if kept.is_empty() {
        String::new()
    } else {
        kept.join(
            "
",
        ) + "
"
    };
    objects.insert(key.to_owned(), kept);
}

fn remove(of: &InMemoryArchive, key: &str) {
    assert!(of.objects().remove(key).is_some());
}

/// Appends an entry that continues the chain, as somebody who can write but was not `archive` would.
fn append(of: &InMemoryArchive) {
    let key = "entries/2026-05-01/0/000000000003.jsonl";
    let mut objects = of.objects();
    let text = objects[key].clone();
    let hash = text.lines().last().unwrap().rsplit("\"hash\":\"").next().unwrap()[..64].to_owned();
    let (line, _) = link(0, &hash, r#"{"forged":true}"#);
    objects.insert(key.to_owned(), format!("{text}{line}\n"));
}

/// A record of the property below: its shard, how many entries it has, and what they are.
type Made = (u8, usize, u8);

/// Makes the entries of a record: of one of three agents, with texts, or erasures.
fn made((shard, count, kind): Made, next: &mut u32) -> Vec<AuditEntry> {
    let one = |_| {
        *next += 1;
        let id = format!("id-{next}");
        let made = match kind {
            3 => with_texts(&id),
            4 => erasure(&id),
            agent => entry(&id, Some(["a", "b", "c"][usize::from(agent)])),
        };
        AuditEntry { conversation: Some(format!("c{shard}")), ..made }
    };
    (0..count).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Batches over two days, delivered again and in halves after crashes at any place, lose nothing, repeat nothing, keep the
    /// texts that no later entry erases, and verify.
    #[test]
    fn crashes_lose_nothing_and_repeat_nothing(
        batches in prop::collection::vec((
            prop::collection::vec((0_u8..3, 1_usize..4, 0_u8..5), 1..6),
            any::<bool>(),
            prop::collection::vec(prop::option::of(0_u32..8), 0..4),
            any::<bool>(),
        ), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let of = InMemoryArchive::default();
            let (mut expected, mut texts, mut now, mut next) = (Vec::new(), BTreeSet::new(), NOON, 0);
            for (records, mut is_next_day, crashes, is_repeated) in batches {
                let mut batch = Vec::new();
                for what in records {
                    let entries = made(what, &mut next);
                    for entry in &entries {
                        expected.push(entry.id.clone());
                        let folder = format!("c{}/", what.0);
                        match what.2 {
                            3 => drop(texts.insert(format!("{folder}{}.json", entry.id))),
                            4 => texts.retain(|key: &String| !key.starts_with(&folder)),
                            _ => {}
                        }
                    }
                    batch.push(record(what.0, &entries));
                }
                let mut crashes = crashes.into_iter();
                let mut parts = vec![batch.clone()];
                while let Some(part) = parts.pop() {
                    of.fail_after(crashes.next().flatten());
                    let result = archive(&of).archive(part.clone(), at(now)).await;
                    of.fail_after(None);
                    if std::mem::take(&mut is_next_day) {
                        now += DAY;
                        archive(&of).write_manifests(at(now)).await.unwrap();
                    }
                    if result.is_err() {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first].into_iter().filter(|part| !part.is_empty()).map(<[_]>::to_vec));
                    }
                }
                // A batch whose success was not seen is delivered again, in halves as well.
                if is_repeated {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    for part in [first, second] {
                        archive(&of).archive(part.to_vec(), at(now)).await.unwrap();
                    }
                }
            }
            let mut found = ids(&of);
            found.sort();
            expected.sort();
            assert_eq!(found, expected);
            assert_eq!(of.texts().into_keys().collect::<BTreeSet<_>>(), texts);
            now += DAY;
            let mut day = day_of(at(NOON));
            // Manifests go back a week at most, so they are written day by day as the schedule does.
            let mut at_day = NOON + DAY;
            let mut total = 0;
            while at_day <= now {
                archive(&of).write_manifests(at(at_day)).await.unwrap();
                at_day += DAY;
            }
            while day < day_of(at(now)) {
                match verify_day(&of, &day, &day_of(at(now))).await {
                    Ok(verified) => total += verified.entries,
                    // The first batch may have crashed before it stored anything.
                    Err(VerifyError::Nothing(_)) => {}
                    Err(error) => panic!("{day}: {error}"),
                }
                day = next_day(&day).unwrap();
            }
            assert_eq!(total, expected.len() as u64);
        });
    }
}
