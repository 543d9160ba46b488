"""What `up`, `run` and `deploy` have in common: the programs that every local cloud needs, and their end."""

import shutil
from dataclasses import dataclass

import health
import processes
import services
import state
import web
from console import Failure, result, say
from settings import CONFIG_FILE, CONFIG_TEMPLATE, ENV_FILE, SCRATCH, STATE_FILE, Ports


@dataclass(frozen=True)
class Models:
    """Where the providers' protocols are spoken."""

    url: str
    ollama_url: str
    ollama_model: str | None  # the user's own, if there is one

    def base_urls(self) -> dict[str, str]:
        """What the functions are told of it."""
        return {
            "OPENCLAW__PROVIDERS__ANTHROPIC__BASE_URL": self.url,
            "OPENCLAW__PROVIDERS__OLLAMA__BASE_URL": self.ollama_url,
            "OPENCLAW__PROVIDERS__OPENAI__BASE_URL": f"{self.url}/v1",
        }


def check_ports(ports: Ports) -> None:
    for variable, port in (("OPENCLAW_PORT", ports.gateway), ("OPENCLAW_AWS_PORT", ports.aws)):
        if web.is_taken(port):
            raise Failure(f"port {port} is taken by another program: stop it, or choose another with {variable}=…")


def start_programs(ports: Ports, *, enforces_policies: bool = False) -> Models:
    """Start the model and the clouds in front of it; `wait_for_programs` waits for them."""
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


def write_config(models: Models, machine_client: str) -> None:
    """The functions' configuration file, with what is only known now filled in."""
    config = CONFIG_TEMPLATE.read_text().replace("local-machine", machine_client)
    if models.ollama_model is not None:
        config = config.replace("vllm/smollm2", models.ollama_model)
    state.write_private(CONFIG_FILE, config)


def stop_all() -> bool:
    """Stop in the order in which nothing loses what it still needs."""
    order = ["end-to-end", "ipv6-proxy", "functions", "build", "ministack", "ollama-proxy", "model"]
    stopped = [processes.stop(name) for name in order]
    for private in (STATE_FILE, ENV_FILE, CONFIG_FILE):
        private.unlink(missing_ok=True)
    # Each package that MiniStack has run lies there unpacked.
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return any(stopped)


def print_addresses(running: state.State) -> None:
    result(f"BASE_URL={running.base_url}")
    result(f"AWS_ENDPOINT_URL={running.ports.aws_url}")
    if running.stream_url is not None:
        result(f"STREAM_URL={running.stream_url}")
    if running.ws_url is not None:
        result(f"WS_URL={running.ws_url}")
