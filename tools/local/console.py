"""Progress for the user, on standard error: standard output is for results."""

import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

# Seconds that passed before this program began, as start.sh says: those of the installation.
_START = time.monotonic() - max(0.0, time.time() - float(os.environ.get("LOCAL_CLOUD_STARTED") or time.time()))
_phases: list[tuple[str, float]] = []
_HEARTBEAT_SECONDS = 5.0


class Failure(Exception):
    """An error that the user can act on; its text says what was wrong and what to do."""


def say(text: str) -> None:
    """Print a line of progress with the time since the start."""
    _print(f"[{time.monotonic() - _START:6.1f} s] {text}", sys.stderr)


def end_phase(name: str) -> None:
    """Record that a phase of the start ends now."""
    _phases.append((name, time.monotonic() - _START))


def say_phases() -> None:
    """Print the seconds of each phase."""
    begins = [0.0, *(end for _, end in _phases)]
    seconds = [f"{name} {end - begin:.1f} s" for (name, end), begin in zip(_phases, begins, strict=False)]
    say(f"ready: {', '.join(seconds)}")


def result(text: str) -> None:
    """Print a line of the command's result."""
    _print(text, sys.stdout)


def _print(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        # Its reader, such as `head`, has read enough. What follows goes nowhere, so that nothing stops halfway.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def wait_until(what: str, probe: Callable[[], str | None], timeout_seconds: float) -> None:
    """Call `probe` until it returns None; until then it returns the reason to wait.

    A line every few seconds says what the wait is for.
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
