use super::*;

#[test]
fn the_templates_of_an_action_read_args_where_its_kind_has_some() {
    let check = |name: &str, args: &[&str]| check_call_name(name, ["id"].into_iter(), args);
    for name in ["arguments.id", "caller.user", "input.metadata.x"] {
        assert_eq!(check(name, &[]), Ok(()), "{name}");
    }
    for (name, allowed) in [
        ("args.lang", "input, caller or arguments, since the action has no args"),
        ("args", "input, caller or arguments, since the action has no args"),
        ("other", "input, caller or arguments"),
        ("states.a", "input, caller or arguments, since an action serves many graphs"),
        ("arguments.gone", "arguments.<name> of one of id"),
    ] {
        assert_eq!(check(name, &[]), Err(allowed.to_owned()));
    }
    let without = check_call_name("arguments.id", [].into_iter(), &[]);
    assert_eq!(without, Err("input or caller, since the action has no arguments".to_owned()));
    assert_eq!(check("args.lang", &["lang"]), Ok(()));
    assert_eq!(check("args.gone", &["lang"]), Err("args.<name> of one of lang".to_owned()));
    assert_eq!(check("other", &["lang"]), Err("input, caller, arguments or args".to_owned()));
}
