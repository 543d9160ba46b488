"""The local cloud's commands: up, down, run, deploy and token. The Makefile calls them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import bundle
import console
import health
import instance
import interrupts
import processes
import services
import state
import web
import world
from console import Failure, result, say
from settings import CONFIG_DIR, STATE_FILE, Ports, ports_from_environment
from tokens import token

_PROMPT = "Say hello and tell me in one sentence what you can do."


def prepare() -> None:
    """Refuse a start that cannot succeed, then begin to build; for start.sh, which installs the packages meanwhile."""
    ports = ports_from_environment()
    _check_start(ports)
    world.read(bundle.chosen_directory(), ports)
    try:
        processes.start_ahead(services.build())
    except BaseException:
        interrupts.ignore()
        instance.stop_all()
        raise


def up() -> None:
    """Start everything, or ask every part of what runs already."""
    ports, directory = ports_from_environment(), bundle.chosen_directory()
    if processes.recorded():
        _report_running(ports, directory)
        return
    try:
        interrupts.follow_parent()
        instance.check_ports(ports)
        instance.print_addresses(_start(ports, directory))
    except BaseException:
        interrupts.ignore()
        if instance.stop_all():
            say("the start did not finish; everything is stopped again")
        raise


def down() -> None:
    """Stop everything that `up` started; does nothing if nothing runs."""
    interrupts.ignore()
    stopped = instance.stop_all()
    say("stopped the local cloud" if stopped else "the local cloud was not running")


def run() -> None:
    """Start everything, make one request, and wait for Ctrl-C."""
    ports, directory = ports_from_environment(), bundle.chosen_directory()
    _check_start(ports)
    try:
        interrupts.follow_parent()
        running = _start(ports, directory)
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
    """Apply the Terraform to a local cloud of its own, test the result, and destroy it."""
    from deploy import deploy as run_deployment  # loads the SDK, which would slow `make token`

    run_deployment()


def print_token() -> None:
    """Print one token and nothing else."""
    result(token(state.load(), os.environ.get("AS") or "alice", os.environ.get("USE") or "access"))


def _check_start(ports: Ports) -> None:
    if processes.recorded():
        raise Failure("the local cloud is already running (or was not stopped): run `make down` first")
    instance.check_ports(ports)


def _report_running(ports: Ports, directory: Path) -> None:
    """Print the addresses of what runs, if it is what was asked for and every part of it answers."""
    if not STATE_FILE.exists():
        parts = ", ".join(processes.recorded())
        raise Failure(f"an earlier start did not finish ({parts}): run `make down` first")
    running = state.load()
    if running.ports != ports:
        raise Failure(
            f"the local cloud is already running on ports {running.ports.gateway} and {running.ports.aws}:"
            " run `make down` before you start it on others"
        )
    if running.config != str(directory):
        raise Failure(
            f"the local cloud is already running with the configuration in {running.config}:"
            f" run `make down` before you start it with {directory}"
        )
    if running.config_digest not in (None, bundle.digest(bundle.read(directory), directory)):
        raise Failure(f"the files in {directory} have changed since the start: run `make down` and start it anew")
    say("the local cloud is already running: asking every part")
    if dead := health.dead_parts(running):
        reasons = "".join(f"\n  {name}: {reason}" for name, reason in sorted(dead.items()))
        raise Failure(f"these parts of the local cloud do not answer (`make down` and `make up` start anew):{reasons}")
    instance.print_addresses(running)


def _start(ports: Ports, directory: Path) -> state.State:
    from start import start  # loads the SDK, which would slow `make token`

    running = start(ports, directory)
    console.say_phases()
    return running


def _show(running: state.State) -> None:
    instance.print_addresses(running)
    result("A token:   make token              (AS=alice, admin, bob, mallory or client)")
    if running.agent is None:
        return
    who = "" if running.user == "alice" else f" AS={running.user}"
    header = f' -H "Authorization: Bearer $(make token{who})"' if running.authenticated else ""
    result(f'A request: curl -s{header} -d \'{{"prompt": "Hello"}}\' {running.base_url}/v1/agent/{running.agent}')


def _ask_once(running: state.State) -> None:
    if running.agent is None:
        say("no request was made: no local user may use an agent, see above")
        return
    say(f"asking the agent {running.agent} as {running.user}: {_PROMPT}")
    answer = web.request(
        f"{running.base_url}/v1/agent/{running.agent}",
        body={"prompt": _PROMPT},
        headers={"authorization": f"Bearer {token(running, running.user)}"},
        timeout=120,
    )
    if answer is not None and answer.status == 200:
        result(answer.text)
        return
    what = f"status {answer.status}: {answer.text}" if answer else "no answer"
    if running.config == str(CONFIG_DIR):
        raise Failure(f"the first request failed with {what}\n{processes.log_tail('functions')}")
    # The configuration may name a provider that this machine cannot reach.
    say(f"the first request failed with {what}")


def _wait_for_the_end() -> None:
    while True:
        time.sleep(0.5)
        if ended := [name for name in processes.recorded() if not processes.is_running(name)]:
            raise Failure(f"{ended[0]} has stopped by itself\n{processes.log_tail(ended[0])}")
        if not processes.recorded():
            say("stopped by `make down`")
            return


_COMMANDS = {"prepare": prepare, "up": up, "down": down, "run": run, "deploy": deploy, "token": print_token}


def main() -> int:
    """Run one command; a failure is a text for the user, never a traceback."""
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
