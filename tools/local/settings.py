"""The names of all paths, ports and resources."""

import os
from dataclasses import dataclass
from pathlib import Path

from console import Failure

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tools" / "local"
STATE = ROOT / ".local"
LOGS = STATE / "logs"
PIDS = STATE / "pids"
SCRATCH = STATE / "tmp"
DEPLOYMENT = STATE / "deployment"
STATE_FILE = STATE / "state.json"
ENV_FILE = STATE / "functions.env"
CONFIG_DIR = HERE / "config"
BUNDLE_FILE = STATE / "bundle.json"
DEPLOYMENT_VARIABLES = HERE / "deployment.tfvars"
VENV_BIN = ROOT / ".venv" / "bin"
OPENCLAW = VENV_BIN / "openclaw"
# What is built for this machine: debug/<function>.
BUILT = ROOT / (os.environ.get("CARGO_TARGET_DIR") or "target") / "debug"

HOST = "127.0.0.1"
IPV6_HOST = "::1"
REGION = "us-east-1"
TABLE = "openclaw"
POOL = "openclaw"
SCOPE_SERVER = "openclaw"
SCOPE_NAME = "invoke"
MODEL_ALIAS = "smollm2"
WEBSOCKET_STAGE = "live"  # as in the Terraform
OLLAMA_PORT = 11434

# The model's context is divided between slots; agents in config/openclaw.yaml
# declare CONTEXT_TOKENS, so the two must stay equal.
CONTEXT_TOKENS = 4096
MODEL_SLOTS = 4

# Requests that a function serves at once: one process each, as on Lambda.
FUNCTION_CONCURRENCY = 4

# Any value will do: MiniStack does not check signatures. They are set so that the
# user's real credentials are never used.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

# The key of the machine client in `authentication.clients`; `make token AS=client` signs it in.
MACHINE_CLIENT = "local-machine"

# Its value names callers in the log.
AUDIT_TABLE = "openclaw-audit"
AUDIT_BUCKET = "openclaw-audit"
AUDIT_TEXTS_BUCKET = "openclaw-audit-contents"

# MiniStack demands a role but does not look it up: `make up` enforces no policies.
LOCAL_ROLE = "arn:aws:iam::000000000000:role/openclaw-local"

DIGEST_SECRET = "openclaw-local/digest-key"

USERS = {
    "alice": ["user", "tenant:acme"],
    "admin": ["admin", "operator", "tenant:acme"],
    "bob": ["user", "tenant:other"],
    "mallory": [],
}
GROUPS = ["admin", "operator", "user", "tenant:acme", "tenant:other"]


@dataclass(frozen=True)
class Ports:
    """The ports that a user may choose."""

    gateway: int
    aws: int

    @property
    def gateway_url(self) -> str:
        return f"http://{HOST}:{self.gateway}"

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self.aws}"


def ports_from_environment() -> Ports:
    """Read OPENCLAW_PORT and OPENCLAW_AWS_PORT."""
    ports = Ports(_port("OPENCLAW_PORT", 9000), _port("OPENCLAW_AWS_PORT", 4566))
    if ports.gateway == ports.aws:
        raise Failure(f"OPENCLAW_PORT and OPENCLAW_AWS_PORT are both {ports.gateway}; choose two ports")
    return ports


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Failure(f"{name}={text!r} is not a port; use a number from 1 to 65535")
    return int(text)


def functions() -> list[str]:
    """Return the names of all functions: a folder of functions/ each."""
    return sorted(manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml"))
