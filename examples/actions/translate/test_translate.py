"""Tests of the example: the payload as the gateway sends it, and payloads that are refused."""

import copy
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import openclaw_action
import translate

RUN = "6f1a3c1e-1a5f-4b0e-9d0f-0e4c6c1d2b3a"
EVENT: dict[str, Any] = {
    "action": "translate",
    "arguments": {"text": "Hello, world! Thanks, Ada."},
    "args": {"target_lang": "es"},
    "caller": {"user": "alice", "tenant": "acme", "groups": ["user"]},
    "run": RUN,
    "call": f"{RUN}/1",
}


def event(path: str, value: Any = None) -> dict[str, Any]:
    """Return the event with another value at the path, or without it if there is no value."""
    changed = copy.deepcopy(EVENT)
    *above, last = path.split(".")
    place = changed
    for name in above:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return changed


class Translate(unittest.TestCase):
    def test_words_are_translated_and_others_stay(self) -> None:
        expected = {"text": "Hola, mundo! Gracias, Ada.", "language": "es"}
        self.assertEqual(translate.handler(EVENT, None), expected)
        self.assertEqual(translate.handler(event("args.target_lang", "de"))["text"], "Hallo, Welt! Danke, Ada.")
        self.assertEqual(translate.handler(event("arguments.text", ""))["text"], "")

    def test_an_unknown_language_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, r"^args\.target_lang is not one of de, es, fr$"):
            translate.handler(event("args.target_lang", "a secret"))

    def test_the_handler_gets_the_call(self) -> None:
        context = openclaw_action.action(lambda _arguments, _args, context: context)(EVENT)
        expected = openclaw_action.Call("translate", "alice", "acme", ("user",), RUN, f"{RUN}/1")
        self.assertEqual(context, expected)

    def test_each_missing_member_is_named(self) -> None:
        paths = [*EVENT, "caller.user", "caller.tenant", "caller.groups", "arguments.text", "args.target_lang"]
        for path in paths:
            with self.subTest(path), self.assertRaisesRegex(ValueError, f"^{path} is missing$"):
                translate.handler(event(path))

    def test_each_member_of_another_type_is_named_without_its_value(self) -> None:
        for path in [*EVENT, "caller.user", "caller.tenant", "caller.groups", "arguments.text", "args.target_lang"]:
            with self.subTest(path), self.assertRaises(ValueError) as caught:
                translate.handler(event(path, 4711))
            self.assertTrue(str(caught.exception).startswith(f"{path} is not of the type "), caught.exception)
            self.assertNotIn("4711", str(caught.exception))

    def test_what_is_not_a_call_is_refused(self) -> None:
        for payload in [None, [], "text", 7]:
            with self.subTest(payload), self.assertRaisesRegex(ValueError, "^the payload is not of the type dict$"):
                translate.handler(payload)
        with self.assertRaisesRegex(ValueError, r"^caller\.groups is not a list of texts$"):
            translate.handler(event("caller.groups", ["user", 7]))


if __name__ == "__main__":
    unittest.main()
