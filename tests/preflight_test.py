"""Tests of `make preflight` with recorded answers of AWS."""

import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools/aws"))

import preflight

REGION = "eu-central-1"
MODEL = "anthropic.claude-3-sonnet-20240229-v1:0"


def _services(zones: list[str]) -> dict[str, Any]:
    names = [name for name in preflight.ENDPOINTS if name != "dynamodb"]
    details = [{"ServiceName": f"com.amazonaws.{REGION}.{name}", "AvailabilityZones": zones} for name in names]
    return {"ServiceDetails": details}


def _answers() -> dict[tuple[str, str], Any]:
    """Return the answers of an account that meets every bound."""
    return {
        ("lambda", "get_account_settings"): {"AccountLimit": {"ConcurrentExecutions": 1000}},
        ("service-quotas", "L-0263D0A3"): {"Quota": {"Value": 5.0}},
        ("service-quotas", "L-DB2E81BA"): {"Quota": {"Value": 8.0}},
        ("ec2", "describe_addresses"): {"Addresses": [{}, {}]},
        ("ec2", "describe_vpc_endpoint_services"): _services(["eu-central-1a", "eu-central-1b", "eu-central-1c"]),
        ("logs", "describe_resource_policies"): {"resourcePolicies": []},
        ("apigateway", "get_account"): {"cloudwatchRoleArn": "arn:aws:iam::111122223333:role/logs"},
        ("bedrock", "get_foundation_model_availability"): {
            "agreementAvailability": {"status": "AVAILABLE"},
            "authorizationStatus": "AUTHORIZED",
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        },
    }


def _check(**changes: Any) -> dict[str, preflight.Row]:
    """Check an account with other answers; the names of `changes` are those of operations or quotas."""
    answers = _answers()

    def ask(service: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        name = arguments.get("QuotaCode", operation)
        answer: Any = changes.get(name.replace("-", "_"), answers[(service, name)])
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    rows = preflight.check(ask, REGION, [MODEL])
    return {row.what: row for row in rows}


class Preflight(unittest.TestCase):
    def test_an_account_that_has_everything_passes(self) -> None:
        rows = _check()
        self.assertEqual({row.status for row in rows.values()}, {"ok"}, rows)
        self.assertTrue(preflight.report(list(rows.values())))

    def test_each_missed_bound_fails_alone(self) -> None:
        unaccepted = {"agreementAvailability": {"status": "NOT_AVAILABLE"}}
        elsewhere = _answers()[("bedrock", "get_foundation_model_availability")] | {
            "regionAvailability": "NOT_AVAILABLE"
        }
        for change, what in (
            ({"get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 10}}}, "Lambda concurrency"),
            ({"describe_addresses": {"Addresses": [{}] * 4}}, "Elastic IPs"),
            ({"describe_vpc_endpoint_services": _services(["eu-central-1a"])}, "zones with every endpoint"),
            ({"describe_vpc_endpoint_services": {"ServiceDetails": []}}, "zones with every endpoint"),
            ({"describe_resource_policies": {"resourcePolicies": [{}] * 10}}, "log resource policies"),
            ({"get_foundation_model_availability": unaccepted}, f"model {MODEL}"),
            ({"get_foundation_model_availability": elsewhere}, f"model {MODEL}"),
        ):
            rows = _check(**change)
            missed = [name for name, row in rows.items() if row.status == "MISSED"]
            self.assertEqual(missed, [what])
            self.assertFalse(preflight.report(list(rows.values())))

    def test_what_is_needed_in_some_deployments_only_is_a_note(self) -> None:
        rows = _check(
            get_account_settings={"AccountLimit": {"ConcurrentExecutions": 400}},
            L_DB2E81BA={"Quota": {"Value": 0.0}},
            get_account={},
        )
        notes = [name for name, row in rows.items() if row.status == "note"]
        self.assertEqual(notes, ["Lambda concurrency", "GPU vCPUs", "API Gateway's log role"])
        self.assertIn("account_concurrency_limit = 400", rows["Lambda concurrency"].detail)

    def test_what_cannot_be_asked_is_unknown_and_says_why(self) -> None:
        rows = _check(describe_addresses=preflight.NotAsked("ec2 answered UnauthorizedOperation"))
        self.assertEqual(rows["Elastic IPs"].status, "unknown")
        self.assertIn("UnauthorizedOperation", rows["Elastic IPs"].detail)

    def test_the_models_are_those_of_bedrock(self) -> None:
        models = [{"provider": "bedrock", "model": MODEL}, {"provider": "openai", "model": "gpt"}]
        self.assertEqual(preflight.models_of({"rights": {"models": models}}), [MODEL])


if __name__ == "__main__":
    unittest.main()
