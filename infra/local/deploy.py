"""`make deploy-local`: the Terraform is applied to a local cloud, used, judged and taken away again."""

import json
import os
from typing import Any

import health
import instance
import interrupts
import packages
import processes
import services
import state
import terraform
from console import Failure, say
from resources import Account
from rights import Rights
from settings import CONFIG_FILE, DEPLOYMENT, DEPLOYMENT_VARIABLES, REGION, USERS, Ports, ports_from_environment
from terraform import Terraform

_MACHINE = "machine"


def deploy() -> None:
    """Bootstrap, apply, test end to end, try each right, plan again, destroy; KEEP=1 leaves it after the plan."""
    ports = ports_from_environment()
    keep = os.environ.get("KEEP") == "1"
    if processes.recorded():
        raise Failure("a local cloud is running, or was not stopped: run `make down` first")
    instance.check_ports(ports)
    interrupts.follow_parent()
    kept = False
    try:
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
    models = instance.start_programs(ports, enforces_policies=True)
    instance.wait_for_programs(ports, models)
    account = Account(ports.aws_url)
    health.check_bedrock(account)
    before = account.inventory()

    terraform.copy()
    environment = terraform.environment(ports.aws_url)
    bootstrap = Terraform("bootstrap", environment, [f"-var=region={REGION}"])
    say("terraform apply of the bootstrap")
    bootstrap.init()
    say(bootstrap.apply())
    backend = DEPLOYMENT / "backend.hcl"
    backend.write_text(bootstrap.outputs()["backend_config"])

    gateway = Terraform(".", environment, _variables(ports, models))
    gateway.init(str(backend), "key=local.tfstate", "use_path_style=true")
    instance.write_config(models, _MACHINE)
    say("terraform apply of the gateway")
    say(gateway.apply())
    outputs = gateway.outputs()

    running = state.State(ports, _base_url(ports, outputs), _sign_up(account, outputs))
    state.save(running)
    account.fill_secrets(outputs["secret_names"].values())
    rights = Rights(account, running, outputs)
    rights.translate()
    health.wait_for_functions("ministack", running)
    say("end-to-end tests through the load balancer")
    processes.run_visibly(services.end_to_end(running))
    rights.prove()

    say("a second plan")
    if (changes := gateway.changes()) is not None:
        raise Failure(f"a second plan would change something:\n{changes}")
    say("no changes")
    if not keep:
        _destroy(account, rights, bootstrap, gateway, before)
    return running


def _variables(ports: Ports, models: instance.Models) -> list[str]:
    if packages.ARCHITECTURE is None:
        raise Failure("Lambda runs on x86_64 and arm64 only; this machine is neither")
    folder = packages.write()
    known_now: dict[str, Any] = {
        "architecture": packages.ARCHITECTURE,
        "config_file": str(CONFIG_FILE),
        "environment_overrides": models.base_urls(),
        "local_endpoint_url": ports.aws_url,
        "package_dir": str(folder),
    }
    file = DEPLOYMENT / "local.tfvars.json"
    file.write_text(json.dumps(known_now, indent=2))
    return [f"-var-file={DEPLOYMENT_VARIABLES}", f"-var-file={file}"]


def _base_url(ports: Ports, outputs: dict[str, Any]) -> str:
    """MiniStack serves a load balancer by its name in the path: nothing resolves its DNS name here."""
    balancer = str(outputs["load_balancer_dns_name"]).split(".")[0].rsplit("-", 1)[0]
    return f"{ports.aws_url}/_alb/{balancer}"


def _sign_up(account: Account, outputs: dict[str, Any]) -> state.Identity:
    """What people do who were invited: set a password."""
    pool, machine = outputs["user_pool_id"], outputs["machine_client_ids"][_MACHINE]
    passwords = {name: account.set_password(pool, name) for name in USERS}
    secret = account.client_secret(pool, machine)
    return state.Identity(pool, outputs["client_id"], machine, secret, passwords)


def _destroy(account: Account, rights: Rights, bootstrap: Terraform, gateway: Terraform, before: set[str]) -> None:
    rights.forget()
    say("terraform destroy of the gateway")
    say(gateway.destroy())
    say("terraform destroy of the bootstrap")
    say(bootstrap.destroy())
    if left := account.inventory() - before:
        raise Failure(f"destroy has left: {', '.join(sorted(left))}")
    say("nothing is left")
