"""When is the local cloud ready? Each check returns None when it is, or why it is not yet."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import web
from console import Failure, say, wait_until
from processes import is_running, log_tail
from settings import MODEL_ALIAS, Ports
from state import State
from tokens import token

if TYPE_CHECKING:  # loading the SDK would slow `make token`
    from resources import Account

# What MiniStack's Bedrock answers with, and status 200, when it cannot reach the model.
_CANNED_TEXT = "[ministack mock"
_SMOKE_MODEL = "anthropic.claude-3-sonnet-20240229-v1:0"

# A function answers without a token that one is missing; only `health` needs none.
# `None` is no body, and so a GET.
_DOORS: dict[str, tuple[str, dict[str, str] | None, int]] = {
    "health": ("/v1/health", None, 200),
    "agent": ("/v1/agent/default", {"prompt": "Hello"}, 401),
    "agents": ("/v1/agents", None, 401),
    "stream": ("/v1/agent/default/stream", {"prompt": "Hello"}, 401),
    "conversations": ("/v1/conversations", None, 401),
}


def wait_for(service: str, what: str, probe: Callable[[], str | None], timeout_seconds: float) -> None:
    """Wait for `probe`, but not for a program that has ended; a failure shows the end of its log."""

    def probe_while_running() -> str | None:
        if not is_running(service):
            raise Failure(f"{service} stopped while it was starting")
        return probe()

    try:
        wait_until(what, probe_while_running, timeout_seconds)
    except Failure as failure:
        raise Failure(f"{failure}\n{log_tail(service)}") from None


def model(url: str) -> str | None:
    """One token from the model: the first call also warms it up."""
    question = {"model": MODEL_ALIAS, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
    return _expect(web.request(f"{url}/v1/chat/completions", body=question, timeout=60), 200)


def ministack(ports: Ports) -> str | None:
    return _expect(web.request(f"{ports.aws_url}/_ministack/health"), 200)


def ollama(url: str) -> str | None:
    return _expect(web.request(f"{url}/api/version"), 200)


def check_bedrock(account: Account) -> None:
    """Refuse a Bedrock that does not reach the model: its canned answers would look like success."""
    answer = account.client("bedrock-runtime", read_timeout_seconds=120).converse(
        modelId=_SMOKE_MODEL,
        messages=[{"role": "user", "content": [{"text": "Say hello."}]}],
        inferenceConfig={"maxTokens": 8},
    )
    text = answer["output"]["message"]["content"][0]["text"]
    if not text.strip() or _CANNED_TEXT in text:
        raise Failure(f"MiniStack's Bedrock does not reach the local model; it answered {text!r}")


def wait_for_functions(service: str, state: State) -> None:
    """Wait for each function in turn, then for a signed-in request; `service` is the program that runs them."""
    base = state.base_url
    for name, (path, body, status) in _DOORS.items():
        if name == "stream" and state.stream_url is None:
            continue
        say(f"waiting for {name} ({path})")
        wait_for(service, name, lambda: _expect(web.request(base + path, body=body, timeout=60), status), 180)
    bearer = {"authorization": f"Bearer {token(state, 'alice')}"}
    say("signing in as alice")

    def signed_in() -> str | None:
        return _expect(web.request(f"{base}/v1/agents", headers=bearer), 200)

    wait_for(service, "a signed-in request", signed_in, 60)
    if state.ws_url is not None:
        _wait_for_websocket(state.ws_url, token(state, "alice"))


def is_healthy(state: State) -> bool:
    """Say whether an instance from an earlier command still answers."""
    if ministack(state.ports) is not None or _expect(web.request(f"{state.base_url}/v1/health"), 200) is not None:
        return False
    return state.ws_url is None or _websocket_answers(state.ws_url, token(state, "alice")) is None


def _wait_for_websocket(url: str, bearer: str) -> None:
    """Its functions run inside MiniStack, wherever the others do."""
    say(f"waiting for websocket ({url})")
    wait_for("ministack", "websocket", lambda: _websocket_answers(url, bearer), 60)
    wait_for("ministack", "stream behind websocket", lambda: _websocket_runs(url, bearer), 60)
    wait_for("ministack", "websocket", lambda: _websocket_refuses(url), 60)


def _websocket_answers(url: str, bearer: str) -> str | None:
    """What no function knows is answered all the same: by way of the table, the function and the way back."""
    return _expect_error(url, bearer, {"action": "are-you-well"}, 422)


def _websocket_runs(url: str, bearer: str) -> str | None:
    """No conversation has this id, as the function that runs agents finds out before it asks a model."""
    turn = {"agent": "default", "prompt": "Hello", "conversation_id": str(uuid.uuid4())}
    return _expect_error(url, bearer, {"action": "invoke"} | turn, 404)


def _expect_error(url: str, bearer: str, message: dict[str, str], status: int) -> str | None:
    from websocket_client import Unanswered, ask  # loads a package, which would slow `make token`

    try:
        frame = ask(url, bearer, message, timeout_seconds=30)
    except Unanswered as failure:
        return str(failure)
    well = frame["event"] == "error" and frame["data"]["status"] == status
    return None if well else f"not an error of status {status} but {str(frame)[:300]}"


def _websocket_refuses(url: str) -> str | None:
    """Nobody without a token may connect."""
    from websocket_client import Unanswered, connected

    try:
        with connected(url, None):
            return "a handshake without a token was let in"
    except Unanswered as failure:
        return None if failure.status in (401, 403) else str(failure)


def _expect(answer: web.Answer | None, status: int) -> str | None:
    if answer is None:
        return "no answer yet"
    if answer.status != status:
        return f"status {answer.status} instead of {status}: {answer.text[:300]}"
    return None
