use proptest::prelude::*;

use super::SqlEngine::{Mysql, Postgresql};
use super::*;

#[track_caller]
fn reads(statement: &str, names: &[&str]) {
    let found = parameters(statement, Postgresql).map(|found| found.into_iter().collect::<Vec<_>>());
    assert_eq!(found.as_deref(), Ok(names), "{statement}");
}

#[test]
fn parameters_are_found() {
    reads("select 1", &[]);
    reads("SELECT * FROM orders WHERE id = :id AND owner=:owner_2 OR id = :id", &["id", "owner_2"]);
    reads("select :id::uuid, a[1:2], tags->>'x' from t", &["id"]);
    reads("with recent as (select * from t where at > :since) select * from recent", &["since"]);
    reads(" ( select 1 ) union (select :two)", &["two"]);
    reads("select ':not', \":nor\", `:this`, 'it''s :quoted' from t where a = :a", &["a"]);
    reads("select 'a;b', '-- c', '/* d */'", &[]);
    reads("select '{a,b}'::text[], $1, a #> '{b}' from t", &[]);
    reads("select 'ä' where ß = :ß_x or ö = :o", &["o"]);
}

#[test]
fn what_is_not_one_plain_question_is_refused() {
    for (statement, found) in [
        ("", "a statement that does not begin as a question does"),
        ("insert into t values (1)", "a statement that does not begin as a question does"),
        ("DELETE FROM t", "a statement that does not begin as a question does"),
        ("selection from t", "a statement that does not begin as a question does"),
        ("show tables", "a statement that does not begin as a question does"),
        ("begin", "a statement that does not begin as a question does"),
        ("/* x */ select 1", "a statement that does not begin as a question does"),
        ("select 1; drop table t", "a semicolon"),
        ("select 1;", "a semicolon"),
        ("select 'a'; select 'b'", "a semicolon"),
        ("select 1 -- a comment", "a comment"),
        ("select /* a */ 1", "a comment"),
        ("select 'a", "a quotation mark without its twin"),
        ("select 'a\\' or 1=1", "a backslash before a quotation mark"),
        ("select $$a$$", "a text between dollar signs"),
        ("select $tag$;$tag$", "a text between dollar signs"),
        ("select {{ arguments.id }}", "a template"),
        ("select 1 {% if x %}", "a template"),
    ] {
        assert_eq!(parameters(statement, Postgresql).map_err(|fault| fault.found), Err(found), "{statement}");
    }
}

#[test]
fn a_hash_is_a_comment_in_mysql_alone() {
    reads("select a #>> '{b}' from t where c = :c", &["c"]);
    assert_eq!(parameters("select 1 #a", Mysql), Err(COMMENT));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(statement in ".{0,80}") {
        let _ = parameters(&format!("select {statement}"), Mysql);
    }

    #[test]
    fn a_semicolon_outside_quotation_marks_is_never_accepted(before in "[a-z =:]{0,20}", quoted in "[a-z;: ]{0,10}") {
        let accepted = format!("select {before} '{quoted}'");
        prop_assert!(parameters(&accepted, Postgresql).is_ok(), "{}", accepted);
        let refused = format!("{accepted};");
        prop_assert!(parameters(&refused, Postgresql).is_err(), "{}", refused);
    }
}
