"""Ctrl-C and SIGTERM as one exception, held back where it would leave a process behind."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def follow_parent() -> None:
    """Be interrupted when our parent is: make tells its children of a SIGTERM, but not of a SIGINT.

    A terminal's Ctrl-C reaches everyone, but a supervisor may signal only make,
    which would then wait for us for ever.
    """
    parent = os.getppid()
    catches = _catches_interrupts(parent)
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def watch() -> None:
        while os.getppid() == parent and _catches_interrupts(parent) == catches:
            time.sleep(0.5)
        signal.pthread_kill(main_thread, signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()


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


def _catches_interrupts(pid: int) -> bool:
    """Say whether `pid` is a make that waits for SIGINT: it stops doing so once one has come."""
    try:
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    except OSError:
        return False
    return status["Name"] in ("make", "gmake") and bool(int(status["SigCgt"], 16) >> (signal.SIGINT - 1) & 1)
