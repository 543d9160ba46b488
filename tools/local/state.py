"""The state of a running instance between two commands, in a file that only its owner can read."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from console import Failure
from settings import STATE_FILE, Ports


@dataclass(frozen=True)
class Identity:
    """The user pool, its clients and the users' passwords."""

    pool_id: str
    client_id: str
    machine_client_id: str
    machine_client_secret: str
    passwords: dict[str, str]


@dataclass(frozen=True)
class State:
    """An instance that was started."""

    ports: Ports
    base_url: str
    identity: Identity
    stream_url: str | None = None  # where answers are streamed; none where they come in one piece
    ws_url: str | None = None  # where WebSockets are opened
    config: str | None = None  # the configuration directory
    config_digest: str | None = None  # of its files at the start; none after a deployment
    model_url: str | None = None
    ollama_url: str | None = None
    authenticated: bool = True  # whether the gateway asks for tokens
    agent: str | None = "default"  # an agent of the configuration; none where no local user may use one
    user: str = "alice"  # a local user who may use the agent


def save(state: State) -> None:
    write_private(STATE_FILE, json.dumps(asdict(state), indent=2))


def load() -> State:
    """Load the running instance's state, or say that there is none."""
    if not STATE_FILE.exists():
        raise Failure("the local cloud is not running: start it with `make up` or `make run`")
    members = json.loads(STATE_FILE.read_text())
    members["ports"] = Ports(**members["ports"])
    members["identity"] = Identity(**members["identity"])
    return State(**members)


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read, not even for the moment of its creation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
