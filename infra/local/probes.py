"""A request for each right of each function: served with it, and not without."""

import functools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from console import Failure
from resources import Account
from state import State
from tokens import token

Right = tuple[str, str]  # an action, and a resource's ARN

# Between head and body of a streamed answer.
_DELIMITER = "\0" * 8


@dataclass(frozen=True)
class Probe:
    """A right, and a request that is served with it and not without."""

    function: str
    action: str
    request: Callable[["Caller"], bool]
    resource: str = ""  # how the ARN goes on or ends, where the action is given on several

    def takes(self, right: Right) -> bool:
        return right[0] == self.action and (right[1].endswith(self.resource) or f"{self.resource}-" in right[1])

    def __str__(self) -> str:
        return f"{self.function}: {self.action}" + (f" on {self.resource}" if self.resource else "")


class Caller:
    """Invokes functions as the load balancer does, in execution environments of its own: those of $LATEST."""

    def __init__(self, account: Account, running: State, outputs: dict[str, Any]) -> None:
        self._lambda = account.client("lambda", read_timeout_seconds=180)
        self._dynamodb = account.client("dynamodb")
        self._names: dict[str, str] = outputs["function_names"]
        self._table: str = outputs["table_name"]
        self._tokens = {who: token(running, who) for who in ("alice", "admin")}
        self.last: tuple[int, Any] = (0, None)
        # A conversation of two turns for each function that has any; the first one was sent with the function's key.
        self.keys = {function: str(uuid.uuid4()) for function in ("agent", "stream")}
        self.conversations = {
            function: self.new_conversation(function=function, idempotency_key=key)
            for function, key in self.keys.items()
        }
        for function, conversation in self.conversations.items():
            self.turn(conversation=conversation, function=function)

    def start_anew(self, function: str) -> None:
        """End the function's environments, and with them all that they have cached."""
        name = self._names[function]
        # Saying again what holds already changes nothing else.
        timeout = self._lambda.get_function_configuration(FunctionName=name)["Timeout"]
        self._lambda.update_function_configuration(FunctionName=name, Timeout=timeout)
        self._lambda.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})

    def call(
        self,
        function: str,
        method: str,
        path: str,
        body: Any = None,
        who: str = "alice",
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> tuple[int, Any]:
        """The status and the JSON of the answer; 0 where the function did not come up."""
        sent = {"authorization": f"Bearer {self._tokens[who]}", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        event = {
            "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:::targetgroup/probe/0"}},
            "httpMethod": method,
            "path": path,
            "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "body": "" if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = self._lambda.invoke(FunctionName=self._names[function], Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            self.last = 0, payload
        elif isinstance(payload, str):
            # What was streamed comes as one text.
            self.last = _streamed(payload)
        else:
            text = payload.get("body")
            self.last = payload["statusCode"], json.loads(text) if text else None
        return self.last

    def turn(
        self, agent: str = "openai", conversation: str | None = None, function: str = "agent", **headers: str
    ) -> tuple[int, Any]:
        body = {"prompt": "Hi", "max_tokens": 2} | ({"conversation_id": conversation} if conversation else {})
        path = f"/v1/agent/{agent}" + ("/stream" if function == "stream" else "")
        return self.call(function, "POST", path, body, **headers)

    def new_conversation(self, **headers: str) -> str:
        """One of two messages."""
        status, answer = self.turn(**headers)
        if status != 200:
            raise Failure(f"a turn with every right failed with status {status}: {answer}")
        return str(answer["conversation_id"])

    def items(self, conversation: str) -> int:
        """How many items the table holds of a conversation of alice's."""
        found = self._dynamodb.query(
            TableName=self._table,
            Select="COUNT",
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": f"T#acme#C#{conversation}"}},
        )
        return int(found["Count"])


def _answered(answer: tuple[int, Any]) -> bool:
    return 200 <= answer[0] < 300


def _streamed(payload: str) -> tuple[int, Any]:
    """What the same answer would be in one piece: a stream that began well may still end with a problem."""
    head, _, body = payload.partition(_DELIMITER)
    status = int(json.loads(head)["statusCode"])
    if status != 200:
        return status, json.loads(body) if body else None
    events = [_event(block) for block in body.split("\n\n") if "data:" in block]
    name, last = events[-1] if events else ("", None)
    return (200, last) if name == "end" else (int((last or {}).get("status", 0)), last)


def _event(block: str) -> tuple[str, Any]:
    """Name and data of a Server-Sent Event."""
    fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
    return fields.get("event", ""), json.loads(fields["data"])


def _second_turn(caller: Caller, function: str) -> bool:
    return _answered(caller.turn(conversation=caller.conversations[function], function=function))


def _replay(caller: Caller, function: str) -> bool:
    """The answer of an earlier turn, whose conversation has gone on: its head is read by itself."""
    return _answered(caller.turn(idempotency_key=caller.keys[function], function=function))


def _retry_after_failure(caller: Caller, function: str) -> bool:
    """A run that failed gives its key free, so that the same request is judged again instead of told to wait."""
    key, unknown = str(uuid.uuid4()), str(uuid.uuid4())
    answers = [caller.turn(conversation=unknown, function=function, idempotency_key=key)[0] for _ in range(2)]
    return answers == [404, 404]


def _page(caller: Caller) -> bool:
    """A page that does not reach the conversation's head, which is then read by itself."""
    path = f"/v1/conversations/{caller.conversations['agent']}"
    return _answered(caller.call("conversations", "GET", path, query={"limit": "1"}))


def _transcript(caller: Caller) -> bool:
    return _answered(caller.call("conversations", "GET", f"/v1/conversations/{caller.conversations['agent']}"))


def _list(caller: Caller) -> bool:
    return _answered(caller.call("conversations", "GET", "/v1/conversations"))


def _erase(caller: Caller) -> bool:
    return _answered(caller.call("conversations", "DELETE", f"/v1/conversations/{caller.new_conversation()}"))


def _purge(caller: Caller) -> bool:
    """Erased is unreadable at once; this is about the messages, which must be gone from the table too."""
    conversation = caller.new_conversation()
    before = caller.items(conversation)
    caller.call("conversations", "DELETE", f"/v1/conversations/{conversation}")
    return before == 3 and caller.items(conversation) == 1  # the head stays, as a tombstone


def _healthy(part: str) -> Callable[[Caller], bool]:
    def request(caller: Caller) -> bool:
        _, health = caller.call("agents", "GET", "/v1/health/deep", who="admin")
        return any(found["name"] == part and found["status"] == "ok" for found in (health or {}).get("parts", []))

    return request


def _turn(agent: str) -> Callable[[Caller, str], bool]:
    return lambda caller, function: _answered(caller.turn(agent, function=function))


def _probes_of_turns(function: str, asks_bedrock: str) -> list[Probe]:
    """Those of a function that runs agents."""
    requests: list[tuple[str, Callable[[Caller, str], bool], str]] = [
        ("ssm:GetParameters", _turn("openai"), ""),
        ("secretsmanager:GetSecretValue", _turn("openai"), "openai/api-key"),
        ("secretsmanager:GetSecretValue", _turn("anthropic"), "anthropic/api-key"),
        ("secretsmanager:GetSecretValue", _turn("ollama"), "ollama/token"),
        (asks_bedrock, _turn("default"), ""),
        ("dynamodb:PutItem", _turn("openai"), ""),
        ("dynamodb:Query", _second_turn, ""),
        ("dynamodb:UpdateItem", _second_turn, ""),
        ("dynamodb:GetItem", _replay, ""),
        ("dynamodb:DeleteItem", _retry_after_failure, ""),
    ]
    return [
        Probe(function, action, functools.partial(request, function=function), resource)
        for action, request, resource in requests
    ]


def _agents(caller: Caller) -> bool:
    return _answered(caller.call("agents", "GET", "/v1/agents"))


PROBES = [
    *_probes_of_turns("agent", "bedrock:InvokeModel"),
    *_probes_of_turns("stream", "bedrock:InvokeModelWithResponseStream"),
    Probe("agents", "ssm:GetParameters", _agents),
    Probe("agents", "secretsmanager:GetSecretValue", _healthy("provider openai"), "openai/api-key"),
    Probe("agents", "secretsmanager:GetSecretValue", _healthy("provider anthropic"), "anthropic/api-key"),
    Probe("agents", "secretsmanager:GetSecretValue", _healthy("provider ollama"), "ollama/token"),
    Probe("agents", "dynamodb:GetItem", _healthy("store")),
    Probe("agents", "bedrock:ListFoundationModels", _healthy("provider bedrock")),
    Probe("agents", "bedrock:ListInferenceProfiles", _healthy("provider bedrock")),
    Probe("conversations", "ssm:GetParameters", _list),
    Probe("conversations", "dynamodb:Query", _transcript, "openclaw-local"),
    Probe("conversations", "dynamodb:Query", _list, "/index/GSI1"),
    Probe("conversations", "dynamodb:GetItem", _page),
    Probe("conversations", "dynamodb:UpdateItem", _erase),
    Probe("conversations", "dynamodb:BatchWriteItem", _purge),
]
