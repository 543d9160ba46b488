"""Start and stop background processes so that none is ever left behind.

Sessions and process groups do not hold related processes together: cargo lambda
gives each function a session of its own. So every program that we start carries a
mark in its environment, which its children inherit, and stopping goes by the mark.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import interrupts
from console import Failure
from settings import LOGS, PIDS, ROOT

_MARK = "LOCAL_CLOUD_PROCESS"
_GRACE_SECONDS = 8.0
_TAIL_LINES = 25
_children: dict[str, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Service:
    """A program to run in the background, with exactly this environment."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"


def start(service: Service, *, visible: bool = False) -> None:
    """Start `service` out of reach of Ctrl-C and record it; `visible` shows its output instead of logging it."""
    LOGS.mkdir(parents=True, exist_ok=True)
    PIDS.mkdir(parents=True, exist_ok=True)
    with interrupts.held(), open(os.devnull if visible else service.log, "wb") as log:
        child = subprocess.Popen(
            service.command,
            cwd=ROOT,
            env=service.environment | {_MARK: _mark(service.name)},
            stdin=subprocess.DEVNULL,
            stdout=2 if visible else log,  # 2: our standard error
            stderr=None if visible else subprocess.STDOUT,
            start_new_session=True,
        )
        _children[service.name] = child
        _pid_file(service.name).write_text(str(child.pid))


def start_ahead(service: Service) -> None:
    """Start `service` with its output on our standard error, without a record: a later command starts it as well."""
    with interrupts.held():
        subprocess.Popen(
            service.command,
            cwd=ROOT,
            # Beside pip, whose lines cargo's progress bar would overwrite.
            env=service.environment | {_MARK: _mark(service.name), "CARGO_TERM_PROGRESS_WHEN": "never"},
            stdin=subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
        )


def run_visibly(service: Service, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Run `service` to its end with its output on our standard error; an exception of `meanwhile` ends the wait."""
    start(service, visible=True)
    child = _children[service.name]
    while (status := child.poll()) is None:
        meanwhile()
        time.sleep(0.1)
    stop(service.name)
    if status != 0:
        raise Failure(f"{service.name} failed with exit status {status}; its output is above")


def recorded() -> list[str]:
    """Return the names of the services that were started and not yet stopped."""
    return sorted(path.stem for path in PIDS.glob("*.pid"))


def is_running(name: str) -> bool:
    """Return whether the program itself (not only something it started) is alive."""
    if child := _children.get(name):
        # Not by its mark: a program that is being loaded has no environment for a moment.
        return child.poll() is None
    try:
        return int(_pid_file(name).read_text()) in _members(name)
    except FileNotFoundError:
        return False


def stop(name: str) -> bool:
    """Stop `name` and everything it started; return whether there was anything to stop."""
    asked: set[int] = set()
    deadline = time.monotonic() + _GRACE_SECONDS
    while members := _members(name):
        # Processes that started meanwhile (a restarted function) are signalled as well.
        _signal_all(members - asked, signal.SIGTERM)
        asked |= members
        if time.monotonic() > deadline:
            _signal_all(members, signal.SIGKILL)
        time.sleep(0.05)
    _pid_file(name).unlink(missing_ok=True)
    return bool(asked)


def log_tail(name: str) -> str:
    """Return the end of a service's log, for an error message."""
    path = LOGS / f"{name}.log"
    if not path.exists():
        return ""
    lines = path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join([f"--- the end of {path} ---", *lines, "---"])


def _pid_file(name: str) -> Path:
    return PIDS / f"{name}.pid"


def _mark(name: str) -> str:
    """Return the mark of a service, which differs from that of any other checkout."""
    return f"{ROOT}:{name}"


def _members(name: str) -> set[int]:
    """Return every living process that carries the mark."""
    if child := _children.get(name):
        child.poll()  # reaps it once it has ended
    wanted = f"{_MARK}={_mark(name)}"
    return {pid for pid, variables in _environments() if wanted in variables}


def _environments() -> Iterator[tuple[int, list[str]]]:
    """Yield the environment of each process that we may read; it is empty where the process has ended."""
    proc = Path("/proc")
    if not proc.joinpath("self", "environ").exists():
        yield from _environments_by_ps()
        return
    for entry in proc.iterdir():
        if entry.name.isdecimal():
            try:
                yield int(entry.name), entry.joinpath("environ").read_text(errors="replace").split("\0")
            except OSError:
                pass  # another user's, or gone meanwhile


def _environments_by_ps() -> Iterator[tuple[int, list[str]]]:
    """Yield the same where there is no /proc, as on macOS."""
    command = ["ps", "-A", "-E", "-ww", "-o", "pid=,command="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        pid, *words = line.split()
        yield int(pid), words


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # it ended by itself
