use serde_json::json;

use super::tests::rendered;
use super::*;

fn nested(open: &str, inner: &str, close: &str, count: usize) -> String {
    format!("{}{inner}{}", open.repeat(count), close.repeat(count))
}

#[test]
fn deep_templates_are_refused_and_never_end_the_process() {
    let expressions = [
        ("not ", "a", ""),
        ("-", "a", ""),
        ("(", "a", ")"),
        ("[", "a", "]"),
        ("{'a': ", "a", "}"),
        ("a[", "a", "]"),
        ("range(", "1", ")"),
        ("", "a", ".b"),
        ("", "a", "[0]"),
        ("", "a", "()"),
        ("", "a", " | upper"),
        ("", "a", " is defined"),
        ("", "a", "~a"),
        ("", "1", "+1"),
        ("", "a", " and a"),
        ("", "a", " < a"),
        ("", "a", "**a"),
        ("a if a else ", "a", ""),
        ("", "a", " if a"),
        ("a, (", "a", ")"),
    ];
    for (open, inner, close) in expressions {
        for count in [20, 80, 140, 200, 20_000, 70_000] {
            let source = nested(open, inner, close, count);
            let results = [
                Template::expression(&source).err(),
                Template::value(&format!("{{{{ {source} }}}}")).err(),
                Template::text(&format!("{{% if {source} %}}{{% endif %}}")).err(),
                Template::text(&format!("{{% set x | replace({source}) %}}{{% endset %}}")).err(),
            ];
            assert!(count < 20_000 || results.iter().all(Option::is_some), "{open}{inner}{close}");
        }
    }
    let statements = [
        ("{% if a %}", "", "{% endif %}"),
        ("{% if a %}", "{% elif a %}", ""),
        ("", "{% if a %}", "{% elif a %}"),
        ("{% for a in b %}", "", "{% endfor %}"),
        ("{% filter upper %}", "", "{% endfilter %}"),
        ("{% with a = 1 %}", "", "{% endwith %}"),
        ("{% set a %}", "", "{% endset %}"),
    ];
    for (open, inner, close) in statements {
        for count in [80, 140, 20_000, 70_000] {
            let end = if close.contains("elif") { "{% endif %}" } else { "" };
            let result = Template::text(&format!("{}{end}", nested(open, inner, close, count)));
            assert!(count < 20_000 || result.is_err(), "{open}{inner}{close}");
        }
    }
    assert!(Template::text(&format!("{{% for {} in b %}}{{% endfor %}}", nested("(", "a", ")", 20_000))).is_err());
    // All that is allowed, at once.
    let expression = nested("a[", &format!("{}a", "-".repeat(180)), "]", 20);
    let elifs = nested("{% if a %}", &"{% elif a %}".repeat(50), "", 1);
    let deepest =
        nested("{% for a in b %}", &format!("{elifs}{{{{ {expression} }}}}{{% endif %}}"), "{% endfor %}", 110);
    assert_eq!(Template::text(&deepest).err(), None);
}

#[test]
fn a_depth_is_refused_with_its_place() {
    let list = format!("[{}]", "'x', ".repeat(5_000));
    assert_eq!(Template::expression(&list).err(), None, "long is not deep");
    let any = vec!["'x' in input.prompt"; 50].join(" or ");
    assert_eq!(Template::expression(&any).err(), None);
    assert_eq!(Template::text(&format!("{{{{ {any} }}}}").repeat(20)).err(), None);
    let fault = |inner: &str| Template::text(&format!("one\n{inner}")).unwrap_err().to_string();
    assert_eq!(
        fault(&format!("{{{{ [1, {}a] }}}}", "not ".repeat(200))),
        "line 2: an expression of more than 200 operators without a comma"
    );
    let brackets = nested("[", "a", "]", 21);
    assert_eq!(fault(&format!("{{{{ {brackets} }}}}")), "line 2: more than 20 brackets within each other");
    let branches = format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(51));
    assert_eq!(fault(&branches), "line 2: more than 50 elif");
}

/// Nothing is carried from one pass of a loop to the next, so a template's own length bounds how values nest and double.
#[test]
fn values_cannot_grow_without_work() {
    let carried = "{% set x = 1 %}{% for a in input.prompt %}{% set x = x + 1 %}{{ x }}{% endfor %}";
    assert!(rendered(carried).unwrap().starts_with("222"));
    let doubled =
        |sum: &str, count: usize| format!("{{% set x = [1] %}}{}{{{{ x | join | length }}}}", sum.repeat(count));
    for sum in ["{% set x = x + x %}", "{% set x = x | chain(x) %}", "{% set x = [x, x] | sum(start=[]) %}"] {
        assert_eq!(rendered(&doubled(sum, 16)).unwrap(), "65536", "{sum}");
        let refused = Template::text(&doubled(sum, 17)).unwrap_err();
        assert_eq!(refused.detail, "more than 16 sums, by + or by the filters chain and sum");
    }
    let nested = |count: usize| format!("{{% set x = [] %}}{}{{{{ x }}}}", "{% set x = [x] %}".repeat(count));
    assert!(Template::text(&nested(1_000)).is_ok());
    assert_eq!(Template::text(&nested(2_000)).unwrap_err().detail, "a template that is too long");
    for (source, detail) in [
        ("{% set x = namespace() %}{{ x }}", "namespace is unknown"),
        ("{% set x = {} %}{% set x.a = 1 %}", "a member that is set"),
        ("{% for a in input.b recursive %}{{ loop([a + a]) }}{% endfor %}", "a recursive loop"),
    ] {
        assert_eq!(Template::text(source).unwrap_err().detail, detail, "{source}");
    }
    // None of these ends the process.
    for source in [
        "{{ range(input.n, input.m, input.k) | list | length }}",
        "{{ [1, 2][input.n:input.m:input.l] }}",
        "{{ range(9223372036854775807, 0, -2147483649) | list | length }}",
        "{{ [1][9223372036854775807:-9223372036854775807:-9223372036854775807] }}",
        "{{ -9223372036854775807 - 2 }}{{ 9223372036854775807 * 9223372036854775807 }}",
    ] {
        let values = json!({ "input": { "n": i64::MAX, "m": 0, "k": -2_147_483_649_i64, "l": i64::MIN } });
        let _ended = Template::text(source).map(|template| template.evaluate_over(&values));
    }
    // A width or a precision beyond what the engine can format would end the process.
    assert!(Template::text("{{ '%(a)70000d' | format(a=1) }}").is_err());
    assert_eq!(rendered("{{ '%(a)03d' | format(a=7) }}").unwrap(), "007");
    for spec in ["%.70000f", "%70000d", "%.*f", "%05.99999f", "%%%.12345f"] {
        assert!(Template::text(&format!("{{{{ '{spec}' | format(1) }}}}")).is_err(), "{spec}");
        assert!(rendered(&format!("{{{{ ('{spec}' ~ input.prompt) | format(1) }}}}")).is_err(), "{spec}");
    }
    assert_eq!(rendered("{{ '%.2f, %s of %5d%%' | format(1.005, 'x', 7) }}").unwrap(), "1.00, x of     7%");
    // What walks a list pays for it.
    let walked = |work: &str| {
        let pass = format!("{{% for a in range(20) %}}{{% set y = x | {work} %}}{{% endfor %}}");
        rendered(&doubled("{% set x = x + x %}", 16).replace("{{ x | join | length }}", &pass))
    };
    for work in
        ["join", "last", "list", "reverse", "unique", "max", "batch(2)", "map('string') | list", "zip(x) | list"]
    {
        assert_eq!(walked(work), Err(EvaluationError::Failed("more work than a template may do")), "{work}");
    }
    assert_eq!(walked("length").unwrap(), "");
    for repeated in ["[1] * 1000000000", "'a' * 1000000000"] {
        assert!(Template::text(&format!("{{% set x = {repeated} %}}")).is_err(), "{repeated}");
    }
}
