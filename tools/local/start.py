"""The start of a local cloud; steps that do not depend on each other run side by side."""

from dataclasses import dataclass, replace
from pathlib import Path

import audit
import bundle
import console
import health
import instance
import processes
import services
import state
import web
import websocket_api
import world
from bundle import Bundle, Models
from console import say
from parallel import Task, wait_for_all
from resources import Account
from settings import BUNDLE_FILE, ENV_FILE, TABLE, USERS, Ports, functions
from world import World


@dataclass(frozen=True)
class _Cloud:
    """The resources that are ready before the functions are built."""

    account: Account
    identity: state.Identity


def start(ports: Ports, directory: Path) -> state.State:
    """Start everything and wait until it is healthy."""
    console.end_phase("install")
    surroundings = world.read(directory, ports)
    models = instance.start_programs(ports)
    preparation = Task(lambda: _prepare_cloud(ports, models, surroundings))
    say(f"building openclaw and the functions ({', '.join(functions())}); the first build takes minutes")
    processes.run_visibly(services.build(), meanwhile=preparation.is_done)
    console.end_phase("build")

    bundle.install()
    written = bundle.read(directory)
    read = world.redirect(written, surroundings)
    if surroundings.services:
        _serve(directory, surroundings)
    cloud = preparation.result()
    console.end_phase("local cloud")

    running = state.State(
        ports,
        ports.gateway_url,
        cloud.identity,
        stream_url=ports.gateway_url,
        config=str(directory),
        config_digest=bundle.digest(written, directory),
        model_url=models.url,
        ollama_url=models.ollama_url,
        authenticated=bundle.is_authenticated(read),
    )
    environment = _configure(running, read, models, cloud.account)
    running = _start_functions(running, cloud.account, environment)
    console.end_phase("functions")
    return running


def _prepare_cloud(ports: Ports, models: Models, surroundings: World) -> _Cloud:
    """Create the resources that do not depend on the configuration, while the functions are built."""
    instance.wait_for_programs(ports, models)
    account = Account(ports.aws_url)
    say("creating the table and the user pool")
    account.create_table()
    audit.create_storage(account)
    identity = account.create_identity()
    world.create(account, surroundings)
    say("checking that Bedrock reaches the local model")
    health.check_bedrock(account)
    return _Cloud(account, identity)


def _serve(directory: Path, surroundings: World) -> None:
    """Start the HTTP services of the world."""
    say("starting the services " + ", ".join(f"{service.name} ({service.url})" for service in surroundings.services))
    processes.start(services.world(directory))
    health.wait_for("world", "the services of the world", lambda: health.world(surroundings), 30)


def _configure(running: state.State, read: Bundle, models: Models, account: Account) -> dict[str, str]:
    """Create the secrets, parameters and groups of the configuration, write the bundle, return the environment."""
    identity, ports = running.identity, running.ports
    filled = bundle.fill_in_identity(
        bundle.fill_in_providers(read, models),
        identity.pool_id,
        identity.client_id,
        f"{ports.aws_url}/{identity.pool_id}/.well-known/jwks.json",
        identity.machine_client_id,
    )
    account.create_secrets(bundle.secret_values(filled))
    account.create_parameters(bundle.parameter_values(filled))
    account.create_groups(identity.pool_id, bundle.groups(filled))
    bundle.write(filled)
    environment = bundle.variables(filled) | services.function_environment(ports, str(BUNDLE_FILE), TABLE)
    environment |= websocket_api.variables(ports) | audit.variables()
    environment |= bundle.origin_variables(filled) | {"OPENCLAW_DIGEST_SECRET": account.create_digest_secret()}
    state.write_private(ENV_FILE, "".join(f"{name}={value}\n" for name, value in sorted(environment.items())))
    return environment


def _start_functions(running: state.State, account: Account, environment: dict[str, str]) -> state.State:
    """Start all functions, those behind the WebSocket included, and return the state with all addresses."""
    say("starting the functions")
    processes.start(services.watch(running.ports))
    if web.has_ipv6_loopback():
        processes.start(services.ipv6_proxy(running.ports))
    websocket = Task(lambda: websocket_api.create(account, running.ports, environment))
    archive = Task(lambda: audit.create_archive(account, environment))
    wait_for_all([Task(lambda: health.wait_for_functions("functions", running)), websocket, archive])

    health.sign_in("functions", running)
    agent, user = _choose_agent(running)
    running = replace(running, ws_url=websocket.result(), agent=agent, user=user)
    state.save(running)
    health.wait_for_websocket(running)
    return running


def _choose_agent(running: state.State) -> tuple[str | None, str]:
    """Return the agent that the first request goes to, and a local user who may use it: alice if possible."""
    for user in USERS:
        if agents := health.agents_of(running, user):
            return ("default" if "default" in agents else agents[0]), user
    say("no local user may use an agent of this configuration; see access.groups and access.tenants of its agents")
    return None, next(iter(USERS))
