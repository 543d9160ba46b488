use std::path::Path;

use super::*;

fn directory(name: &str, content: &str) -> Directory {
    let path = std::env::temp_dir().join(format!("openclaw-report-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("openclaw.yaml"), content).unwrap();
    let directory = Directory::read(Path::new(&path)).unwrap();
    std::fs::remove_dir_all(&path).unwrap();
    directory
}

fn fault(marked: std::ops::Range<usize>) -> Fault {
    let (path, found, allowed) = ("a".to_owned(), "\"ö\"".to_owned(), "text".to_owned());
    Fault { marked: Some(marked), ..Fault::at(path, found, allowed) }
}

#[test]
fn colours_are_for_terminals_alone() {
    let directory = directory("colours", "a: b\n");
    assert!(text(&directory, &[fault(3..4)], true).contains('\u{1b}'));
    assert!(!text(&directory, &[fault(3..4)], false).contains('\u{1b}'));
}

#[test]
fn columns_count_characters_and_lines_of_either_ending() {
    let directory = directory("columns", "ä: ö\r\nb: c\r\n");
    let list = json(&directory, &[fault(4..6), fault(11..12)]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list[0]["line"], &list[0]["column"]), (&1.into(), &4.into()));
    assert_eq!((&list[1]["line"], &list[1]["column"]), (&2.into(), &4.into()));
    assert!(text(&directory, &[fault(4..6)], false).contains("openclaw.yaml:1:4"));
}
