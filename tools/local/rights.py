"""A proof of least privilege: each right of each role is removed once, and the request that needs it fails."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from caller import Caller
from console import Failure, say
from probes import PROBES, Probe, Right
from resources import Account
from state import State

_POLICY = "calls"  # the name of a role's policy in infra/modules/function
_EMULATOR_POLICY = "emulator"

# Actions that MiniStack checks by another name, or without their resource.
_EMULATED = {
    "bedrock:InvokeModel": "bedrock:Converse",
    "bedrock:InvokeModelWithResponseStream": "bedrock:ConverseStream",
    "ssm:GetParameters": "ssm:GetParameters",
}

_LEADING_KEYS = "dynamodb:LeadingKeys"

# Rights that AWS uses on the role's behalf. MiniStack does not check them, so no request fails without them.
_USED_BY_AWS = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}

# The same for one function on one resource, given by the end of its ARN: Lambda invokes `websocket` when a run of
# `stream` has failed, and reads the stream of audit entries for `archive`.
_USED_BY_AWS_ON = {
    ("stream", "lambda:InvokeFunction", "-websocket:live"),
    ("archive", "dynamodb:DescribeStream", "/stream/*"),
    ("archive", "dynamodb:GetRecords", "/stream/*"),
    ("archive", "dynamodb:GetShardIterator", "/stream/*"),
    ("archive", "dynamodb:ListStreams", "/stream/*"),
}

# Rights without which a function still answers, by the action and a part of the ARN: without the key of the digests it
# leaves a field of its log lines out, without counts of tokens it estimates them, and a transaction that only reads
# ends by itself. MiniStack needs no right to read a database's secret, to tag a new object, and to say that one is
# missing.
_NOT_NEEDED_TO_ANSWER = {
    ("secretsmanager:GetSecretValue", "/digest-key-"),
    ("bedrock:CountTokens", ""),
    ("rds-data:RollbackTransaction", ""),
    ("s3:ListBucket", "-audit-000000000000"),
    ("s3:PutObjectTagging", ""),
    ("secretsmanager:GetSecretValue", ":secret:probe-"),
}

Policy = dict[str, Any]


class Rights:
    """The roles' rights in the local account."""

    def __init__(self, account: Account, running: State, outputs: dict[str, Any]) -> None:
        self._iam = account.client("iam")
        self._account = account
        self._running = running
        self._outputs = outputs
        self._names: dict[str, str] = outputs["function_names"]  # a function's role has its name
        role = self._iam.get_role(RoleName=next(iter(self._names.values())))["Role"]
        self._boundary_arn: str = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
        self._boundary = self._boundary_now()

    def translate(self) -> None:
        """Add the rights that MiniStack checks by another name, in a policy of their own."""
        for function in self._names:
            self._put_translation(function, self._policy(function))
        self._put_boundary(self._boundary | {"Statement": self._boundary["Statement"] + _translation(self._boundary)})

    def forget(self) -> None:
        """Remove what `translate` added."""
        for role in self._names.values():
            self._iam.delete_role_policy(RoleName=role, PolicyName=_EMULATOR_POLICY)
        self._put_boundary(self._boundary)

    def prove(self) -> None:
        """Fail for a right without a probe, a probe without a right, and a right that no request needs."""
        caller = Caller(self._account, self._running, self._outputs)
        policies = {function: self._policy(function) for function in self._names}
        _check_complete(policies)
        with caller.behind_websocket():
            superfluous = [probe for probe in PROBES if not self._is_needed(probe, policies[probe.function], caller)]
        if superfluous:
            raise Failure("no request needs these rights: " + ", ".join(str(probe) for probe in superfluous))
        unchecked = len(_USED_BY_AWS) + len(_USED_BY_AWS_ON) + len(_NOT_NEEDED_TO_ANSWER)
        say(f"{len(PROBES)} rights removed one by one, each is needed; not checked here: {unchecked}")

    def _is_needed(self, probe: Probe, policy: Policy, caller: Caller) -> bool:
        caller.start_anew(probe.function)
        if not probe.request(caller):
            raise Failure(f"{probe}: the request fails although the right is there: {caller.last}")
        self._put(probe.function, _without(policy, probe))
        try:
            caller.start_anew(probe.function)
            served = probe.request(caller)
        finally:
            self._put(probe.function, policy)
        say(f"  {probe}: {'served without it' if served else 'needed'}")
        return not served

    def _policy(self, function: str) -> Policy:
        found = self._iam.get_role_policy(RoleName=self._names[function], PolicyName=_POLICY)
        return dict(found["PolicyDocument"])

    def _boundary_now(self) -> Policy:
        version = self._iam.get_policy(PolicyArn=self._boundary_arn)["Policy"]["DefaultVersionId"]
        found = self._iam.get_policy_version(PolicyArn=self._boundary_arn, VersionId=version)
        return dict(found["PolicyVersion"]["Document"])

    def _put_boundary(self, policy: Policy) -> None:
        """Make this policy the boundary's only version."""
        before = self._iam.list_policy_versions(PolicyArn=self._boundary_arn)["Versions"]
        document = json.dumps(policy)
        self._iam.create_policy_version(PolicyArn=self._boundary_arn, PolicyDocument=document, SetAsDefault=True)
        for version in before:
            self._iam.delete_policy_version(PolicyArn=self._boundary_arn, VersionId=version["VersionId"])

    def _put(self, function: str, policy: Policy) -> None:
        self._iam.put_role_policy(RoleName=self._names[function], PolicyName=_POLICY, PolicyDocument=json.dumps(policy))
        self._put_translation(function, policy)

    def _put_translation(self, function: str, policy: Policy) -> None:
        # A policy has at least one statement; this one allows nothing.
        nothing = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [nothing, *_translation(policy)]}
        self._iam.put_role_policy(
            RoleName=self._names[function], PolicyName=_EMULATOR_POLICY, PolicyDocument=json.dumps(document)
        )


def _translation(policy: Policy) -> list[Policy]:
    """Return the statements that MiniStack needs besides the policy's own."""
    actions = {_EMULATED[action] for action, _ in _rights(policy) if action in _EMULATED}
    renamed = [{"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}] if actions else []
    # It never fills in this key, so a statement that depends on it would never allow anything.
    unfilled = [statement for statement in policy["Statement"] if _LEADING_KEYS in json.dumps(statement)]
    return renamed + [
        {"Effect": "Allow", "Action": statement["Action"], "Resource": statement["Resource"]} for statement in unfilled
    ]


def _without(policy: Policy, probe: Probe) -> Policy:
    """Return the policy without the probe's right."""
    reduced = copy.deepcopy(policy)
    kept = []
    for statement in reduced["Statement"]:
        if statement["Effect"] == "Allow":
            rest = [right for right in _statement_rights(statement) if not probe.takes(right)]
            kept += [statement | {"Action": action, "Resource": resource} for action, resource in rest]
        else:
            kept.append(statement)
    for number, statement in enumerate(kept):
        statement["Sid"] = f"Kept{number}"
    return reduced | {"Statement": kept}


def _check_complete(policies: dict[str, Policy]) -> None:
    rights = {function: set(_rights(policy)) for function, policy in policies.items()}
    unproven = [
        f"{function}: {action} on {resource}"
        for function, held in rights.items()
        for action, resource in sorted(held)
        if not _is_used_by_aws(function, action, resource)
        and not _is_optional(action, resource)
        and not any(probe.function == function and probe.takes((action, resource)) for probe in PROBES)
    ]
    taken = {probe: [right for right in rights[probe.function] if probe.takes(right)] for probe in PROBES}
    idle = [str(probe) for probe, of_probe in taken.items() if not of_probe]
    # One request cannot show that several resources are needed; those that MiniStack does not check are left out.
    wide = [str(probe) for probe, of_probe in taken.items() if len(of_probe) > 1 and probe.action not in _EMULATED]
    if unproven or idle or wide:
        raise Failure(f"rights without a probe: {unproven}; probes without a right: {idle}, with several: {wide}")


def _is_used_by_aws(function: str, action: str, resource: str) -> bool:
    return action in _USED_BY_AWS or any(
        (function, action) == (of_function, of_action) and resource.endswith(end)
        for of_function, of_action, end in _USED_BY_AWS_ON
    )


def _is_optional(action: str, resource: str) -> bool:
    return any(action == of_action and part in resource for of_action, part in _NOT_NEEDED_TO_ANSWER)


def _rights(policy: Policy) -> Iterator[Right]:
    for statement in policy["Statement"]:
        if statement["Effect"] == "Allow":
            yield from _statement_rights(statement)


def _statement_rights(statement: Policy) -> Iterator[Right]:
    for action in _list(statement["Action"]):
        for resource in _list(statement["Resource"]):
            yield action, resource


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
