"""What a Lambda function gets from OpenClaw on Lambda. Copy this file beside your own function."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_MEMBERS = {"action": str, "arguments": dict, "args": dict, "caller": dict, "run": str, "call": str}
_CALLER = {"user": str, "tenant": str, "groups": list}


@dataclass(frozen=True)
class Call:
    """A call: the action's name, who asks for it, and the keys by which it is recognised."""

    action: str
    user: str
    tenant: str
    groups: tuple[str, ...]
    run: str
    call: str  # the same when the call is repeated: use it as an idempotency key


def member(values: dict[str, Any], name: str, kind: type, at: str = "") -> Any:
    """Return a member. Raise ValueError, which never has the value, if it is missing or of another type."""
    if name not in values:
        raise ValueError(f"{at}{name} is missing")
    # To Python a truth value is a number as well.
    if not isinstance(values[name], kind) or (kind is int and isinstance(values[name], bool)):
        raise ValueError(f"{at}{name} is not of the type {kind.__name__}")
    return values[name]


def action(handler: Callable[[dict[str, Any], dict[str, Any], Call], Any]) -> Callable[[Any, Any], Any]:
    """Make a Lambda handler of a function of arguments, args and context, which returns what JSON can hold."""

    @functools.wraps(handler)
    def handle(event: Any, _lambda_context: Any = None) -> Any:
        if not isinstance(event, dict):
            raise ValueError("the payload is not of the type dict")
        found = {name: member(event, name, kind) for name, kind in _MEMBERS.items()}
        caller = {name: member(found["caller"], name, kind, "caller.") for name, kind in _CALLER.items()}
        if not all(isinstance(group, str) for group in caller["groups"]):
            raise ValueError("caller.groups is not a list of texts")
        groups = tuple(caller["groups"])
        call = Call(found["action"], caller["user"], caller["tenant"], groups, found["run"], found["call"])
        return handler(found["arguments"], found["args"], call)

    return handle
