use super::*;
use crate::yaml::read;

#[track_caller]
fn shown(text: &str, unknown: &[&str]) -> String {
    let shown = masked(text, &read(text).unwrap(), unknown);
    assert_eq!(shown.len(), text.len(), "places must stay where they are");
    shown
}

#[test]
fn keys_headers_and_unknown_keys_are_covered_and_nothing_else() {
    let text = "llm: { provider: openai, api_key: KEY-ä }\nllm_api_key: 'KEY'\nproviders:\n  openai:\n    headers: { x: [KEY], y: KEY }\n    base_url: https://example.com\n    api_kye: { a: KEY }\n";
    let shown = shown(text, &["providers.openai.api_kye"]);
    assert!(!shown.contains("KEY") && !shown.contains('ä'), "{shown}");
    for kept in ["provider: openai", "headers: { x: [***], y: *** }", "https://example.com", "api_kye: { a: *** }"] {
        assert!(shown.contains(kept), "{kept} in {shown}");
    }
}

#[test]
fn references_are_shown_and_whatever_stands_beside_them_is_not() {
    let text = "api_key: \"{{ secrets['name'] }}\"\n";
    assert_eq!(shown(text, &[]), text);
    for hidden in ["api_key: \"KEY{{ secrets['name'] }}\"\n", "api_key: '{{ KEY }}'\n", "api_key: |\n  KEY\n  KEY\n"] {
        assert!(!shown(hidden, &[]).contains("KEY"), "{}", shown(hidden, &[]));
    }
}

#[test]
fn an_address_with_a_password_or_a_query_is_covered() {
    for url in ["https://user:KEY@example.com", "https://example.com?k=KEY", "https://{{ KEY }}@example.com"] {
        assert!(!shown(&format!("openai: {{ base_url: '{url}' }}\n"), &[]).contains("KEY"), "{url}");
    }
}

#[test]
fn an_aliased_key_is_covered_where_it_is_written() {
    let text = "system: &x KEY\nllm: { api_key: *x }\n";
    assert!(!shown(text, &[]).contains("KEY"), "{}", shown(text, &[]));
}

#[test]
fn a_file_that_is_not_yaml_shows_its_structure_alone() {
    let text = "llm:\n  api_key: 'KEY\n  provider: bedrock ]\nKEY more KEY\n- name: KEY\n";
    let shown = masked_unread(text);
    assert_eq!(shown, "llm:\n  api_key: '***\n  provider: ******* ]\n*** **** ***\n- name: ***\n");
}
