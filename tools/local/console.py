"""What the user sees while waiting. All of it goes to standard error: standard output is for results."""

import sys
import time
from collections.abc import Callable

_START = time.monotonic()
_HEARTBEAT_SECONDS = 5.0


class Failure(Exception):
    """Something the user can act on; its text says what was wrong and what to do."""


def say(text: str) -> None:
    """Print one progress line with the time since the start."""
    print(f"[{time.monotonic() - _START:6.1f} s] {text}", file=sys.stderr, flush=True)


def result(text: str) -> None:
    """Print one line of the command's result."""
    print(text, flush=True)


def wait_until(what: str, probe: Callable[[], str | None], timeout_seconds: float) -> None:
    """Call `probe` until it returns None; what it returns meanwhile is the reason to wait.

    A line every few seconds shows that the wait is alive and what it is for.
    """
    begin = time.monotonic()
    next_line = begin + _HEARTBEAT_SECONDS
    while (reason := probe()) is not None:
        now = time.monotonic()
        if now - begin > timeout_seconds:
            raise Failure(f"{what} is not ready after {timeout_seconds:.0f} s: {reason}")
        if now >= next_line:
            say(f"  still waiting for {what}: {reason}")
            next_line = now + _HEARTBEAT_SECONDS
        time.sleep(0.2)
