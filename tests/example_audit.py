"""The audit's entries about the requests of an example's run, from the outbox of the local cloud.

The outbox keeps an entry for a week. `archive` deletes only those that hold texts, which no example asks for.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from resources import Account
from settings import AUDIT_TABLE

# What each member of an entry looks like, so that none can hold a text.
_FORMS = {
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "kind": r"[a-z]+",
    "request_id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "run": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "agent": r"[a-z-]+",
    "tenant": r"acme|other",
    "conversation": r"[0-9a-f]{32}",
    "subject": r"[0-9a-f]{32}",
    "token": r"[0-9a-f]{32}",
    "source": r"[0-9a-f]{32}",
    "action": r"[a-z]+",
    "decision": r"allow|ask|deny",
    "policy_ids": r"\[('[a-z-]+'(, )?)+\]",
    "input_digest": r"[0-9a-f]{64}",
    "output_digest": r"[0-9a-f]{64}",
    "usage": r"\{('[a-z_]+': \d+(, )?)+\}",
    "status": r"[a-z-]+",
}

# The members that are the same in all entries about a request.
_OF_REQUEST = ("request_id", "run", "conversation", "tenant", "subject", "token", "source")


class Audit:
    """The outbox of the local cloud."""

    def __init__(self, endpoint_url: str) -> None:
        self._client = Account(endpoint_url).client("dynamodb")
        self._known = {entry["id"] for entry in self._entries()}

    def new(self) -> list[dict[str, Any]]:
        """Return the entries since the last call in their order."""
        entries = [entry for entry in self._entries() if entry["id"] not in self._known]
        self._known |= {entry["id"] for entry in entries}
        # An intent and its outcome may have the same millisecond.
        return sorted(entries, key=lambda entry: (entry["time"], entry["kind"]))

    def _entries(self) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("scan").paginate(TableName=AUDIT_TABLE, ConsistentRead=True)
        # Beside entries, the table holds the heads of their chains.
        items = (item for page in pages for item in page["Items"] if item["PK"]["S"].startswith("A#"))
        return (entry for item in items for entry in json.loads(item["e"]["S"]))


# A decision about a call: the action, what was decided, and the policies.
Decision = tuple[str, str, list[str]]


def faults(entries: list[dict[str, Any]], agent: str, answer: dict[str, Any], refused: Decision | None) -> list[str]:
    """Return what is wrong with the entries about a request. `refused` is the decision that failed its run."""
    if not entries:
        return ["found no entries"]
    # A problem names its request, and an answer its run.
    name, value = ("run", answer["id"]) if "id" in answer else ("request_id", answer["instance"])
    return [
        *(fault for entry in entries for fault in _malformed(entry)),
        *_other_values(entries, "agent", {agent}),
        *_other_values(entries, name, {value}),
        *(fault for one in _OF_REQUEST for fault in _other_values(entries, one, {entries[0].get(one)})),
        *_invocation(entries, answer),
        *_calls(entries, answer.get("steps", []), [refused] if refused else []),
    ]


def _malformed(entry: dict[str, Any]) -> Iterator[str]:
    """Yield the members that an entry may not have, or not with this value."""
    for member, value in entry.items():
        if not re.fullmatch(_FORMS.get(member, ""), str(value)):
            yield f"{entry['kind']}: {member} is {value!r}"


def _other_values(entries: list[dict[str, Any]], member: str, expected: set[Any]) -> Iterator[str]:
    found = {entry.get(member) for entry in entries}
    if found != expected:
        yield f"{member}: found {found}, expected {expected}"


def _invocation(entries: list[dict[str, Any]], answer: dict[str, Any]) -> Iterator[str]:
    """Check that one entry says how the request ended."""
    status = "succeeded" if "id" in answer else answer["type"].rpartition(":")[2]
    usage = answer.get("usage")
    expected = [(status, usage, True, "output" in answer)]
    found = [
        # A problem does not say what was used before it.
        (entry["status"], usage and entry.get("usage"), "input_digest" in entry, "output_digest" in entry)
        for entry in entries
        if entry["kind"] == "invocation"
    ]
    if found != expected:
        yield f"invocations: found {found}, expected {expected}"


def _calls(entries: list[dict[str, Any]], steps: list[dict[str, Any]], refused: list[Decision]) -> Iterator[str]:
    """Check that a call that ran has an intent and then its outcome, and each other one a decision."""
    begun: Counter[str] = Counter()
    ended, decided = [], []
    for entry in entries:
        action = entry.get("action")
        if entry["kind"] == "intent":
            begun[action] += 1
            if entry["decision"] != "allow" or "input_digest" not in entry:
                yield f"{action}: the intent is {entry}"
        elif entry["kind"] == "outcome":
            ended.append((action, entry["status"]))
            if Counter(name for name, _ in ended)[action] > begun[action]:
                yield f"{action}: an outcome without an intent before it"
        elif entry["kind"] == "decision":
            decided.append((action, entry["decision"], entry.get("policy_ids", [])))
        elif entry["kind"] != "invocation":
            yield f"found an entry about: {entry['kind']}"
    ran = [(step["name"], step["outcome"]) for step in steps if step["kind"] == "action"]
    # The steps of a policy model are not calls.
    judged = [step for step in steps if step["kind"] == "policy" and "model" not in step]
    expected = [
        (step["name"], "ask" if step["outcome"] == "needs-approval" else "deny", step.get("policy_ids", []))
        for step in judged
    ]
    if begun != Counter(name for name, _ in ran):
        yield f"intents: found {dict(begun)}, expected those of {ran}"
    if sorted(ended) != sorted(ran):
        yield f"outcomes: found {ended}, expected {ran}"
    if sorted(decided) != sorted(expected + refused):
        yield f"decisions: found {decided}, expected {expected + refused}"
