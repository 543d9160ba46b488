"""The environments of the gateway in the local account, one for each front door."""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import state
import websocket_api
from console import say
from resources import Account
from rights import Rights
from settings import CONFIG_DIR, DEPLOYMENT, DEPLOYMENT_VARIABLES, MACHINE_CLIENT, USERS, Ports
from terraform import Terraform

# One for each front door. The one behind the load balancer has everything that the local cloud can hold. The Ollama
# host never starts here: its module tests what runs on it.
ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "local-api": {"front_door": "apigateway"},
    "local": {
        "front_door": "alb",
        "allowed_cidrs": {
            "loopback": {
                "cidr": "127.0.0.0/16",
                "owner": "developer",
                "approved_by": "developer",
                "reason": "the local cloud",
                "expires": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
            },
        },
        "functions_in_vpc": True,
        "function_settings": {"conversations": {"reserved_concurrency": 50}},
        "ollama": {
            "models": ["smollm2"],
            "ollama_version": "0.30.6",
            "ollama_sha256": {"amd64": "0" * 64},
            "instance_type": "t3.large",
        },
    },
}

# Tests of what does not reach the functions here: MiniStack's HTTP API answers OPTIONS itself, and neither front door
# streams.
UNREACHED = {
    "local-api": ["options_answers_without_a_token_and_no_origin_is_allowed", "stream::"],
    "local": ["stream::"],
}


@dataclass(frozen=True)
class Deployed:
    """An environment that was applied."""

    name: str
    gateway: Terraform
    running: state.State
    outputs: dict[str, Any]
    rights: Rights


def deploy(name: str, ports: Ports, account: Account, tools: dict[str, str], known: dict[str, Any]) -> Deployed:
    """Apply the Terraform, then fill the secrets and set the passwords, as people do."""
    variables = (
        known
        | ENVIRONMENTS[name]
        | {
            "environment": name,
            "identity": _identity(name),
        }
    )
    file = DEPLOYMENT / f"{name}.tfvars.json"
    file.write_text(json.dumps(variables, indent=2))
    gateway = Terraform(".", name, tools, [f"-var-file={DEPLOYMENT_VARIABLES}", f"-var-file={file}"])
    # MiniStack has no names for buckets.
    gateway.init(str(DEPLOYMENT / "backend.hcl"), f"key={name}.tfstate", "use_path_style=true")
    say(f"terraform apply of {name}")
    say(gateway.apply())
    outputs = gateway.outputs()

    account.fill_secrets(outputs["secret_names"].values())
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    account.client("secretsmanager").put_secret_value(SecretId=outputs["digest_secret_name"], SecretString=key)
    ws_url = websocket_api.url(ports, outputs["websocket_api_id"])
    identity = _sign_up(account, outputs)
    running = state.State(ports, _base_url(ports, outputs), identity, ws_url=ws_url, config=str(CONFIG_DIR))
    return Deployed(name, gateway, running, outputs, Rights(account, running, outputs))


def _identity(name: str) -> dict[str, Any]:
    """Return `identity`: the local users, with passwords alone; two environments cannot share a domain."""
    return {
        "callback_urls": ["http://localhost:8400/callback"],
        "domain_prefix": f"openclaw-{name}",
        "machine_clients": {MACHINE_CLIENT: {}},
        "mfa": "OFF",
        "password_sign_in": True,
        "tenants": ["acme", "other"],
        "threat_protection": "OFF",
        "users": {user: {"email": f"{user}@example.org", "groups": groups} for user, groups in USERS.items()},
    }


def _base_url(ports: Ports, outputs: dict[str, Any]) -> str:
    """Return the address at which MiniStack serves the front door: its own name is not resolved here."""
    # Terraform leaves out what is null.
    if (balancer := outputs.get("load_balancer_dns_name")) is not None:
        return f"{ports.aws_url}/_alb/{balancer.split('.')[0].rsplit('-', 1)[0]}"
    api = outputs["base_url"].split("://")[1].split(".")[0]
    return f"{ports.aws_url}/_aws/execute-api/{api}/$default"


def _sign_up(account: Account, outputs: dict[str, Any]) -> state.Identity:
    pool, machine = outputs["user_pool_id"], outputs["machine_client_ids"][MACHINE_CLIENT]
    passwords = {name: account.set_password(pool, name) for name in USERS}
    return state.Identity(pool, outputs["client_id"], machine, account.client_secret(pool, machine), passwords)
