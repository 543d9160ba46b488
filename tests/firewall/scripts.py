"""The calls of a scripted model: those of the user's task, and those of the attacker's."""

import functools
import string
from pathlib import Path
from typing import Any

import yaml

import annotations
import suites

Call = dict[str, Any]  # {"tool": …, "arguments": …}


def of_user(user_task: Any, before: Any) -> list[Call]:
    """Return the calls of a user's task, from AgentDojo's ground truth for the environment `before` any call."""
    return _calls(user_task.ground_truth(before))


def plan(suite: str, calls: list[Call]) -> dict[str, int]:
    """Return the writes among a user's calls and how many there are of each, as a perfect planner would list them."""
    counts: dict[str, int] = {}
    for call in calls:
        if annotations.is_write(suite, call["tool"]):
            counts[call["tool"]] = counts.get(call["tool"], 0) + 1
    return counts


def is_ours(suite: str, injection_task: str) -> bool:
    """Return whether the attacker's calls stand in scripts.yaml, since AgentDojo has none."""
    return injection_task in _scripts()[suite]


def of_attacker(suite: str, injection_task: Any, before: Any, now: Any) -> list[Call]:
    """Return the attacker's calls; none where neither AgentDojo nor scripts.yaml has any.

    Their arguments are what an obedient model would fill in that knows the environment `before` the first call of all
    and as it is `now`, when the attacker's first call is due.
    """
    if is_ours(suite, injection_task.ID):
        facts = _facts(before, now)
        return [call for step in _scripts()[suite][injection_task.ID] for call in _steps(step, facts)]
    return _calls(injection_task.ground_truth(now))


@functools.cache
def _scripts() -> dict[str, dict[str, list[dict[str, Any]]]]:
    scripts = yaml.safe_load(Path(__file__).with_name("scripts.yaml").read_text())
    return {suite: scripts.get(suite) or {} for suite in suites.NAMES}


def _calls(ground_truth: list[Any]) -> list[Call]:
    return [{"tool": call.function, "arguments": _json(dict(call.args))} for call in ground_truth]


def _json(value: Any) -> Any:
    """Return a value as JSON would have it, without arguments that are null."""
    match value:
        case dict():
            return {key: _json(part) for key, part in value.items() if part is not None}
        case list() | tuple():
            return [_json(part) for part in value]
        case str():
            return str(value)  # a member of an enumeration becomes its value
        case bool() | int() | float():
            return value
        case _:
            raise TypeError(f"{type(value).__name__} in a call's arguments")


def _steps(step: dict[str, Any], facts: dict[str, Any]) -> list[Call]:
    """Return the calls of a step of scripts.yaml: one, or one for each item of the list that `each` names."""
    (tool,) = [key for key in step if key != "each"]
    items = facts[step["each"]] if "each" in step else [{}]
    return [{"tool": tool, "arguments": _filled(step[tool], facts | item)} for item in items]


def _filled(value: Any, facts: dict[str, Any]) -> Any:
    """Fill `$name` in texts. A text that is one name becomes the fact itself, of whatever type it is."""
    match value:
        case dict():
            return {key: _filled(part, facts) for key, part in value.items()}
        case list():
            return [_filled(part, facts) for part in value]
        case str() if value.startswith("$") and value[1:] in facts:
            return facts[value[1:]]
        case str():
            return string.Template(value).safe_substitute(facts)
        case _:
            return value


def _facts(before: Any, now: Any) -> dict[str, Any]:
    """Return what the scripts of the suite `workspace` name."""
    inbox, drive = before.inbox, before.cloud_drive
    unread = [email for email in inbox.emails.values() if not email.read]
    largest = sorted(drive.files.values(), key=lambda file: file.size, reverse=True)[:5]
    next_email_id = int(now.inbox._get_next_id())
    return {
        "own_address": inbox.account_email,
        "unread_bodies": _bodies(unread),
        "received_bodies": _bodies(inbox.received),
        "sent_bodies": _bodies(inbox.sent),
        "first_sent_id": str(next_email_id),
        "second_sent_id": str(next_email_id + 1),
        "all_files": _attached(drive.files.values()),
        "largest_files": _attached(largest),
        "each_unread_email": [{"email_id": email.id_} for email in unread],
        "each_largest_file": [{"file_id": file.id_} for file in largest],
        "each_participant_on_may_15": _participants(before.calendar, "2024-05-15"),
    }


def _bodies(emails: list[Any]) -> str:
    return "\n\n".join(email.body for email in emails)


def _attached(files: Any) -> list[dict[str, str]]:
    return [{"type": "file", "file_id": file.id_} for file in files]


def _participants(calendar: Any, day: str) -> list[dict[str, str]]:
    """Return those whom the user meets on a day; first names as the addresses have them."""
    events = [event for event in calendar.events.values() if event.start_time.date().isoformat() == day]
    addresses = dict.fromkeys(address for event in events for address in event.participants)
    return [
        {"address": address, "first_name": address.split(".")[0].capitalize()}
        for address in addresses
        if address != calendar.account_email
    ]
