//! What the ports of `archive` promise: the heads of the chains, their objects, and the texts.
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use crate::audit::{AuditObjects, ChainHead, ChainHeads, ObjectError, Stored, TextObjects};

/// Runs the suite for heads, on a chain without one.
///
/// # Panics
/// If the port breaks a promise.
pub async fn heads(port: &dyn ChainHeads, shard: u8) {
    const LAST: &str = "9999-12-31";
    assert_eq!(port.at(shard, LAST).await.unwrap(), None);
    let first =
        ChainHead { last_object: 1, entries: 3, items: vec!["a".to_owned()], ..ChainHead::genesis("2026-05-01") };
    port.advance(shard, None, &first).await.unwrap();
    assert_eq!(port.at(shard, LAST).await.unwrap().as_ref(), Some(&first));
    // Another invocation that has read the chain before sees that it has moved.
    assert!(matches!(port.advance(shard, None, &first).await, Err(ObjectError::Moved)));
    let second = ChainHead { day: "2026-05-03".to_owned(), last_object: 2, ..first.clone() };
    port.advance(shard, Some(&first), &second).await.unwrap();
    assert!(matches!(port.advance(shard, Some(&first), &second).await, Err(ObjectError::Moved)));
    for (day, expected) in
        [("2026-04-30", None), ("2026-05-01", Some(&first)), ("2026-05-02", Some(&first)), (LAST, Some(&second))]
    {
        assert_eq!(port.at(shard, day).await.unwrap().as_ref(), expected, "{day}");
    }
    assert_eq!(port.at((shard + 1) % 8, LAST).await.unwrap(), None);
    port.forget(shard, "not there").await.unwrap();
}

/// Runs the suite for objects, in an empty bucket.
///
/// # Panics
/// If the port breaks a promise.
pub async fn objects(port: &dyn AuditObjects) {
    assert_eq!(port.get("entries/d/0/1").await.unwrap(), None);
    assert_eq!(port.put_new("entries/d/0/1", "ä\n".to_owned(), Some("a-1")).await.unwrap(), Stored::New);
    assert_eq!(port.put_new("entries/d/0/1", "other".to_owned(), None).await.unwrap(), Stored::Exists);
    assert_eq!(port.get("entries/d/0/1").await.unwrap().as_deref(), Some("ä\n"));
    port.put_new("entries/d/1/1", String::new(), None).await.unwrap();
    port.put_new("manifests/d", String::new(), None).await.unwrap();
    assert_eq!(port.list("entries/d/").await.unwrap(), ["entries/d/0/1", "entries/d/1/1"]);
    assert_eq!(port.list("entries/e/").await.unwrap(), [""; 0]);
}

/// Runs the suite for texts, in an empty bucket; `keys` lists what it has.
///
/// # Panics
/// If the port breaks a promise.
pub async fn texts<F: Future<Output = Vec<String>>>(port: &dyn TextObjects, keys: impl Fn() -> F) {
    port.put("c1/a.json", "1".to_owned()).await.unwrap();
    port.put("c1/b.json", "2".to_owned()).await.unwrap();
    port.put("c10/a.json", "3".to_owned()).await.unwrap();
    port.delete_all("c1/").await.unwrap();
    assert_eq!(keys().await, ["c10/a.json"]);
    port.delete_all("c1/").await.unwrap();
}

#[cfg(test)]
mod tests {
    use crate::audit::InMemoryArchive;

    #[tokio::test]
    async fn the_reference_passes() {
        let archive = InMemoryArchive::default();
        super::heads(&archive, 3).await;
        super::objects(&archive).await;
        super::texts(&archive, async || archive.texts().into_keys().collect()).await;
    }
}
