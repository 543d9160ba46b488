"""`make preflight`: what an account and a region need before the first `terraform apply`, and whether they have it.

It changes nothing. Credentials and region are those of the AWS command line. BUNDLE names the bundle whose models are
looked up (default: that of infra/examples/minimal). Exit status: 0 if every bound is met, 1 if one is missed, 2 if the
account cannot be asked at all.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_ROOT = Path(__file__).resolve().parent.parent.parent

# Below this quota the functions have no reserves; below the lower one a few requests use all of it.
CONCURRENCY_FOR_RESERVES = 450
LEAST_CONCURRENCY = 100
# One for each zone's NAT gateway.
ELASTIC_IPS = 2
# The smallest GPU instance of the host for Ollama has 4.
GPU_VCPUS = 4
ZONES = 2
# CloudWatch Logs allows ten a region, and the deployment may add one.
LOG_POLICIES = 10
ENDPOINTS = (
    "bedrock-runtime",
    "dynamodb",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "secretsmanager",
    "ssm",
    "ssmmessages",
)
_GATEWAY_ENDPOINTS = ("dynamodb",)


class Asker(Protocol):
    """Asks AWS."""

    def __call__(self, service: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """Return the answer; raises NotAsked."""
        ...


class NotAsked(Exception):
    """AWS could not be asked: no permission, no such service in the region, no connection."""


@dataclass(frozen=True)
class Row:
    """A bound, and what the account has."""

    what: str
    status: str  # ok, MISSED, note or unknown
    detail: str


def check(ask: Asker, region: str, models: list[str]) -> list[Row]:
    """Return a row for each bound, in the order of the documentation."""
    rows = [
        _row("Lambda concurrency", lambda: _concurrency(ask)),
        _row("Elastic IPs", lambda: _elastic_ips(ask)),
        _row("GPU vCPUs", lambda: _gpus(ask)),
        _row("zones with every endpoint", lambda: _zones(ask, region)),
        _row("log resource policies", lambda: _log_policies(ask)),
        _row("API Gateway's log role", lambda: _api_gateway_role(ask)),
    ]
    rows += [_row(f"model {model}", lambda model=model: _model(ask, model)) for model in models]
    return rows


def _row(what: str, measure: Callable[[], tuple[str, str]]) -> Row:
    try:
        return Row(what, *measure())
    except NotAsked as reason:
        return Row(what, "unknown", f"could not be asked: {reason}")


def _concurrency(ask: Asker) -> tuple[str, str]:
    limit = ask("lambda", "get_account_settings")["AccountLimit"]["ConcurrentExecutions"]
    if limit < LEAST_CONCURRENCY:
        return "MISSED", f"{limit}; raise the quota L-B99A9384 to {CONCURRENCY_FOR_RESERVES} or more"
    if limit < CONCURRENCY_FOR_RESERVES:
        return "note", f"{limit}; set account_concurrency_limit = {limit}, which switches the reserves of functions off"
    return "ok", f"{limit}"


def _elastic_ips(ask: Asker) -> tuple[str, str]:
    quota = _quota(ask, "ec2", "L-0263D0A3")
    free = quota - len(ask("ec2", "describe_addresses")["Addresses"])
    status = "ok" if free >= ELASTIC_IPS else "MISSED"
    return status, f'{free} of {quota} are free; {ELASTIC_IPS} are needed, none with nat = "none" or existing_vpc'


def _gpus(ask: Asker) -> tuple[str, str]:
    quota = _quota(ask, "ec2", "L-DB2E81BA")
    status = "ok" if quota >= GPU_VCPUS else "note"
    return status, f"{quota}; {GPU_VCPUS} are needed if the host for Ollama has a GPU"


def _quota(ask: Asker, service: str, code: str) -> int:
    return int(ask("service-quotas", "get_service_quota", ServiceCode=service, QuotaCode=code)["Quota"]["Value"])


def _zones(ask: Asker, region: str) -> tuple[str, str]:
    names = [f"com.amazonaws.{region}.{endpoint}" for endpoint in ENDPOINTS if endpoint not in _GATEWAY_ENDPOINTS]
    details = ask("ec2", "describe_vpc_endpoint_services", ServiceNames=names)["ServiceDetails"]
    zones = {detail["ServiceName"]: set(detail.get("AvailabilityZones", [])) for detail in details}
    if missing := [name for name in names if name not in zones]:
        return "MISSED", f"the region has no endpoint {', '.join(missing)}"
    shared = sorted(set.intersection(*zones.values()))
    status = "ok" if len(shared) >= ZONES else "MISSED"
    return status, f"{', '.join(shared) or 'none'}; {ZONES} are needed"


def _log_policies(ask: Asker) -> tuple[str, str]:
    count = len(ask("logs", "describe_resource_policies")["resourcePolicies"])
    status = "ok" if count < LOG_POLICIES else "MISSED"
    return status, f"{count} of {LOG_POLICIES} are used"


def _api_gateway_role(ask: Asker) -> tuple[str, str]:
    if role := ask("apigateway", "get_account").get("cloudwatchRoleArn"):
        return "ok", role
    return "note", "none; REST and WebSocket APIs write access logs only with api_gateway_logs = true in the bootstrap"


def _model(ask: Asker, model: str) -> tuple[str, str]:
    # A profile's own models have the access.
    plain = model.split("/")[-1]
    plain = plain.split(".", 1)[1] if plain.split(".", 1)[0] in ("us", "eu", "apac", "global", "jp", "au") else plain
    answer = ask("bedrock", "get_foundation_model_availability", modelId=plain)
    agreement = answer.get("agreementAvailability", {}).get("status")
    if agreement not in (None, "AVAILABLE"):
        return "MISSED", "its agreement is not accepted: open it once in Bedrock's console as an administrator"
    wrong = {
        name: answer[name]
        for name, good in (
            ("authorizationStatus", "AUTHORIZED"),
            ("entitlementAvailability", "AVAILABLE"),
            ("regionAvailability", "AVAILABLE"),
        )
        if answer.get(name) != good
    }
    if wrong:
        return "MISSED", ", ".join(f"{name} is {value}" for name, value in wrong.items())
    return "ok", "may be called"


def models_of(bundle: dict[str, Any]) -> list[str]:
    """Return the models of Bedrock that a bundle names."""
    return [model["model"] for model in bundle["rights"]["models"] if model["provider"] == "bedrock"]


class _Account:
    """Asks the account of the AWS command line's credentials."""

    def __init__(self, region: str | None) -> None:
        self._session = boto3.Session(region_name=region)
        self._config = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3})

    @property
    def region(self) -> str | None:
        return self._session.region_name

    def __call__(self, service: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        try:
            client = self._session.client(service, config=self._config)
            answer: dict[str, Any] = getattr(client, operation)(**arguments)
            return answer
        except ClientError as error:
            raise NotAsked(f"{service} answered {error.response['Error']['Code']}") from None
        except (BotoCoreError, AttributeError) as error:
            raise NotAsked(f"{type(error).__name__}: {error}") from None


def report(rows: list[Row]) -> bool:
    """Print the table; return whether no bound is missed."""
    width = max(len(row.what) for row in rows)
    for row in rows:
        print(f"{row.what:<{width}}  {row.status:<7}  {row.detail}")
    return all(row.status != "MISSED" for row in rows)


def main() -> int:
    """Check the account and region of the AWS command line."""
    account = _Account(os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))
    if account.region is None:
        print("error: set AWS_REGION to the region of the deployment", file=sys.stderr)
        return 2
    bundle = Path(os.environ.get("BUNDLE") or _ROOT / "infra/examples/minimal/bundle.json")
    try:
        models = models_of(json.loads(bundle.read_text()))
    except (OSError, ValueError, KeyError) as error:
        print(f"error: {bundle} is not a bundle: {error}", file=sys.stderr)
        return 2
    try:
        caller = account("sts", "get_caller_identity")
    except NotAsked as reason:
        print(f"error: the account cannot be asked: {reason}", file=sys.stderr)
        return 2
    print(f"account {caller['Account']}, region {account.region}")
    return 0 if report(check(account, account.region, models)) else 1


if __name__ == "__main__":
    sys.exit(main())
