"""The local cloud's commands: up, down, run, deploy and token. The Makefile calls them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import health
import instance
import interrupts
import processes
import services
import state
import web
from console import Failure, result, say
from settings import CONFIG_FILE, ENV_FILE, STATE_FILE, TABLE, Ports, functions, ports_from_environment
from tokens import token

if TYPE_CHECKING:
    from resources import Account

_PROMPT = "Say hello and tell me in one sentence what you can do."


def up() -> None:
    """Start everything, or explain what is in the way."""
    ports = ports_from_environment()
    if processes.recorded():
        _report_running(ports)
        return
    instance.check_ports(ports)
    interrupts.follow_parent()
    try:
        instance.print_addresses(_start(ports))
    except BaseException:
        interrupts.ignore()
        say("start-up did not finish: stopping what was started")
        instance.stop_all()
        raise


def down() -> None:
    """Stop what `up` started; nothing running is no error."""
    interrupts.ignore()
    stopped = instance.stop_all()
    say("stopped the local cloud" if stopped else "the local cloud was not running")


def run() -> None:
    """Start everything, show that it works, and wait for Ctrl-C."""
    ports = ports_from_environment()
    if processes.recorded():
        raise Failure("the local cloud is already running (or was not stopped): run `make down` first")
    instance.check_ports(ports)
    interrupts.follow_parent()
    try:
        running = _start(ports)
        _show(running)
        _ask_once(running)
        say("running; Ctrl-C stops everything")
        _wait_for_the_end()
    finally:
        interrupts.ignore()
        say("stopping everything")
        instance.stop_all()
        say("stopped; no process is left")


def deploy() -> None:
    """Apply the Terraform to a local cloud of its own, test what stands there, and take it away again."""
    from deploy import deploy as run_deployment  # loads the SDK, which would slow `make token`

    run_deployment()


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
    instance.print_addresses(running)


def _start(ports: Ports) -> state.State:
    models = instance.start_programs(ports)
    say(f"building the functions ({', '.join(functions())}); the first build takes minutes")
    processes.run_visibly(services.build())

    instance.wait_for_programs(ports, models)
    # Here, not at the top: the SDK's half second of loading would slow `make token`.
    import websocket_api
    from resources import Account

    account = Account(ports.aws_url)
    running = _create_resources(account, ports)
    environment = _configure(running, models)
    say("deploying what serves WebSockets")
    running = replace(running, ws_url=websocket_api.create(account, ports, environment))
    state.save(running)

    say("starting the functions")
    processes.start(services.watch(ports))
    if web.has_ipv6_loopback():
        processes.start(services.ipv6_proxy(ports))
    health.wait_for_functions("functions", running)
    say("healthy")
    return running


def _create_resources(account: Account, ports: Ports) -> state.State:
    say("creating the table, the user pool and the secrets")
    account.create_table()
    account.create_secrets()
    running = state.State(ports, ports.gateway_url, account.create_identity(), stream_url=ports.gateway_url)
    say("checking that Bedrock reaches the local model")
    health.check_bedrock(account)
    return running


def _configure(running: state.State, models: instance.Models) -> dict[str, str]:
    """Write the functions' configuration file and environment; the latter."""
    import websocket_api

    identity = running.identity
    instance.write_config(models, identity.machine_client_id)
    environment = services.function_environment(running.ports, str(CONFIG_FILE), TABLE) | models.base_urls()
    environment |= websocket_api.variables(running.ports) | {
        "OPENCLAW__AUTHENTICATION__CLIENT_ID": identity.client_id,
        "OPENCLAW__AUTHENTICATION__JWKS_URL": f"{running.ports.aws_url}/{identity.pool_id}/.well-known/jwks.json",
        "OPENCLAW__AUTHENTICATION__USER_POOL_ID": identity.pool_id,
    }
    lines = [f"{name}={value}\n" for name, value in sorted(environment.items())]
    state.write_private(ENV_FILE, "".join(lines))
    return environment


def _show(running: state.State) -> None:
    instance.print_addresses(running)
    result("A token:   make token              (AS=alice, admin, bob, mallory or client)")
    result(
        "A request: curl -s -H \"Authorization: Bearer $(make token)\""
        f" -d '{{\"prompt\": \"Hello\"}}' {running.base_url}/v1/agent/default"
    )


def _ask_once(running: state.State) -> None:
    say(f"asking the default agent: {_PROMPT}")
    answer = web.request(
        f"{running.base_url}/v1/agent/default",
        body={"prompt": _PROMPT},
        headers={"authorization": f"Bearer {token(running, 'alice')}"},
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


_COMMANDS = {"up": up, "down": down, "run": run, "deploy": deploy, "token": print_token}


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
