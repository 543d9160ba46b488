"""A request for each right of each function, which succeeds with the right and fails without it."""

import functools
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archive_caller import ArchiveCaller
from caller import Caller

Right = tuple[str, str]  # an action, and a resource's ARN


@dataclass(frozen=True)
class Probe:
    """A right, and a request that succeeds with it and fails without it."""

    function: str
    action: str
    request: Callable[[Caller], bool]
    resource: str = ""  # a part or the end of the ARN, where the action is allowed on several

    def takes(self, right: Right) -> bool:
        # Secrets Manager appends a hyphen and six characters to a secret's name.
        ends = right[1].endswith(self.resource) or re.search(f"{re.escape(self.resource)}-[A-Za-z0-9]{{6}}$", right[1])
        return right[0] == self.action and bool(ends)

    def __str__(self) -> str:
        return f"{self.function}: {self.action}" + (f" on {self.resource}" if self.resource else "")


def _answered(answer: tuple[int, Any]) -> bool:
    return 200 <= answer[0] < 300


def _second_turn(caller: Caller, function: str) -> bool:
    return _answered(caller.turn(conversation=caller.conversations[function], function=function))


def _replay(caller: Caller, function: str) -> bool:
    """Replay an earlier turn of a conversation that has grown: its head is then read separately."""
    return _answered(caller.turn(idempotency_key=caller.keys[function], function=function))


def _retry_after_failure(caller: Caller, function: str) -> bool:
    """Repeat a failed request: its idempotency key was released, so that it is judged again instead of refused."""
    key, unknown = str(uuid.uuid4()), str(uuid.uuid4())
    answers = [caller.turn(conversation=unknown, function=function, idempotency_key=key)[0] for _ in range(2)]
    return answers == [404, 404]


def _page(caller: Caller) -> bool:
    """Read a page that does not reach the conversation's head, which is then read separately."""
    path = f"/v1/conversations/{caller.conversations['agent']}"
    return _answered(caller.call("conversations", "GET", path, query={"limit": "1"}))


def _transcript(caller: Caller) -> bool:
    return _answered(caller.call("conversations", "GET", f"/v1/conversations/{caller.conversations['agent']}"))


def _list(caller: Caller) -> bool:
    return _answered(caller.call("conversations", "GET", "/v1/conversations"))


def _erase(caller: Caller) -> bool:
    return _answered(caller.call("conversations", "DELETE", f"/v1/conversations/{caller.new_conversation()}"))


def _purge(caller: Caller) -> bool:
    """Erase a conversation: its messages must also disappear from the table."""
    conversation = caller.new_conversation()
    before = caller.items(conversation)
    caller.call("conversations", "DELETE", f"/v1/conversations/{conversation}")
    return before == 3 and caller.items(conversation) == 1  # the head stays, as a tombstone


def _healthy(part: str) -> Callable[[Caller], bool]:
    def request(caller: Caller) -> bool:
        _, health = caller.call("agents", "GET", "/v1/health/deep", who="admin")
        return any(found["name"] == part and found["status"] == "ok" for found in (health or {}).get("parts", []))

    return request


def _grants(caller: Caller) -> bool:
    return _answered(caller.call("agents", "GET", "/v1/grants", who="admin"))


def _grant(caller: Caller) -> bool:
    body = {"principal": "agent:default", "grant": "probe", "reason": "a probe", "expires_in": "PT1M"}
    return _answered(caller.call("agents", "POST", "/v1/grants", body, who="admin"))


def _end_of_grant(caller: Caller) -> bool:
    """End a grant that does not exist, which the table must say."""
    return caller.call("agents", "DELETE", f"/v1/grants/{uuid.uuid4()}", who="admin")[0] == 404


def _turn(agent: str) -> Callable[[Caller, str], bool]:
    return lambda caller, function: _answered(caller.turn(agent, function=function))


def _act(action: str) -> Callable[[Caller, str], bool]:
    return lambda caller, function: _answered(caller.act(action, function))


def _reaches_database(action: str) -> Callable[[Caller, str], bool]:
    """Query a database of MiniStack's, which refuses the statement: the role's lack of a right is another failure."""
    return lambda caller, function: caller.failure_of(action, function) in ("malformed", "rejected")


def _probes_of_turns(function: str, asks_bedrock: str) -> list[Probe]:
    """Return the probes of a function that runs agents."""
    requests: list[tuple[str, Callable[[Caller, str], bool], str]] = [
        ("ssm:GetParameters", _turn("openai"), ""),
        ("secretsmanager:GetSecretValue", _turn("openai"), "openai/api-key"),
        ("secretsmanager:GetSecretValue", _turn("anthropic"), "anthropic/api-key"),
        ("secretsmanager:GetSecretValue", _turn("ollama"), "ollama/token"),
        (asks_bedrock, _turn("default"), ""),
        ("dynamodb:PutItem", _turn("openai"), "table/openclaw-local"),
        # Before a run is answered, its entry is written.
        ("dynamodb:PutItem", _turn("openai"), "-audit"),
        ("dynamodb:Query", _second_turn, "table/openclaw-local"),
        ("dynamodb:UpdateItem", _second_turn, ""),
        ("dynamodb:GetItem", _replay, "table/openclaw-local"),
        ("dynamodb:DeleteItem", _retry_after_failure, ""),
        ("dynamodb:GetItem", _act("probe_get"), "table/probe"),
        ("dynamodb:Query", _act("probe_query"), "table/probe"),
        ("dynamodb:Query", _act("probe_index"), "/index/*"),
        ("lambda:InvokeFunction", _act("probe_function"), "function:probe"),
        ("rds-data:BeginTransaction", _reaches_database("probe_transaction"), ""),
        ("rds-data:ExecuteStatement", _reaches_database("probe_statement"), ""),
    ]
    return [
        Probe(function, action, functools.partial(request, function=function), resource)
        for action, request, resource in requests
    ]


def _probes_of_archive() -> list[Probe]:
    """Return the probes of the function that writes the audit trail."""
    requests: list[tuple[str, Callable[[ArchiveCaller], bool], str]] = [
        ("dynamodb:Query", ArchiveCaller.archives, ""),
        ("dynamodb:PutItem", ArchiveCaller.archives, ""),
        ("dynamodb:DeleteItem", ArchiveCaller.erases, ""),
        ("s3:PutObject", ArchiveCaller.archives, "/entries/*"),
        ("s3:PutObject", ArchiveCaller.writes_manifest, "/manifests/*"),
        ("s3:PutObject", ArchiveCaller.erases, "-audit-contents-000000000000/*"),
        ("s3:GetObject", ArchiveCaller.archives_again, "/entries/*"),
        ("s3:GetObject", ArchiveCaller.writes_manifest, "/manifests/*"),
        ("s3:DeleteObject", ArchiveCaller.erases, ""),
        ("s3:ListBucket", ArchiveCaller.erases, "-audit-contents-000000000000"),
    ]
    return [
        Probe("archive", action, functools.partial(_ask_archive, request=request), resource)
        for action, request, resource in requests
    ]


def _ask_archive(caller: Caller, request: Callable[[ArchiveCaller], bool]) -> bool:
    answered = request(caller.archive)
    caller.last = 0, caller.archive.last
    return answered


def _agents(caller: Caller) -> bool:
    return _answered(caller.call("agents", "GET", "/v1/agents"))


def _run_over_websocket(caller: Caller) -> bool:
    """Start a run with one function, whose events another one sends."""
    message = {"action": "invoke", "agent": "openai", "prompt": "Hi", "max_tokens": 2}
    return _answered(caller.ask_over_websocket(message, timeout_seconds=30))


def _repeated_name_over_websocket(caller: Caller) -> bool:
    """Start two runs of one name, of which the function refuses the second and audits that."""
    message = {"action": "invoke", "agent": "openai", "prompt": "Hi", "max_tokens": 64, "request_id": "twice"}
    return caller.ask_over_websocket(message, timeout_seconds=30, times=2)[0] == 409


def _refusal_over_websocket(caller: Caller) -> bool:
    """Send an unknown action, which the function itself refuses."""
    return caller.ask_over_websocket({"action": "are-you-well"}, timeout_seconds=10)[0] in (400, 422)


PROBES = [
    *_probes_of_turns("agent", "bedrock:InvokeModel"),
    *_probes_of_turns("stream", "bedrock:InvokeModelWithResponseStream"),
    Probe("agents", "ssm:GetParameters", _agents),
    Probe("agents", "secretsmanager:GetSecretValue", _healthy("provider openai"), "openai/api-key"),
    Probe("agents", "secretsmanager:GetSecretValue", _healthy("provider anthropic"), "anthropic/api-key"),
    Probe("agents", "secretsmanager:GetSecretValue", _healthy("provider ollama"), "ollama/token"),
    Probe("agents", "dynamodb:GetItem", _healthy("store")),
    Probe("agents", "dynamodb:Query", _grants),
    Probe("agents", "dynamodb:PutItem", _grant, "table/openclaw-local"),
    Probe("agents", "dynamodb:PutItem", _grant, "-audit"),
    Probe("agents", "dynamodb:DeleteItem", _end_of_grant),
    Probe("agents", "bedrock:ListFoundationModels", _healthy("provider bedrock")),
    Probe("agents", "bedrock:ListInferenceProfiles", _healthy("provider bedrock")),
    *_probes_of_archive(),
    Probe("authorizer", "ssm:GetParameters", Caller.authorizes),
    Probe("conversations", "ssm:GetParameters", _list),
    Probe("conversations", "dynamodb:Query", _transcript, "openclaw-local"),
    Probe("conversations", "dynamodb:Query", _list, "/index/GSI1"),
    Probe("conversations", "dynamodb:GetItem", _page),
    Probe("conversations", "dynamodb:UpdateItem", _erase),
    Probe("conversations", "dynamodb:BatchWriteItem", _purge),
    Probe("conversations", "dynamodb:PutItem", _erase, "-audit"),
    Probe("stream", "execute-api:ManageConnections", _run_over_websocket),
    Probe("websocket", "ssm:GetParameters", Caller.connects),
    Probe("websocket", "dynamodb:PutItem", Caller.connects, "table/openclaw-local"),
    Probe("websocket", "dynamodb:PutItem", _repeated_name_over_websocket, "-audit"),
    Probe("websocket", "dynamodb:GetItem", _refusal_over_websocket),
    Probe("websocket", "execute-api:ManageConnections", _refusal_over_websocket),
    Probe("websocket", "dynamodb:UpdateItem", _run_over_websocket),
    Probe("websocket", "lambda:InvokeFunction", _run_over_websocket),
    Probe("websocket", "dynamodb:DeleteItem", Caller.disappears),
]
