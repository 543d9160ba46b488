"""Start and stop background processes so that none is ever left behind.

Sessions and process groups do not hold what belongs together: cargo lambda gives
each function a session of its own. So whatever we start carries a mark in its
environment, which everything it starts inherits, and stopping goes by the mark.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
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
    """Start `service`, out of Ctrl-C's reach, and record it; `visible` shows its output instead of logging it."""
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


def run_visibly(service: Service) -> None:
    """Run `service` to its end with its output on our standard error."""
    start(service, visible=True)
    status = _children[service.name].wait()
    stop(service.name)
    if status != 0:
        raise Failure(f"{service.name} failed with exit status {status}; its output is above")


def recorded() -> list[str]:
    """Name what was started and not yet stopped."""
    return sorted(path.stem for path in PIDS.glob("*.pid"))


def is_running(name: str) -> bool:
    """Say whether the program itself (not only something it started) is alive."""
    path = _pid_file(name)
    return path.exists() and int(path.read_text()) in _members(name)


def stop(name: str) -> bool:
    """Stop `name` and everything it started; True when there was something to stop."""
    asked: set[int] = set()
    deadline = time.monotonic() + _GRACE_SECONDS
    while members := _members(name):
        # Whoever was born meanwhile (a restarted function) is asked as well.
        _signal_all(members - asked, signal.SIGTERM)
        asked |= members
        if time.monotonic() > deadline:
            _signal_all(members, signal.SIGKILL)
        time.sleep(0.05)
    _pid_file(name).unlink(missing_ok=True)
    return bool(asked)


def log_tail(name: str) -> str:
    """The end of a service's log, for an error message."""
    path = LOGS / f"{name}.log"
    if not path.exists():
        return ""
    lines = path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join([f"--- the end of {path} ---", *lines, "---"])


def _pid_file(name: str) -> Path:
    return PIDS / f"{name}.pid"


def _mark(name: str) -> str:
    """Unlike any other checkout's."""
    return f"{ROOT}:{name}"


def _members(name: str) -> set[int]:
    """Everything alive that carries the mark."""
    if child := _children.get(name):
        child.poll()  # reaps it once it has ended
    wanted = f"{_MARK}={_mark(name)}"
    return {pid for pid, variables in _environments() if wanted in variables}


def _environments() -> Iterator[tuple[int, list[str]]]:
    """The environment of each process that we may look into; that of one that has ended is empty."""
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
    """The same where there is no /proc, as on macOS."""
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
