use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/dynamo")
}

#[test]
fn a_name_has_one_meaning_and_is_in_the_table() {
    let [source, table] = ["attributes.rs", "mod.rs"].map(|file| std::fs::read_to_string(folder().join(file)).unwrap());
    let constants = source.lines().filter_map(|line| line.strip_prefix("pub(super) const ")?.split_once(": &str = \""));
    let mut meanings = BTreeMap::new();
    for (constant, value) in constants {
        let name = value.trim_end_matches("\";");
        assert_eq!(meanings.insert(name, constant), None, "{name} has two meanings");
        assert!(table.contains(&format!("`{name}`")), "the table of mod.rs lacks {name}");
    }
    assert!(meanings.len() > 20, "{meanings:?}");
}

/// Returns the words of an expression that are neither part of its language nor bound nor constants.
fn literal_words(expression: &str) -> Vec<&str> {
    const LANGUAGE: [&str; 11] = [
        "ADD",
        "BETWEEN",
        "SET",
        "REMOVE",
        "DELETE",
        "AND",
        "OR",
        "size",
        "contains",
        "attribute_exists",
        "attribute_not_exists",
    ];
    let outside_braces = expression.split('{').filter_map(|piece| piece.rsplit('}').next());
    let words = outside_braces.flat_map(|text| {
        text.split(|character: char| !character.is_ascii_alphanumeric() && !"_:#".contains(character))
    });
    words.filter(|word| !word.is_empty() && !word.starts_with([':', '#']) && !LANGUAGE.contains(word)).collect()
}

fn check_expressions(folder: &Path, checked: &mut usize) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_expressions(&path, checked);
            continue;
        }
        if path.to_string_lossy().ends_with("_tests.rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        assert!(!source.contains("_expression(\""), "{} has an expression without constants", path.display());
        let strings = source.split('"').skip(1).step_by(2);
        let is_expression =
            |text: &&str| [" = :", "<= :", "SET ", "REMOVE ", "attribute_"].iter().any(|mark| text.contains(mark));
        for expression in strings.filter(is_expression) {
            assert_eq!(literal_words(expression), Vec::<&str>::new(), "{}: {expression}", path.display());
            *checked += 1;
        }
    }
}

#[test]
fn expressions_name_attributes_by_constants() {
    assert_eq!(literal_words("SET v = :v, {RUN} = :run, #ttl = :ttl REMOVE {RUNS}.#run.x"), ["v", "x"]);
    let mut checked = 0;
    check_expressions(&folder(), &mut checked);
    assert!(checked > 15, "found {checked} expressions only");
}
