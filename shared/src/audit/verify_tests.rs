use async_trait::async_trait;

use super::*;
use crate::audit::archive_tests_support::{DAY, NOON, at, entry, record};
use crate::audit::{Archive, InMemoryArchive, link};

const TODAY: &str = "2026-05-01";
const TOMORROW: &str = "2026-05-02";
const DAY_AFTER: &str = "2026-05-03";

/// Archives an entry on each of the days from `TODAY`.
async fn days(count: u64) -> InMemoryArchive {
    let of = InMemoryArchive::default();
    for day in 0..count {
        let archive = Archive { heads: &of, objects: &of, texts: &of };
        archive.archive(vec![record(0, &[entry(&format!("e{day}"), None)])], at(NOON + day * DAY)).await.unwrap();
    }
    of
}

async fn close(of: &InMemoryArchive, day: u64) {
    let archive = Archive { heads: of, objects: of, texts: of };
    archive.write_manifests(at(NOON + day * DAY)).await.unwrap();
}

#[tokio::test]
async fn a_day_holds_before_the_manifest_of_the_day_before_is_written() {
    let of = days(2).await;
    for day in [TODAY, TOMORROW] {
        let verified = verify_day(&of, day, TODAY).await.unwrap();
        assert_eq!((verified.entries, verified.objects, verified.is_closed), (1, 1, false), "{day}");
    }
    for day in [TODAY, TOMORROW] {
        let late = verify_day(&of, day, TOMORROW).await;
        assert!(matches!(&late, Err(VerifyError::NoManifest(missing)) if missing == TODAY), "{day}: {late:?}");
    }
    // Behind the last manifest, too.
    let of = days(2).await;
    close(&of, 1).await;
    Archive { heads: &of, objects: &of, texts: &of }
        .archive(vec![record(0, &[entry("e2", None)])], at(NOON + 2 * DAY))
        .await
        .unwrap();
    assert_eq!(verify_day(&of, DAY_AFTER, TOMORROW).await.unwrap().entries, 1);
    // What the day before has lost is noticed even without its manifest.
    of.objects().remove("entries/2026-05-02/0/000000000002.jsonl").unwrap();
    assert!(matches!(verify_day(&of, DAY_AFTER, TOMORROW).await, Err(VerifyError::NoObject(_))));
}

#[tokio::test]
async fn a_first_manifest_begins_at_the_first_object() {
    let of = days(2).await;
    close(&of, 2).await;
    assert!(verify_day(&of, TODAY, DAY_AFTER).await.is_ok());
    {
        let mut objects = of.objects();
        objects.retain(|key, _| !key.contains(TODAY));
        let text = objects["manifests/2026-05-02.json"].clone();
        let mut manifest: Manifest = serde_json::from_str(&text).unwrap();
        manifest.previous_manifest = None;
        objects.insert("manifests/2026-05-02.json".to_owned(), serde_json::to_string(&manifest).unwrap());
    }
    let found = verify_day(&of, TOMORROW, DAY_AFTER).await.unwrap_err().to_string();
    assert!(found.contains("shard 0 does not begin with object 1"), "{found}");
}

#[tokio::test]
async fn an_entry_that_stands_twice_is_reported() {
    let of = InMemoryArchive::default();
    let (first, hash) = link(0, GENESIS, r#"{"id":"a"}"#);
    let (second, _) = link(0, &hash, r#"{"id":"a"}"#);
    of.objects().insert(object_key(TODAY, 0, 1), format!("{first}\n{second}\n"));
    let found = verify_day(&of, TODAY, TODAY).await.unwrap_err().to_string();
    assert_eq!(found, "entries/2026-05-01/0/000000000001.jsonl, line 2: the entry a stands here a second time");
}

#[tokio::test]
async fn a_line_that_was_copied_is_reported_as_standing_twice() {
    let of = InMemoryArchive::default();
    let (first, hash) = link(0, GENESIS, r#"{"id":"a"}"#);
    let (second, hash) = link(0, &hash, r#"{"id":"b"}"#);
    let (third, _) = link(0, &hash, r#"{"id":"c"}"#);
    let found = async |lines: [&str; 3]| {
        of.objects().insert(object_key(TODAY, 0, 1), lines.join("\n"));
        verify_day(&of, TODAY, TODAY).await.unwrap_err().to_string()
    };
    for lines in [[&*first, &first, &second], [&first, &second, &first]] {
        assert!(found(lines).await.ends_with(": the entry a stands here a second time"), "{lines:?}");
    }
    assert!(found([&first, &third, &second]).await.contains("line 2: an entry is missing before this one"));
    let changed = first.replace("\"a\"", "\"x\"");
    assert!(!found([&first, &changed, &second]).await.contains("second time"));
}

/// An archive in which one object is not text.
struct Overwritten(InMemoryArchive, String);

#[async_trait]
impl AuditReader for Overwritten {
    async fn get(&self, key: &str) -> Result<Option<String>, ObjectError> {
        if key == self.1 { Err(ObjectError::NotText(key.to_owned())) } else { self.0.get(key).await }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        self.0.list(prefix).await
    }
}

#[tokio::test]
async fn a_broken_chain_hides_no_other() {
    let of = InMemoryArchive::default();
    for shard in [0, 3, 5] {
        let (line, _) = link(shard, GENESIS, &format!(r#"{{"id":"e{shard}"}}"#));
        of.objects().insert(object_key(TODAY, shard, 1), format!("{line}\n"));
    }
    of.objects().insert(object_key(TODAY, 5, 1), "{}\n".to_owned());
    let of = Overwritten(of, object_key(TODAY, 0, 1));
    let found = verify_day(&of, TODAY, TODAY).await.unwrap_err();
    assert!(!matches!(found, VerifyError::Unreadable(_)), "{found:?}");
    let expected = "entries/2026-05-01/0/000000000001.jsonl was changed: it is not UTF-8\n\
                    entries/2026-05-01/5/000000000001.jsonl, line 1: the line is not an entry with `previous` and `hash`";
    assert_eq!(found.to_string(), expected);
}
