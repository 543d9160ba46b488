"""Where things are and what they are called: the one place that names paths, ports and resources."""

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
CONFIG_TEMPLATE = HERE / "config" / "openclaw.yaml"
CONFIG_FILE = STATE / "openclaw.yaml"
DEPLOYMENT_VARIABLES = HERE / "deployment.tfvars"
VENV_BIN = ROOT / ".venv" / "bin"

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

# The model's context is shared out between slots; agents in openclaw.yaml
# declare CONTEXT_TOKENS, so the two must stay equal.
CONTEXT_TOKENS = 4096
MODEL_SLOTS = 4

# Requests one function serves at once: one process each, as on Lambda.
FUNCTION_CONCURRENCY = 4

# Any value does: MiniStack checks no signature. They are set so that no real
# credentials of the user are ever looked up.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

USERS = {
    "alice": ["user", "tenant:acme"],
    "admin": ["admin", "tenant:acme"],
    "bob": ["user", "tenant:other"],
    "mallory": [],
}
GROUPS = ["admin", "user", "tenant:acme", "tenant:other"]
SECRETS = ["bedrock/api-key", "openai/api-key", "anthropic/api-key", "ollama/token"]


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
    """Name every function of the workspace: a folder of functions/ each."""
    return sorted(manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml"))
