"""Requests that need the roles' rights, sent as a front door sends them, to functions that have cached nothing."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from archive_caller import ArchiveCaller
from console import Failure
from resources import Account
from state import State
from tokens import token
from websocket_client import Unanswered, ask, connected

# Between head and body of a streamed answer.
_DELIMITER = "\0" * 8

# The alias of infra/modules/function, and the functions that a message over a WebSocket invokes by it.
_ALIAS = "live"
_BEHIND_WEBSOCKET = ("stream", "websocket")
_DISAPPEAR_SECONDS = 5


class Caller:
    """Invokes functions as the load balancer does, in execution environments of its own: those of $LATEST."""

    def __init__(self, account: Account, running: State, outputs: dict[str, Any]) -> None:
        self._lambda = account.client("lambda", read_timeout_seconds=180)
        self._dynamodb = account.client("dynamodb")
        self._names: dict[str, str] = outputs["function_names"]
        self._table: str = outputs["table_name"]
        self._logs = account.client("logs")
        self.archive = ArchiveCaller(account, outputs)
        self._websocket_url = str(running.ws_url)
        self._tokens = {who: token(running, who) for who in ("alice", "admin", "bob")}
        self.last: tuple[int, Any] = (0, None)
        # A conversation of two turns for each function that has any; the first one was sent with the function's key.
        self.keys = {function: str(uuid.uuid4()) for function in ("agent", "stream")}
        self.conversations = {
            function: self.new_conversation(function=function, idempotency_key=key)
            for function, key in self.keys.items()
        }
        for function, conversation in self.conversations.items():
            self.turn(conversation=conversation, function=function)

    @contextmanager
    def behind_websocket(self) -> Iterator[None]:
        """Point the WebSocket at $LATEST for the length of the block: only there can environments be ended."""
        names = [self._names[function] for function in _BEHIND_WEBSOCKET]
        served = {name: self._lambda.get_alias(FunctionName=name, Name=_ALIAS)["FunctionVersion"] for name in names}
        try:
            for name in served:
                self._lambda.update_alias(FunctionName=name, Name=_ALIAS, FunctionVersion="$LATEST")
            yield
        finally:
            for name, version in served.items():
                self._lambda.update_alias(FunctionName=name, Name=_ALIAS, FunctionVersion=version)

    def start_anew(self, function: str) -> None:
        """End the function's execution environments, and with them everything that they have cached."""
        name = self._names[function]
        # An update with the same values changes nothing else.
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
        """Invoke the function; return the status and the JSON of the answer, or 0 if the function failed to start."""
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
            # A streamed answer comes as one text.
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

    def act(self, action: str, function: str = "agent") -> tuple[int, Any]:
        """Run the agent that calls one action, as bob, whose tenant alone has it."""
        path = f"/v1/agent/{action.replace('_', '-')}" + ("/stream" if function == "stream" else "")
        return self.call(function, "POST", path, {"prompt": "Hi"}, who="bob")

    def failure_of(self, action: str, function: str = "agent") -> str | None:
        """Run the agent that calls one action, and return how the function's log names the failure of the call."""
        since = int(time.time() * 1000)
        self.act(action, function)
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{self._names[function]}", startTime=since
        )
        lines = [event["message"] for page in pages for event in page["events"]]
        faults = [json.loads(line).get("fault") for line in lines if f'"action":"{action}"' in line]
        return next((str(fault) for fault in reversed(faults) if fault), None)

    def new_conversation(self, **headers: str) -> str:
        """Create a conversation of two messages and return its id."""
        status, answer = self.turn(**headers)
        if status != 200:
            raise Failure(f"a turn with every right failed with status {status}: {answer}")
        return str(answer["conversation_id"])

    def items(self, conversation: str) -> int:
        """Return the number of items in the table for a conversation of alice."""
        found = self._dynamodb.query(
            TableName=self._table,
            Select="COUNT",
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": f"T#acme#C#{conversation}"}},
        )
        return int(found["Count"])

    def authorizes(self) -> bool:
        """Return whether the authorizer of the API for streams lets a request with a good token pass."""
        event = {
            "type": "REQUEST",
            "methodArn": "arn:aws:execute-api:us-east-1:000000000000:api/live/POST/v1/agent/openai/stream",
            "httpMethod": "POST",
            "headers": {"Authorization": f"Bearer {self._tokens['alice']}"},
        }
        answer = self._lambda.invoke(FunctionName=self._names["authorizer"], Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read() or b"null")
        self.last = 0 if "FunctionError" in answer else 200, payload
        return self.last[0] == 200 and isinstance(payload, dict) and "policyDocument" in payload

    def connects(self) -> bool:
        """Return whether a WebSocket can be opened."""
        try:
            with connected(self._websocket_url, self._tokens["alice"]):
                return True
        except Unanswered as failure:
            self.last = failure.status or 0, str(failure)
            return False

    def ask_over_websocket(self, message: dict[str, Any], timeout_seconds: float, times: int = 1) -> tuple[int, Any]:
        """Send a message; return the status and data of the answer's last event, or 0 if there was no answer."""
        try:
            frame = ask(self._websocket_url, self._tokens["alice"], message, timeout_seconds, times)
        except Unanswered as failure:
            self.last = failure.status or 0, str(failure)
        else:
            self.last = 200 if frame["event"] == "end" else int(frame["data"]["status"]), frame["data"]
        return self.last

    def disappears(self) -> bool:
        """Return whether a closed connection soon disappears from the table."""
        before = self._connections()
        with connected(self._websocket_url, self._tokens["alice"]):
            opened = self._connections() - before
        end = time.monotonic() + _DISAPPEAR_SECONDS
        while (kept := opened & self._connections()) and time.monotonic() < end:
            time.sleep(0.2)
        self.last = 0, f"opened {opened}, of which the table keeps {kept}"
        return len(opened) == 1 and not kept

    def _connections(self) -> set[str]:
        """Return the connections in the table."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(PK, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": "W#"}},
        )
        return {item["PK"]["S"] for page in pages for item in page["Items"]}


def _streamed(payload: str) -> tuple[int, Any]:
    """Return a streamed answer as if it were buffered: a stream with status 200 may still end with a problem."""
    head, _, body = payload.partition(_DELIMITER)
    status = int(json.loads(head)["statusCode"])
    if status != 200:
        return status, json.loads(body) if body else None
    events = [_event(block) for block in body.split("\n\n") if "data:" in block]
    name, last = events[-1] if events else ("", None)
    return (200, last) if name == "end" else (int((last or {}).get("status", 0)), last)


def _event(block: str) -> tuple[str, Any]:
    """Return the name and data of a Server-Sent Event."""
    fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
    return fields.get("event", ""), json.loads(fields["data"])
