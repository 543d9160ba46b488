"""The programs that every local cloud needs, for `up`, `run` and `deploy`: their start and their end."""

import shutil

import health
import processes
import services
import state
import web
from bundle import Models
from console import Failure, result, say
from settings import BUNDLE_FILE, ENV_FILE, SCRATCH, STATE_FILE, Ports


def check_ports(ports: Ports) -> None:
    for variable, port in (("OPENCLAW_PORT", ports.gateway), ("OPENCLAW_AWS_PORT", ports.aws)):
        if web.is_taken(port):
            raise Failure(f"port {port} is taken by another program: stop it, or choose another with {variable}=…")


def start_programs(ports: Ports, *, enforces_policies: bool = False) -> Models:
    """Start the model, MiniStack and the Ollama proxy in front of it; `wait_for_programs` waits for them."""
    model_port = web.free_port()
    model_url = f"http://127.0.0.1:{model_port}"
    say("starting the local model and MiniStack")
    processes.start(services.model(model_port))
    processes.start(services.ministack(ports, model_url, enforces_policies=enforces_policies))
    if (found := services.real_ollama()) is not None:
        say(f"using the Ollama that runs on {found[0]}, model {found[1]}")
        return Models(model_url, *found)
    ollama_port = web.free_port()
    processes.start(services.ollama_proxy(ollama_port, model_url))
    return Models(model_url, f"http://127.0.0.1:{ollama_port}", None)


def wait_for_programs(ports: Ports, models: Models) -> None:
    health.wait_for("model", "the local model", lambda: health.model(models.url), 120)
    health.wait_for("ministack", "MiniStack", lambda: health.ministack(ports), 60)
    if models.ollama_model is None:
        health.wait_for("ollama-proxy", "the Ollama proxy", lambda: health.ollama(models.ollama_url), 60)


def stop_all() -> bool:
    """Stop every program before the ones that it depends on; return whether any was running."""
    order = ["end-to-end", "ipv6-proxy", "functions", "build", "world", "ministack", "ollama-proxy", "model"]
    stopped = [processes.stop(name) for name in order]
    for private in (STATE_FILE, ENV_FILE, BUNDLE_FILE):
        private.unlink(missing_ok=True)
    # MiniStack unpacks there each package that it runs.
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return any(stopped)


def print_addresses(running: state.State) -> None:
    result(f"BASE_URL={running.base_url}")
    result(f"AWS_ENDPOINT_URL={running.ports.aws_url}")
    if running.stream_url is not None:
        result(f"STREAM_URL={running.stream_url}")
    if running.ws_url is not None:
        result(f"WS_URL={running.ws_url}")
