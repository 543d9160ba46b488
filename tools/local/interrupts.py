"""Ctrl-C and SIGTERM as one exception, delayed where it would leave a process behind."""

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
    """The user, or the program that started us, asked us to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def install() -> None:
    """Turn the signals into `Interrupted`, even where a shell started us with SIGINT ignored."""
    for number in _SIGNALS:
        signal.signal(number, _receive)


def follow_parent() -> None:
    """Be interrupted when our parent is: make passes a SIGTERM on to its children, but not a SIGINT.

    A terminal's Ctrl-C reaches everyone, but a supervisor may signal only make,
    which would then wait for us for ever.
    """
    parent = os.getppid()
    catches = _catches_interrupts(parent)
    if catches is False:
        raise Interrupted(signal.SIGINT)  # it came before we started
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def watch() -> None:
        while os.getppid() == parent and _catches_interrupts(parent) == catches:
            time.sleep(0.5)
        signal.pthread_kill(main_thread, signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()


def ignore() -> None:
    """Ignore the signals during the clean-up: a second Ctrl-C would leave processes behind."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def held() -> Iterator[None]:
    """Delay an interruption until the end of the block."""
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


def _catches_interrupts(pid: int) -> bool | None:
    """Return whether make catches SIGINT, as it does until one has come.

    None if it never does, because it was started with SIGINT ignored, or if `pid` is another program.
    """
    try:
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    except OSError:
        return None
    interrupt = 1 << (signal.SIGINT - 1)
    if status["Name"] not in ("make", "gmake") or int(status["SigIgn"], 16) & interrupt:
        return None
    return bool(int(status["SigCgt"], 16) & interrupt)
