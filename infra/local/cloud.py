"""The local cloud's commands: up, down, run and token. The Makefile calls them."""

import argparse
import os
import sys
import time

import health
import interrupts
import processes
import services
import state
import web
from console import Failure, result, say
from settings import CONFIG_FILE, CONFIG_TEMPLATE, ENV_FILE, STATE_FILE, TABLE, Ports, functions, ports_from_environment
from tokens import token

_PROMPT = "Say hello and tell me in one sentence what you can do."


def up() -> None:
    """Start everything, or explain what is in the way."""
    ports = ports_from_environment()
    if processes.recorded():
        _report_running(ports)
        return
    _check_ports(ports)
    interrupts.follow_parent()
    try:
        _start(ports)
        _print_addresses(ports)
    except BaseException:
        interrupts.ignore()
        say("start-up did not finish: stopping what was started")
        _stop_all()
        raise


def down() -> None:
    """Stop what `up` started; nothing running is no error."""
    interrupts.ignore()
    stopped = _stop_all()
    say("stopped the local cloud" if stopped else "the local cloud was not running")


def run() -> None:
    """Start everything, show that it works, and wait for Ctrl-C."""
    ports = ports_from_environment()
    if processes.recorded():
        raise Failure("the local cloud is already running (or was not stopped): run `make down` first")
    _check_ports(ports)
    interrupts.follow_parent()
    try:
        _start(ports)
        _show(ports)
        _ask_once(ports)
        say("running; Ctrl-C stops everything")
        _wait_for_the_end()
    finally:
        interrupts.ignore()
        say("stopping everything")
        _stop_all()
        say("stopped; no process is left")


def print_token() -> None:
    """Print one token and nothing else."""
    result(token(state.load(), os.environ.get("AS") or "alice", os.environ.get("USE") or "access"))


def _report_running(ports: Ports) -> None:
    """An instance was started before: fine if it is the one asked for and well, otherwise an error."""
    running = state.load() if STATE_FILE.exists() else None
    if running is None or not health.is_healthy(running):
        parts = ", ".join(processes.recorded())
        raise Failure(f"an earlier start is unfinished or unwell ({parts}): run `make down` first")
    if running.ports != ports:
        raise Failure(
            f"the local cloud is already running on ports {running.ports.gateway} and {running.ports.aws}:"
            " run `make down` before you start it on others"
        )
    say("the local cloud is already running")
    _print_addresses(ports)


def _start(ports: Ports) -> None:
    model_port = web.free_port()
    model_url = f"http://127.0.0.1:{model_port}"
    say("starting the local model and MiniStack")
    processes.start(services.model(model_port))
    processes.start(services.ministack(ports, model_url))
    ollama_url, ollama_model = _start_ollama(model_url)

    say(f"building the functions ({', '.join(functions())}); the first build takes minutes")
    processes.run_visibly(services.build())

    health.wait_for("model", "the local model", lambda: health.model(model_url), 120)
    health.wait_for("ministack", "MiniStack", lambda: health.ministack(ports), 60)
    if ollama_model is None:
        health.wait_for("ollama-proxy", "the Ollama proxy", lambda: health.ollama(ollama_url), 60)
    running = _create_resources(ports)
    _configure(running, model_url, ollama_url, ollama_model)

    say("starting the functions")
    processes.start(services.watch(ports))
    if web.has_ipv6_loopback():
        processes.start(services.ipv6_door(ports))
    health.wait_for_functions(running)
    say("healthy")


def _check_ports(ports: Ports) -> None:
    for variable, port in (("OPENCLAW_PORT", ports.gateway), ("OPENCLAW_AWS_PORT", ports.aws)):
        if web.is_taken(port):
            raise Failure(f"port {port} is taken by another program: stop it, or choose another with {variable}=…")


def _start_ollama(model_url: str) -> tuple[str, str | None]:
    """The address of Ollama, and the model to use when it is the user's own."""
    if (found := services.real_ollama()) is not None:
        say(f"using the Ollama that runs on {found[0]}, model {found[1]}")
        return found
    port = web.free_port()
    processes.start(services.ollama_proxy(port, model_url))
    return f"http://127.0.0.1:{port}", None


def _create_resources(ports: Ports) -> state.State:
    # Here, not at the top: the SDK's half second of loading would slow `make token`.
    from resources import Account

    say("creating the table, the user pool and the secrets")
    account = Account(ports.aws_url)
    account.create_table()
    account.create_secrets()
    running = state.State(ports, account.create_identity())
    state.save(running)
    say("checking that Bedrock reaches the local model")
    health.check_bedrock(account)
    return running


def _configure(running: state.State, model_url: str, ollama_url: str, ollama_model: str | None) -> None:
    """Write the functions' configuration file and environment."""
    identity = running.identity
    config = CONFIG_TEMPLATE.read_text().replace("local-machine", identity.machine_client_id)
    if ollama_model is not None:
        config = config.replace("vllm/smollm2", ollama_model)
    state.write_private(CONFIG_FILE, config)
    environment = services.function_environment(running.ports, str(CONFIG_FILE), TABLE) | {
        "OPENCLAW__AUTHENTICATION__CLIENT_ID": identity.client_id,
        "OPENCLAW__AUTHENTICATION__JWKS_URL": f"{running.ports.aws_url}/{identity.pool_id}/.well-known/jwks.json",
        "OPENCLAW__AUTHENTICATION__USER_POOL_ID": identity.pool_id,
        "OPENCLAW__PROVIDERS__ANTHROPIC__BASE_URL": model_url,
        "OPENCLAW__PROVIDERS__OLLAMA__BASE_URL": ollama_url,
        "OPENCLAW__PROVIDERS__OPENAI__BASE_URL": f"{model_url}/v1",
    }
    lines = [f"{name}={value}\n" for name, value in sorted(environment.items())]
    state.write_private(ENV_FILE, "".join(lines))


def _stop_all() -> bool:
    """Stop in the order in which nothing loses what it still needs."""
    order = ["ipv6-door", "functions", "build", "ministack", "ollama-proxy", "model"]
    stopped = [processes.stop(name) for name in order]
    for private in (STATE_FILE, ENV_FILE, CONFIG_FILE):
        private.unlink(missing_ok=True)
    return any(stopped)


def _print_addresses(ports: Ports) -> None:
    result(f"BASE_URL={ports.gateway_url}")
    result(f"AWS_ENDPOINT_URL={ports.aws_url}")


def _show(ports: Ports) -> None:
    _print_addresses(ports)
    result("A token:   make token              (AS=alice, admin, bob, mallory or client)")
    result(
        "A request: curl -s -H \"Authorization: Bearer $(make token)\""
        f" -d '{{\"prompt\": \"Hello\"}}' {ports.gateway_url}/v1/agent/default"
    )


def _ask_once(ports: Ports) -> None:
    say(f"asking the default agent: {_PROMPT}")
    answer = web.request(
        f"{ports.gateway_url}/v1/agent/default",
        body={"prompt": _PROMPT},
        headers={"authorization": f"Bearer {token(state.load(), 'alice')}"},
        timeout=120,
    )
    if answer is None or answer.status != 200:
        what = f"status {answer.status}: {answer.text}" if answer else "no answer"
        raise Failure(f"the first request failed with {what}\n{processes.log_tail('functions')}")
    result(answer.text)


def _wait_for_the_end() -> None:
    while True:
        time.sleep(0.5)
        if ended := [name for name in processes.recorded() if not processes.is_running(name)]:
            raise Failure(f"{ended[0]} has stopped by itself\n{processes.log_tail(ended[0])}")
        if not processes.recorded():
            say("stopped by `make down`")
            return


_COMMANDS = {"up": up, "down": down, "run": run, "token": print_token}


def main() -> int:
    """Run one command; a failure is a text for the user, never a trace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=sorted(_COMMANDS))
    command = _COMMANDS[parser.parse_args().command]
    interrupts.install()
    try:
        command()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except interrupts.Interrupted as interruption:
        say("interrupted")
        return 128 + interruption.number
    return 0


if __name__ == "__main__":
    sys.exit(main())
