"""The action `translate`: translates words by a small dictionary, so that it runs without a network."""

from __future__ import annotations

import re
from typing import Any

from openclaw_action import Call, action, member

_WORDS = {
    "de": {"good": "guten", "hello": "hallo", "morning": "Morgen", "thanks": "danke", "world": "Welt"},
    "es": {"good": "buenos", "hello": "hola", "morning": "días", "thanks": "gracias", "world": "mundo"},
    "fr": {"good": "bon", "hello": "bonjour", "morning": "matin", "thanks": "merci", "world": "monde"},
}


@action
def handler(arguments: dict[str, Any], args: dict[str, Any], _context: Call) -> dict[str, str]:
    """Return the text with each word that the dictionary has translated; the others stay as they are."""
    text = member(arguments, "text", str, "arguments.")
    language = member(args, "target_lang", str, "args.")
    if language not in _WORDS:
        raise ValueError(f"args.target_lang is not one of {', '.join(_WORDS)}")
    return {"text": re.sub(r"\w+", lambda found: _translated(found[0], _WORDS[language]), text), "language": language}


def _translated(word: str, words: dict[str, str]) -> str:
    translated = words.get(word.lower(), word)
    return translated[0].upper() + translated[1:] if word[0].isupper() else translated
