"""Checks of the local cloud's parts. Each returns None when the part is well, or the reason why it is not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import parallel
import processes
import web
from console import Failure, say, wait_until
from processes import is_running, log_tail
from settings import CONFIG_DIR, IPV6_HOST, LOGS, MODEL_ALIAS, Ports
from state import State
from tokens import token
from world_files import REQUESTS_PATH

if TYPE_CHECKING:  # loading the SDK would slow `make token`
    from resources import Account
    from world import World

Check = Callable[[], str | None]

# MiniStack's Bedrock answers with this text, and status 200, when it cannot reach the model.
_CANNED_TEXT = "[ministack mock"
_SMOKE_MODEL = "anthropic.claude-3-sonnet-20240229-v1:0"

# A request for each function: path and body (`None` is a GET); then the status without a token, and the statuses where
# the configuration asks for no token. No request reaches a model: a prompt is missing.
_REQUESTS: dict[str, tuple[str, dict[str, str] | None, int, set[int]]] = {
    "health": ("/v1/health", None, 200, {200}),
    "agent": ("/v1/agent/default", {}, 401, {404, 422}),
    "agents": ("/v1/agents", None, 401, {200}),
    "stream": ("/v1/agent/default/stream", {}, 401, {404, 422}),
    "conversations": ("/v1/conversations", None, 401, {200}),
}

# What a function logs before it ends because it cannot start.
_REFUSALS = {"the configuration is refused", "the function cannot start"}

_START_SECONDS = 180.0
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Part:
    """A part of the running cloud."""

    name: str
    service: str  # the program that runs it
    check: Check


def wait_for(service: str, what: str, check: Check, timeout_seconds: float) -> None:
    """Wait until the check passes, the program has ended or a function refuses to start.

    A failure shows the faults that the function names, or else the end of the program's log.
    """

    def check_while_running() -> str | None:
        if not is_running(service):
            raise Failure(f"{service} stopped while it was starting")
        if (reason := check()) is None:
            return None
        if faults := _refusals(service):
            raise _Refused("the functions refuse to start:" + "".join(f"\n  {fault}" for fault in faults))
        return reason

    try:
        wait_until(what, check_while_running, timeout_seconds)
    except _Refused:
        raise
    except Failure as failure:
        raise Failure(f"{failure}\n{log_tail(service)}") from None


class _Refused(Failure):
    """The functions cannot start, and their faults say why."""


def _refusals(service: str) -> list[str]:
    """Return the faults for which a function of `service` could not start, each once."""
    path = LOGS / f"{service}.log"
    found: dict[str, None] = {}
    for line in path.read_text(errors="replace").splitlines() if path.exists() else []:
        if any(message in line for message in _REFUSALS):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # of another program
            found[str(entry.get("fault", entry["message"]))] = None
    return list(found)


def model(url: str) -> str | None:
    """Ask the model for one token: the first call also warms it up."""
    question = {"model": MODEL_ALIAS, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
    return _expect(web.request(f"{url}/v1/chat/completions", body=question, timeout=60), {200})


def ministack(ports: Ports) -> str | None:
    return _expect(web.request(f"{ports.aws_url}/_ministack/health"), {200})


def ollama(url: str) -> str | None:
    return _expect(web.request(f"{url}/api/version"), {200})


def world(surroundings: World) -> str | None:
    """Ask each HTTP service of the world for the requests that it got."""
    answers = (_expect(web.request(service.url + REQUESTS_PATH), {200}) for service in surroundings.services)
    return next((reason for reason in answers if reason is not None), None)


def check_bedrock(account: Account) -> None:
    """Fail if Bedrock does not reach the model: its canned answers would look like success."""
    answer = account.client("bedrock-runtime", read_timeout_seconds=120).converse(
        modelId=_SMOKE_MODEL,
        messages=[{"role": "user", "content": [{"text": "Say hello."}]}],
        inferenceConfig={"maxTokens": 8},
    )
    text = answer["output"]["message"]["content"][0]["text"]
    if not text.strip() or _CANNED_TEXT in text:
        raise Failure(f"MiniStack's Bedrock does not reach the local model; it answered {text!r}")


def wait_for_functions(service: str, state: State) -> None:
    """Wait for all functions at once: `cargo lambda watch` starts each one at its first request.

    `service` is the program that runs them.
    """
    parts = _functions(service, state, _START_SECONDS)
    say(f"waiting for the functions ({', '.join(part.name for part in parts)})")
    parallel.run_all(lambda part=part: _wait_for_part(part, _START_SECONDS) for part in parts)


def wait_for_websocket(state: State) -> None:
    """Wait for the functions behind the WebSocket, which run inside MiniStack."""
    if state.ws_url is None:
        return
    say(f"waiting for the WebSocket ({state.ws_url})")
    for part in _websocket(state):
        _wait_for_part(part, 60)


def sign_in(service: str, state: State) -> None:
    """Wait until the gateway accepts a token of alice."""
    say("signing in as alice")
    url, headers = f"{state.base_url}/v1/agents", _bearer(state, "alice")
    wait_for(service, "a signed-in request", lambda: _expect(web.request(url, headers=headers), {200}), 60)


def agents_of(state: State, user: str) -> list[str]:
    """Return the names of the agents that a local user may use."""
    answer = web.request(f"{state.base_url}/v1/agents", headers=_bearer(state, user), timeout=30)
    if answer is None or answer.status != 200:
        raise Failure(f"listing the agents as {user} failed: {_expect(answer, {200})}")
    return [str(agent["name"]) for agent in answer.json()["agents"]]


def dead_parts(state: State) -> dict[str, str]:
    """Ask every part of a running cloud at once; return why each one that is not well is not."""
    found: dict[str, str] = {name: "its process has ended" for name in processes.recorded() if not is_running(name)}

    def ask(part: Part) -> None:
        if part.service not in found:
            try:
                reason = part.check()
            except Failure as failure:
                reason = str(failure)
            if reason is not None:
                found[part.name] = reason

    parallel.run_all(lambda part=part: ask(part) for part in _parts(state))
    return found


def _parts(state: State) -> list[Part]:
    """Return every part of a running cloud, those first on which the others depend."""
    parts = [Part("ministack", "ministack", lambda: ministack(state.ports))]
    if (model_url := state.model_url) is not None:
        parts.append(Part("model", "model", lambda: model(model_url)))
        parts.append(Part("bedrock", "ministack", lambda: _bedrock(state)))
    if (ollama_url := state.ollama_url) is not None:
        parts.append(Part("ollama-proxy", "ollama-proxy", lambda: ollama(ollama_url)))
    if "ipv6-proxy" in processes.recorded():
        parts.append(Part("ipv6-proxy", "ipv6-proxy", lambda: _ipv6_health(state.ports)))
    # Without `cargo lambda watch` the functions run inside MiniStack.
    service = "functions" if "functions" in processes.recorded() else "ministack"
    parts += _functions(service, state, _ANSWER_SECONDS) + _websocket(state)
    return [*parts, Part("deep health", service, lambda: _deep_health(state))]


def _bedrock(state: State) -> str | None:
    from botocore.exceptions import BotoCoreError, ClientError

    from resources import Account

    try:
        check_bedrock(Account(state.ports.aws_url))
    except (BotoCoreError, ClientError) as failure:
        return str(failure)
    return None


def _deep_health(state: State) -> str | None:
    """Ask the gateway for the health of all that it needs, as an operator."""
    headers = _bearer(state, "admin") if state.authenticated else {}
    answer = web.request(f"{state.base_url}/v1/health/deep", headers=headers, timeout=60)
    reason = _expect(answer, {200})
    parts = (answer.json() or {}).get("parts", []) if answer is not None else []
    failing = [part["name"] for part in parts if part["status"] != "ok"]
    if failing and state.config != str(CONFIG_DIR) and all(name.startswith("provider ") for name in failing):
        # A configuration of one's own may name a provider that this machine cannot reach.
        say(f"  deep health: {reason}")
        return None
    return reason


def _functions(service: str, state: State, timeout_seconds: float) -> list[Part]:
    def ask(path: str, body: dict[str, str] | None, statuses: set[int]) -> str | None:
        return _expect(web.request(state.base_url + path, body=body, timeout=timeout_seconds), statuses)

    return [
        Part(name, service, lambda path=path, body=body, statuses=statuses: ask(path, body, statuses))
        for name, (path, body, refusal, answers) in _REQUESTS.items()
        if name != "stream" or state.stream_url is not None
        for statuses in [{refusal} if state.authenticated else answers]
    ]


def _websocket(state: State) -> list[Part]:
    if (url := state.ws_url) is None:
        return []
    parts = [Part("websocket", "ministack", lambda: _websocket_answers(url, state))]
    if state.agent is not None:
        parts.append(Part("stream behind websocket", "ministack", lambda: _websocket_runs(url, state)))
    if state.authenticated:
        parts.append(Part("websocket without a token", "ministack", lambda: _websocket_refuses(url)))
    return parts


def _wait_for_part(part: Part, timeout_seconds: float) -> None:
    wait_for(part.service, part.name, part.check, timeout_seconds)
    say(f"  {part.name} answers")


def _ipv6_health(ports: Ports) -> str | None:
    return _expect(web.request(f"http://[{IPV6_HOST}]:{ports.gateway}/v1/health"), {200})


def _websocket_answers(url: str, state: State) -> str | None:
    """Send an unknown action: its refusal passes the table, the function and the connection's management API."""
    return _expect_error(url, token(state, state.user), {"action": "are-you-well"}, {422})


def _websocket_runs(url: str, state: State) -> str | None:
    """Continue an unknown conversation: the function that runs agents refuses it before it asks a model.

    Where a policy forbids the invocation, that is its refusal.
    """
    turn = {"agent": str(state.agent), "prompt": "Hello", "conversation_id": str(uuid.uuid4())}
    return _expect_error(url, token(state, state.user), {"action": "invoke"} | turn, {403, 404})


def _expect_error(url: str, bearer: str, message: dict[str, str], statuses: set[int]) -> str | None:
    from websocket_client import Unanswered, ask  # loads a package, which would slow `make token`

    try:
        frame = ask(url, bearer, message, timeout_seconds=30)
    except Unanswered as failure:
        return str(failure)
    expected = frame["event"] == "error" and frame["data"]["status"] in statuses
    wanted = " or ".join(map(str, sorted(statuses)))
    return None if expected else f"instead of an error with status {wanted} came {str(frame)[:300]}"


def _websocket_refuses(url: str) -> str | None:
    """Connect without a token, which must be refused."""
    from websocket_client import Unanswered, connected

    try:
        with connected(url, None):
            return "a handshake without a token was accepted"
    except Unanswered as failure:
        return None if failure.status in (401, 403) else str(failure)


def _bearer(state: State, user: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token(state, user)}"}


def _expect(answer: web.Answer | None, statuses: set[int]) -> str | None:
    if answer is None:
        return "no answer"
    if answer.status not in statuses:
        expected = " or ".join(str(status) for status in sorted(statuses))
        return f"status {answer.status} instead of {expected}: {answer.text[:300]}"
    return None
