"""Ctrl-C and SIGTERM as one exception, held back where it would leave a process behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_held = False
_pending: int | None = None


class Interrupted(BaseException):
    """The user, or whoever started us, asked us to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def install() -> None:
    """Turn the signals into `Interrupted`, even where a shell started us with SIGINT ignored."""
    for number in _SIGNALS:
        signal.signal(number, _receive)


def ignore() -> None:
    """Let nothing break off the clean-up: a second Ctrl-C would leave processes behind."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def held() -> Iterator[None]:
    """Delay an interruption to the end of the block."""
    global _held
    _held = True
    try:
        yield
    finally:
        _held = False
    if _pending is not None:
        raise Interrupted(_pending)


def _receive(number: int, _frame: object) -> None:
    global _pending
    _pending = number
    if not _held:
        raise Interrupted(number)
