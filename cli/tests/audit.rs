//! `openclaw audit verify`, run as people run it, over a directory.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod directories;

use std::fs;
use std::path::Path;

use directories::{Configuration, openclaw};
use openclaw::audit::{GENESIS, link};

const OBJECT: &str = "entries/2026-05-01/0/000000000001.jsonl";

/// Writes a day with two entries and its manifest.
fn day(configuration: &Configuration) {
    let folder = Path::new(configuration.path());
    let (first, hash) = link(0, GENESIS, r#"{"id":"a"}"#);
    let (second, last) = link(0, &hash, r#"{"id":"b"}"#);
    fs::create_dir_all(folder.join(OBJECT).parent().unwrap()).unwrap();
    fs::create_dir_all(folder.join("manifests")).unwrap();
    configuration.write(OBJECT, format!("{first}\n{second}\n"));
    let shards: Vec<String> = (0..8)
        .map(|shard| {
            let (objects, entries, hash) = if shard == 0 { (1, 2, last.as_str()) } else { (0, 0, GENESIS) };
            format!(
                r#"{{"shard":{shard},"first_object":1,"last_object":{objects},"first_previous":"{GENESIS}","last_hash":"{hash}","entries":{entries}}}"#
            )
        })
        .collect();
    let shards = shards.join(",");
    let manifest = format!(r#"{{"revision":1,"day":"2026-05-01","previous_manifest":null,"shards":[{shards}]}}"#);
    configuration.write("manifests/2026-05-01.json", manifest);
}

#[test]
fn a_day_that_holds_is_0_and_a_broken_one_is_1_with_its_place() {
    let folder = Configuration::of("day", "");
    day(&folder);
    let verify = || openclaw(["audit", "verify", folder.path(), "--day", "2026-05-01"]).with("NO_COLOR", "1").run();
    let good = verify();
    assert_eq!(
        (good.status, folder.without_place(&good.stdout).as_str()),
        (0, "2026-05-01: 2 entries in 1 objects, every link holds\n")
    );
    let path = Path::new(folder.path()).join(OBJECT);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(r#""id":"b""#, r#""id":"c""#)).unwrap();
    let broken = verify();
    assert_eq!((broken.status, broken.stdout.as_str()), (1, ""));
    assert!(broken.stderr.contains("000000000001.jsonl, line 2: the entry was changed"), "{}", broken.stderr);
    fs::remove_file(&path).unwrap();
    assert!(verify().stderr.contains("shard 0: all of its objects are missing"));
}

#[test]
fn an_object_that_is_not_text_is_a_changed_one() {
    let folder = Configuration::of("bytes", "");
    day(&folder);
    let verify = || openclaw(["audit", "verify", folder.path(), "--day", "2026-05-01"]).run();
    let second = "entries/2026-05-01/4/000000000001.jsonl";
    fs::create_dir_all(Path::new(folder.path()).join(second).parent().unwrap()).unwrap();
    folder.write(second, "not JSON\n");
    folder.write(OBJECT, b"\x1f\x8b\x08\xff\xfe");
    let broken = verify();
    assert_eq!((broken.status, broken.stdout.as_str()), (1, ""), "{}", broken.stderr);
    let expected = format!(
        "2026-05-01: {OBJECT} was changed: it is not UTF-8\n2026-05-01: {second}, line 1: the line is not an entry with \
         `previous` and `hash`\n"
    );
    assert_eq!(broken.stderr, expected);
    day(&folder);
    folder.write("manifests/2026-05-01.json", b"\xff");
    let broken = verify();
    assert_eq!((broken.status, broken.stdout.as_str()), (1, ""), "{}", broken.stderr);
    assert!(broken.stderr.contains("manifests/2026-05-01.json was changed"), "{}", broken.stderr);
}

#[test]
fn what_cannot_be_read_is_2() {
    let folder = Configuration::empty("other");
    for (source, day, expected) in [
        (folder.path(), "2026-05-01", "2026-05-01 has neither entries nor a manifest"),
        (folder.path(), "2026-02-30", "write a day as 2026-05-01"),
        ("/nowhere", "2026-05-01", "neither a directory nor s3://BUCKET"),
        ("s3://", "2026-05-01", "write s3://BUCKET"),
        ("s3://bucket/folder", "2026-05-01", "write s3://BUCKET"),
        ("s3://bucket", "2026-05-01", "AWS_"),
    ] {
        let finished = openclaw(["audit", "verify", source, "--day", day]).run();
        assert_eq!(finished.status, 2, "{source} {day}");
        assert!(finished.stderr.contains(expected), "{source} {day}: {}", finished.stderr);
    }
}
