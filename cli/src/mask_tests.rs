use super::*;
use crate::yaml::read;

#[track_caller]
fn shown(text: &str) -> String {
    let shown = masked(text, &read(text).unwrap());
    assert_eq!(shown.len(), text.len(), "places must stay where they are");
    assert_eq!(shown.chars().count(), text.chars().count(), "columns must stay where they are");
    shown
}

#[test]
fn keys_headers_and_unknown_keys_are_covered_and_nothing_else() {
    let text = "llm: { provider: openai, api_key: KEY-ä-€-🔑 }\nllm_api_key: 'KEY'\nproviders:\n  openai:\n    headers: { x: [KEY], y: KEY }\n    base_url: https://example.com\n    api_kye: { a: KEY }\n";
    let shown = shown(text);
    assert!(!shown.contains("KEY") && !shown.contains(['ä', '€', '🔑']), "{shown}");
    for kept in ["provider: openai", "headers: { x: [***], y: *** }", "https://example.com", "api_kye: { *: *** }"] {
        assert!(shown.contains(kept), "{kept} in {shown}");
    }
}

#[test]
fn references_are_shown_and_whatever_stands_beside_them_is_not() {
    let text = "llm_api_key: \"{{ secrets['name'] }}\"\n";
    assert_eq!(shown(text), text);
    for hidden in
        ["llm_api_key: \"KEY{{ secrets['name'] }}\"\n", "llm_api_key: '{{ KEY }}'\n", "llm_api_key: |\n  KEY\n  KEY\n"]
    {
        assert!(!shown(hidden).contains("KEY"), "{}", shown(hidden));
    }
}

#[test]
fn an_address_with_a_password_or_a_query_is_covered() {
    for url in ["https://user:KEY@example.com", "https://example.com?k=KEY", "https://{{ KEY }}@example.com"] {
        assert!(!shown(&format!("providers: {{ openai: {{ base_url: '{url}' }} }}\n")).contains("KEY"), "{url}");
    }
}

#[test]
fn only_the_kind_of_value_that_a_place_requires_is_shown() {
    let text = "llm: KEY\nagents: { name: KEY, KEY: KEY }\nagent: { name: [KEY], tools: { a: KEY }, audit: KEYKEYKEY }\n0: KEY\n";
    assert_eq!(
        shown(text),
        "llm: ***\nagents: { ****: ***, ***: *** }\nagent: { name: [***], tools: { *: *** }, audit: ********* }\n0: ***\n"
    );
    let text = "agent: { name: one, memory_size: many, policy: loose } # KEY\ncors: { allowed_origins: [a, 5] }\n";
    assert_eq!(shown(text), text.replace("KEY", "***"));
}

#[test]
fn the_keys_of_values_of_any_kind_are_shown() {
    let text = "actions:\n- name: pay\n  parameters: { type: KEY, additionalProperties: true, $ref: [{ id_2024: KEY }] }\n  \
                body: { amount: 5KEY, sk-KEYKEY: 7, api_key: true }\n";
    let expected = text.replace("5KEY", "****").replace("sk-KEYKEY: 7, api_key: true", "**-******: *, api_key: ****");
    assert_eq!(shown(text), expected.replace("KEY", "***"));
}

#[test]
fn an_aliased_key_is_covered_where_it_is_written() {
    let text = "system: &x KEY\nllm: { api_key: *x }\n";
    assert!(!shown(text).contains("KEY"), "{}", shown(text));
}

#[test]
fn a_file_that_is_not_yaml_shows_its_structure_alone() {
    let text = "llm:\n  api_key: 'KEY\n  provider: bedrock ]\nKEY more KEY\n- name: KEY\n";
    let shown = masked_unread(text);
    assert_eq!(shown, "llm:\n  api_key: '***\n  provider: ******* ]\n*** **** ***\n- name: ***\n");
}
