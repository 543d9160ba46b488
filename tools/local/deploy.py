"""`make deploy-local`: apply the Terraform to a local cloud, test the result and destroy it."""

import json
import os
import subprocess
import sys

import action_targets
import bundle
import environments
import health
import instance
import interrupts
import packages
import processes
import services
import state
import terraform
import web
from console import Failure, say
from environments import Deployed
from resources import Account
from settings import DEPLOYMENT, REGION, ROOT, Ports, functions, ports_from_environment
from terraform import Terraform
from tokens import token

SMOKE = ROOT / "tools/aws/smoke.py"


def deploy() -> None:
    """Apply, test, prove the rights, plan again, destroy; KEEP=1 skips the last step."""
    ports = ports_from_environment()
    keep = os.environ.get("KEEP") == "1"
    if processes.recorded():
        raise Failure("a local cloud is running, or was not stopped: run `make down` first")
    instance.check_ports(ports)
    kept = False
    try:
        interrupts.follow_parent()
        running = _deploy(ports, keep)
        if keep:
            instance.print_addresses(running)
            kept = True
    finally:
        if not kept:
            interrupts.ignore()
            say("stopping the local cloud")
            instance.stop_all()


def _deploy(ports: Ports, keep: bool) -> state.State:
    say("building the functions for this machine; the first build takes minutes")
    processes.run_visibly(services.build())
    known = {"architecture": packages.architecture(), "package_dir": str(packages.write(functions()))}
    models = instance.start_programs(ports, enforces_policies=True)
    instance.wait_for_programs(ports, models)
    bundle.install()
    account = Account(ports.aws_url)
    health.check_bedrock(account)
    targets = action_targets.create(account)
    action_targets.write_configuration(targets)
    configuration = DEPLOYMENT / "bundle.json"
    bundle.write(bundle.fill_in_providers(bundle.read(action_targets.directory()), models), configuration)
    before = account.inventory()

    terraform.copy()
    tools = terraform.environment(ports.aws_url)
    bootstrap = _bootstrap(tools, targets)
    # The Terraform would lead Ollama's requests to its own host, which never starts here.
    overrides = {"OPENCLAW__PROVIDERS__OLLAMA__BASE_URL": models.ollama_url}
    known |= {
        "config_bundle": str(configuration),
        "environment_overrides": overrides,
        "local_endpoint_url": ports.aws_url,
    }
    # Side by side in one account; the last one, behind the load balancer, stays with KEEP=1.
    deployed = [environments.deploy(name, ports, account, tools, known) for name in environments.ENVIRONMENTS]

    for environment in deployed:
        environment.rights.translate()
        health.wait_for_functions("ministack", environment.running)
        health.sign_in("ministack", environment.running)
        health.wait_for_websocket(environment.running)
        say(f"end-to-end tests through {environment.running.base_url}")
        state.save(environment.running)
        without = environments.UNREACHED.get(environment.name, [])
        audit_bucket = str(environment.outputs["audit_bucket"])
        processes.run_visibly(services.end_to_end(environment.running, audit_bucket, without))
        _smoke(environment.running)
        _check_streams(environment)
    deployed[-1].rights.prove()

    for environment in deployed:
        say(f"a second plan of {environment.name}")
        if (changes := environment.gateway.changes()) is not None:
            raise Failure(f"a second plan of {environment.name} would change something:\n{changes}")
        say("no changes")
    if not keep:
        _destroy(account, bootstrap, deployed, before)
    return deployed[-1].running


def _smoke(running: state.State) -> None:
    """Ask every part once, as `make smoke` does after an apply on AWS."""
    say("make smoke")
    answered = subprocess.run(
        [sys.executable, str(SMOKE)],
        env=os.environ
        | {
            "BASE_URL": running.base_url,
            "NO_PROXY": "*",
            "STREAM_URL": running.base_url,
            "TOKEN": token(running, "admin"),
            "WS_URL": str(running.ws_url),
        },
        stdout=sys.stderr,
        check=False,
    )
    if answered.returncode != 0:
        raise Failure("make smoke has found a part that does not answer")


def _check_streams(environment: Deployed) -> None:
    """Call the API for streams: its authorizer refuses bad tokens, and a good one reaches the function behind.

    MiniStack cannot stream an answer, so that function's own is an error.
    """
    running, path = environment.running, "/live/v1/agent/openai/stream"
    api = str(environment.outputs["stream_url"]).split("://")[1].split(".")[0]
    good = token(running, "alice")
    for authorization, expected in ((None, {401}), ("Bearer x.y.z", {401}), (f"Bearer {good}", {200, 500})):
        headers = {"Host": f"{api}.execute-api.localhost:{running.ports.aws}"}
        if authorization is not None:
            headers["Authorization"] = authorization
        answer = web.request(running.ports.aws_url + path, body={"prompt": "Hi"}, headers=headers, timeout=120)
        if answer is None or answer.status not in expected:
            raise Failure(f"the API for streams answers {answer} where {expected} is expected")
    say("the API for streams refuses requests without a good token")


def _bootstrap(tools: dict[str, str], targets: dict[str, list[str]]) -> Terraform:
    """Create what an account needs once, and write backend.hcl."""
    variables = [f"-var=region={REGION}", "-var=api_gateway_logs=true", f"-var=action_targets={json.dumps(targets)}"]
    bootstrap = Terraform("bootstrap", "bootstrap", tools, variables)
    say("terraform apply of the bootstrap")
    bootstrap.init()
    say(bootstrap.apply())
    (DEPLOYMENT / "backend.hcl").write_text(bootstrap.outputs()["backend_config"])
    return bootstrap


def _destroy(account: Account, bootstrap: Terraform, deployed: list[Deployed], before: set[str]) -> None:
    for environment in deployed:
        environment.rights.forget()
        # The stand-in for the provider does not pass the lock, as the provider itself does.
        account.end_archive(environment.outputs["function_names"]["archive"], environment.outputs["audit_bucket"])
        say(f"terraform destroy of {environment.name}")
        say(environment.gateway.destroy())
    say("terraform destroy of the bootstrap")
    say(bootstrap.destroy())
    if left := account.inventory() - before:
        raise Failure(f"destroy has left: {', '.join(sorted(left))}")
    say("nothing is left")
