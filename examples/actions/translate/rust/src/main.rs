//! The action `translate` as a Lambda function in Rust: translates words by a small dictionary.

mod call;
mod words;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use call::Call;

/// The arguments, as the action's `parameters` describe them.
#[derive(Deserialize)]
struct Arguments {
    text: String,
}

/// What the configuration fixes.
#[derive(Deserialize)]
struct Args {
    target_lang: String,
}

/// The output.
#[derive(Debug, PartialEq, Serialize)]
struct Translation {
    text: String,
    language: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(|event: LambdaEvent<Value>| async { handle(event.payload).map_err(Error::from) })).await
}

/// Translates each word that the dictionary has; the others stay as they are.
fn handle(payload: Value) -> Result<Translation, String> {
    let Call { arguments: Arguments { text }, args: Args { target_lang }, .. } = Call::read(payload)?;
    let text = words::translate(&text, &target_lang).ok_or("args.target_lang is not one of de, es, fr")?;
    Ok(Translation { text, language: target_lang })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "action": "translate", "arguments": { "text": "Hello, world! Thanks, Ada." }, "args": { "target_lang": "es" },
            "caller": { "user": "alice", "tenant": "acme", "groups": ["user"] }, "run": "r", "call": "r/1",
        })
    }

    #[test]
    fn words_are_translated_and_others_stay() {
        let text = "Hola, mundo! Gracias, Ada.".to_owned();
        assert_eq!(handle(event()), Ok(Translation { text, language: "es".to_owned() }));
    }

    #[test]
    fn a_faulty_payload_is_named_without_its_value() {
        for (pointer, expected) in [
            ("/arguments/text", "arguments.text"),
            ("/args/target_lang", "args.target_lang"),
            ("/caller/groups", "caller.groups"),
            ("/call", "call"),
        ] {
            let mut event = event();
            *event.pointer_mut(pointer).expect("the member") = json!(4711);
            let fault = handle(event).expect_err("a fault");
            assert!(fault.starts_with(expected) && !fault.contains("4711"), "{fault}");
        }
        let mut event = event();
        event["args"]["target_lang"] = json!("xx");
        assert_eq!(handle(event), Err("args.target_lang is not one of de, es, fr".to_owned()));
    }
}
