"""`make smoke`: ask every part of a deployment once, as a client would, and say which part does not answer.

The addresses come from `terraform output`, or from BASE_URL, STREAM_URL and WS_URL; the access token from TOKEN. The
token's user should be in the groups `user` and `operator`; without the latter deep health is skipped. Exit status: 0 if
every part answers, 1 if one does not, 2 if there is nothing to ask.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "local"))

from websocket_client import Unanswered, ask

_SECONDS = 90
_PROMPT = "Say hello in one short sentence."


@dataclass(frozen=True)
class Deployment:
    """The addresses of a deployment, and the token to call them with."""

    base_url: str
    token: str
    stream_url: str | None = None
    websocket_url: str | None = None


@dataclass(frozen=True)
class Row:
    """What a part answered."""

    part: str
    status: str  # ok, FAILED or skipped
    detail: str = ""


class NotAnswered(Exception):
    """A part answered wrongly, or not at all."""


class Skipped(Exception):
    """A part could not be asked."""


def check(deployment: Deployment) -> list[Row]:
    """Ask every part and return what each answered, in the order of asking."""
    agents: list[str] = []
    rows = [
        _row("health", lambda: _health(deployment)),
        _row("refusal without a token", lambda: _refusal(deployment)),
        _row("agents", lambda: _agents(deployment, agents)),
        _row("deep health", lambda: _deep_health(deployment)),
    ]
    rows += [_row(f"turn of {agent}", lambda agent=agent: _turn(deployment, agent)) for agent in agents]
    first = agents[0] if agents else None
    rows.append(_row("stream", lambda: _stream(deployment, first)))
    rows.append(_row("WebSocket", lambda: _websocket(deployment, first)))
    return rows


def _row(part: str, ask_part: Callable[[], str]) -> Row:
    try:
        return Row(part, "ok", ask_part())
    except Skipped as reason:
        return Row(part, "skipped", str(reason))
    except NotAnswered as reason:
        return Row(part, "FAILED", str(reason))


def _health(deployment: Deployment) -> str:
    answer = _json(deployment.base_url, "GET", "/v1/health", None)
    return f"version {answer['version']}"


def _refusal(deployment: Deployment) -> str:
    status, _ = _call(deployment.base_url, "GET", "/v1/agents", None)
    if status != 401:
        raise NotAnswered(f"a request without a token was answered with {status} instead of 401")
    return ""


def _agents(deployment: Deployment, found: list[str]) -> str:
    answer = _json(deployment.base_url, "GET", "/v1/agents", deployment.token)
    found += [agent["name"] for agent in answer["agents"]]
    if not found:
        raise NotAnswered("the token's user may use no agent: add the user to a group of access.groups")
    return ", ".join(found)


def _deep_health(deployment: Deployment) -> str:
    status, body = _call(deployment.base_url, "GET", "/v1/health/deep", deployment.token)
    if status == 403:
        raise Skipped("the token's user is not in the group of operators")
    parts = json.loads(body or "{}").get("parts") or []
    failing = [f"{part['name']}: {part.get('detail', 'failing')}" for part in parts if part["status"] != "ok"]
    if status != 200:
        raise NotAnswered("; ".join(failing) or f"status {status}: {_excerpt(body)}")
    return f"{len(parts)} parts"


def _turn(deployment: Deployment, agent: str) -> str:
    answer = _json(deployment.base_url, "POST", f"/v1/agent/{agent}", deployment.token, {"prompt": _PROMPT})
    _forget(deployment, answer["conversation_id"])
    return f"{answer['provider']} {answer['model']}, {answer['latency_ms']} ms"


def _stream(deployment: Deployment, agent: str | None) -> str:
    if deployment.stream_url is None:
        raise Skipped("the deployment has no API for streams")
    if agent is None:
        raise Skipped("there is no agent to ask")
    path = f"/v1/agent/{agent}/stream"
    status, body = _call(deployment.stream_url, "POST", path, deployment.token, {"prompt": _PROMPT})
    if status != 200:
        raise NotAnswered(f"status {status}: {_excerpt(body)}")
    events = [line.removeprefix("event: ") for line in body.splitlines() if line.startswith("event: ")]
    if not events or events[0] != "start" or events[-1] != "end":
        raise NotAnswered(f"the events are {', '.join(events) or 'none'}, and not start to end")
    started = json.loads(next(line for line in body.splitlines() if line.startswith("data: ")).removeprefix("data: "))
    _forget(deployment, started["conversation_id"])
    return f"{len(events)} events"


def _websocket(deployment: Deployment, agent: str | None) -> str:
    if deployment.websocket_url is None:
        raise Skipped("the deployment has no WebSocket API")
    if agent is None:
        raise Skipped("there is no agent to ask")
    message = {"action": "invoke", "agent": agent, "request_id": "smoke", "prompt": _PROMPT}
    try:
        last = ask(deployment.websocket_url, deployment.token, message, _SECONDS)
    except (Unanswered, TimeoutError) as error:
        raise NotAnswered(str(error) or "no answer in time") from None
    if last["event"] != "end":
        raise NotAnswered(f"the run ended with {last['data'].get('detail', last['event'])}")
    _forget(deployment, last["data"]["conversation_id"])
    return ""


def _forget(deployment: Deployment, conversation: str) -> None:
    """Erase what the check has stored."""
    _call(deployment.base_url, "DELETE", f"/v1/conversations/{conversation}", deployment.token)


def _json(base: str, method: str, path: str, token: str | None, body: Any = None) -> Any:
    status, text = _call(base, method, path, token, body)
    if status != 200:
        raise NotAnswered(f"status {status}: {_excerpt(text)}")
    try:
        return json.loads(text)
    except ValueError:
        raise NotAnswered(f"the answer is not JSON: {_excerpt(text)}") from None


def _call(base: str, method: str, path: str, token: str | None, body: Any = None) -> tuple[int, str]:
    headers = {"content-type": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base.rstrip("/") + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, ValueError) as error:
        raise NotAnswered(f"{method} {path}: {error}") from None


def _excerpt(text: str) -> str:
    """Return the problem's detail, or the beginning of another text."""
    try:
        return str(json.loads(text)["detail"])
    except (ValueError, KeyError, TypeError):
        return " ".join(text.split())[:120] or "an empty answer"


def report(rows: list[Row]) -> bool:
    """Print the table; return whether no part has failed."""
    width = max(len(row.part) for row in rows)
    for row in rows:
        print(f"{row.part:<{width}}  {row.status:<7}  {row.detail}".rstrip())
    return all(row.status != "FAILED" for row in rows)


def _outputs(directory: str) -> dict[str, Any]:
    command = ["terraform", f"-chdir={directory}", "output", "-json"]
    try:
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        raise SystemExit("error: terraform is not installed") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"error: terraform output failed in {directory}: {error.stderr.strip()}") from None
    return {name: output["value"] for name, output in json.loads(printed).items()}


def main() -> int:
    """Ask the deployment that BASE_URL names, or whose Terraform is in INFRA (default `infra`)."""
    token = os.environ.get("TOKEN", "").strip()
    if not token:
        print("error: set TOKEN to an access token; docs/deploy.md shows how to get one", file=sys.stderr)
        return 2
    if base_url := os.environ.get("BASE_URL"):
        deployment = Deployment(base_url, token, os.environ.get("STREAM_URL"), os.environ.get("WS_URL"))
    else:
        outputs = _outputs(os.environ.get("INFRA", "infra"))
        if "base_url" not in outputs:
            print("error: terraform has no outputs: apply first, or set BASE_URL", file=sys.stderr)
            return 2
        deployment = Deployment(outputs["base_url"], token, outputs.get("stream_url"), outputs.get("websocket_url"))
    return 0 if report(check(deployment)) else 1


if __name__ == "__main__":
    sys.exit(main())
