"""The programs of the local cloud: how each one is started, and at which address it answers."""

import os
import shutil
import sys
from pathlib import Path

import web
from console import Failure, say
from processes import Service
from settings import (
    BUILT,
    CREDENTIALS,
    ENV_FILE,
    FUNCTION_CONCURRENCY,
    HERE,
    HOST,
    OLLAMA_PORT,
    REGION,
    ROOT,
    SCRATCH,
    VENV_BIN,
    Ports,
    functions,
)
from state import State

# Long enough for the small model on a busy machine: past it MiniStack does not
# fail but answers with a canned text.
_MODEL_TIMEOUT_SECONDS = 240


def model(port: int) -> Service:
    """Serve the small model with OpenAI's and Anthropic's routes."""
    return Service("model", [sys.executable, str(HERE / "model.py"), str(port)], _bare_environment())


def ministack(ports: Ports, model_url: str, *, enforces_policies: bool = False) -> Service:
    """Serve the local AWS, with the small model behind Bedrock.

    Where it enforces policies, our own credentials are those of the account's root.
    """
    # Functions that run inside MiniStack inherit its whole environment, which
    # gives them the endpoint: nothing else may be in it.
    environment = _bare_environment() | {
        "AWS_ENDPOINT_URL": ports.aws_url,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(ports.aws),
        "IOT_MTLS_ENABLED": "0",  # would take port 8883
        "MINISTACK_BEDROCK_PROXY_TIMEOUT_SECONDS": str(_MODEL_TIMEOUT_SECONDS),
        "MINISTACK_BEDROCK_PROXY_URL": model_url,
    }
    if enforces_policies:
        environment |= CREDENTIALS | {"AUTH": "true"}
    return Service("ministack", [str(VENV_BIN / "ministack")], environment)


def ollama_proxy(port: int, model_url: str) -> Service:
    """Serve Ollama's protocol in front of the small model."""
    # The provider is the part of a model's name before "/"; without one it is `openai`.
    environment = _bare_environment() | {
        f"PROVIDERS_{provider}_{setting}": value
        for provider in ("OPENAI", "VLLM")
        for setting, value in (("BASE_URL", f"{model_url}/v1"), ("API_KEY", "EMPTY"))
    }
    command = [str(VENV_BIN / "ollama-proxy"), "serve", "--host", HOST, "--port", str(port)]
    return Service("ollama-proxy", command, environment)


def real_ollama() -> tuple[str, str] | None:
    """Return the address and the first model of an Ollama that the user already runs; None if there is none."""
    url = f"http://{HOST}:{OLLAMA_PORT}"
    version = web.request(f"{url}/api/version", timeout=1)
    if version is None or version.status != 200 or "version" not in (version.json() or {}):
        return None
    tags = web.request(f"{url}/api/tags", timeout=3)
    models = (tags.json() or {}).get("models", []) if tags else []
    if not models:
        say(f"Ollama on {url} has no model: using the local model instead")
        return None
    return url, models[0]["name"]


def world(directory: Path) -> Service:
    """Serve the HTTP services of a configuration's world."""
    return Service("world", [sys.executable, str(HERE / "world_http.py"), str(directory)], _bare_environment())


def build() -> Service:
    """Build `openclaw` and every function before the first request, which would otherwise wait for the compiler."""
    # `cargo lambda watch` selects from the whole workspace as well: so it finds each function built.
    binaries = [word for name in ("openclaw", *functions()) for word in ("--bin", name)]
    return Service("build", [_cargo(), "build", *binaries], _cargo_environment())


def watch(ports: Ports) -> Service:
    """Serve every function at one address; without reloading, since any change of a file would cut requests off."""
    command = [str(VENV_BIN / "cargo-lambda"), "lambda", "watch", "--disable-cors", "--ignore-changes"]
    command += ["--invoke-address", HOST, "--invoke-port", str(ports.gateway)]
    command += ["--concurrency", str(FUNCTION_CONCURRENCY), "--env-file", str(ENV_FILE)]
    environment = _cargo_environment()
    # It finds the cargo of bin/ first, which starts what is built.
    environment |= {
        "LOCAL_CLOUD_BUILT": str(BUILT),
        "LOCAL_CLOUD_CARGO": _cargo(),
        "PATH": f"{HERE / 'bin'}:{environment['PATH']}",
    }
    return Service("functions", command, environment)


def ipv6_proxy(ports: Ports) -> Service:
    """Serve the gateway on the IPv6 loopback address as well."""
    return Service("ipv6-proxy", [sys.executable, str(HERE / "ipv6_proxy.py"), str(ports.gateway)], _bare_environment())


def end_to_end(running: State, audit_bucket: str, without: list[str]) -> Service:
    """Run the end-to-end tests against the gateway that `running` names, without those in `without`."""
    chosen = " and not ".join(["all()", *(f"test({name})" for name in without)])
    command = [str(VENV_BIN / "cargo-nextest"), "nextest", "run", "--workspace", "--locked"]
    # No other test is built.
    command += ["--test", "end_to_end", "-E", chosen]
    tested = {
        "OPENCLAW_TEST_AUDIT_BUCKET": audit_bucket,
        "OPENCLAW_TEST_AWS_ENDPOINT_URL": running.ports.aws_url,
        "OPENCLAW_TEST_BASE_URL": running.base_url,
    }
    if running.ws_url is not None:
        tested["OPENCLAW_TEST_WS_URL"] = running.ws_url
    return Service("end-to-end", command, _cargo_environment() | tested)


def function_environment(ports: Ports, config: str, table: str) -> dict[str, str]:
    """Return the environment of every function; the rest is in its configuration."""
    return CREDENTIALS | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": ports.aws_url,
        "AWS_REGION": REGION,
        "NO_PROXY": f"{HOST},localhost",
        "OPENCLAW_CONFIG": config,
        "OPENCLAW_LOCAL": "1",
        "OPENCLAW_TABLE": table,
    }


def openclaw_environment() -> dict[str, str]:
    """Return what `openclaw` runs with: it judges a configuration by the local cloud's rules."""
    return _cargo_environment() | {"OPENCLAW_LOCAL": "1"}


def _bare_environment() -> dict[str, str]:
    """Return an environment without the user's own: a proxy or a credential would change what the services do."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    path = f"{VENV_BIN}:{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "HOME": os.environ.get("HOME", str(ROOT)), "LANG": "C.UTF-8", "TMPDIR": str(SCRATCH)}


def _cargo_environment() -> dict[str, str]:
    """Return the user's environment, which cargo needs, less everything that names a real AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    no_profile = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return kept | no_profile | {"PATH": f"{VENV_BIN}:{os.environ.get('PATH', os.defpath)}"}


def _cargo() -> str:
    found = shutil.which("cargo")
    if found is None:
        raise Failure("cargo is not on the PATH: install Rust with rustup, open a new shell and try again")
    return found
