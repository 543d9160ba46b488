"""Start and stop background processes so that none is ever left behind.

Each service gets a session of its own. What it starts (cargo lambda starts
cargo, which starts functions, each in its own process group) stays in that
session even when the parent dies, so stopping the session stops all of it.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import interrupts
from console import Failure
from settings import LOGS, PIDS, ROOT

_GRACE_SECONDS = 8.0
_TAIL_LINES = 25
_children: dict[int, subprocess.Popen[bytes]] = {}


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
    """Start `service` in its own session and record it; `visible` shows its output instead of logging it."""
    LOGS.mkdir(parents=True, exist_ok=True)
    PIDS.mkdir(parents=True, exist_ok=True)
    with interrupts.held(), open(os.devnull if visible else service.log, "wb") as log:
        child = subprocess.Popen(
            service.command,
            cwd=ROOT,
            env=service.environment,
            stdin=subprocess.DEVNULL,
            stdout=2 if visible else log,  # 2: our standard error
            stderr=None if visible else subprocess.STDOUT,
            start_new_session=True,
        )
        _children[child.pid] = child
        record = {"pid": child.pid, "started": _start_time(child.pid)}
        _record(service.name).write_text(json.dumps(record))


def run_visibly(service: Service) -> None:
    """Run `service` to its end with its output on our standard error."""
    start(service, visible=True)
    child = _children[json.loads(_record(service.name).read_text())["pid"]]
    status = child.wait()
    stop(service.name)
    if status != 0:
        raise Failure(f"{service.name} failed with exit status {status}; its output is above")


def recorded() -> list[str]:
    """Name what was started and not yet stopped."""
    return sorted(path.stem for path in PIDS.glob("*.json"))


def is_running(name: str) -> bool:
    """Say whether the program itself (not only something it started) is alive."""
    path = _record(name)
    if not path.exists():
        return False
    record = json.loads(path.read_text())
    child = _children.get(record["pid"])
    if child is not None and child.poll() is not None:
        return False
    return _is_alive(record["pid"]) and _start_time(record["pid"]) == record["started"]


def stop(name: str) -> bool:
    """Stop `name` and everything it started; True when there was something to stop."""
    path = _record(name)
    if not path.exists():
        return False
    record = json.loads(path.read_text())
    reused = _is_alive(record["pid"]) and _start_time(record["pid"]) != record["started"]
    stopped = not reused and _stop_session(record["pid"])
    path.unlink(missing_ok=True)
    return stopped


def log_tail(name: str) -> str:
    """The end of a service's log, for an error message."""
    path = LOGS / f"{name}.log"
    if not path.exists():
        return ""
    lines = path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join([f"--- the end of {path} ---", *lines, "---"])


def _record(name: str) -> Path:
    return PIDS / f"{name}.json"


def _stop_session(session: int) -> bool:
    asked: set[int] = set()
    deadline = time.monotonic() + _GRACE_SECONDS
    while members := _session_members(session):
        # Whoever was born meanwhile (a restarted function) is asked as well.
        _signal_all([pid for pid in members if pid not in asked], signal.SIGTERM)
        asked.update(members)
        if time.monotonic() > deadline:
            _signal_all(members, signal.SIGKILL)
        time.sleep(0.05)
    return bool(asked)


def _signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # it ended by itself


def _session_members(session: int) -> list[int]:
    if child := _children.get(session):
        child.poll()  # reaps it: a zombie would look alive
    return [pid for pid in _all_pids() if _session_of(pid) == session and _is_alive(pid)]


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _all_pids() -> list[int]:
    proc = Path("/proc")
    if proc.joinpath("self").exists():
        return [int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()]
    listing = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True)
    return [int(pid) for pid in listing.stdout.split()]


def _is_alive(pid: int) -> bool:
    state = _process_fields(pid)
    return bool(state) and not state[0].startswith("Z")


def _start_time(pid: int) -> str:
    """Tell a process from a later one with the same number."""
    return " ".join(_process_fields(pid)[1:])


def _process_fields(pid: int) -> list[str]:
    """The state and the start time of a process; nothing when there is none."""
    try:
        # The second field is the program's name in brackets and may hold spaces.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [fields[0], fields[19]]
    except (FileNotFoundError, ProcessLookupError):
        pass
    if Path("/proc/self").exists():
        return []
    listing = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listing.stdout.split()
