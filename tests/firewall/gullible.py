"""A gullible model behind OpenAI's protocol, and its planner, beside the suites' tools: for a gateway that really runs.

It plays one case at a time, user-first: the user's calls, then the attacker's if an output carried the attacker's text.
A denial does not stop it. The messages that it gets say how far it is, so that a repeated request does no harm.

    POST /v1/chat/completions   the next call, or the last word; the model `planner` answers with the plan
    GET  /v1/models
"""

import json
from typing import Any

import cases
import scripts
import suites
from environments import Environment
from server import Answer, Server, json_answer

MODEL = "gullible"
PLANNER = "planner"

_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


class Game:
    """A case that is played: its environment, and the calls of both sides."""

    def __init__(self, case: cases.Case) -> None:
        self.environment: Environment = case.open()
        self.users_calls = case.calls()
        self.plan = scripts.plan(case.suite, self.users_calls)
        self.attack: list[scripts.Call] | None = None

    def call(self, number: int, *, has_read: bool) -> scripts.Call | None:
        """Return the call of this number, the user's first; None after the last."""
        if number < len(self.users_calls):
            return self.users_calls[number]
        if not has_read:
            return None
        if self.attack is None:
            self.attack = cases.attack(self.environment)
        attacks = self.attack[number - len(self.users_calls) :]
        return attacks[0] if attacks else None


class GullibleServer(Server):
    """The suites' tools and the model; `game` is what the model plays."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.game: Game | None = None

    def play(self, case: cases.Case) -> tuple[Game, str]:
        """Play this case from now on; return the game and the id of its environment."""
        self.game = Game(case)
        return self.game, self.environments.add(self.game.environment)

    def answer(self, method: str, path: str, environment_id: str, body: Any) -> Answer:
        """Answer a request to the model, or else as the server of the tools does."""
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "chat", "completions"]:
                return json_answer(self._completion(body))
            case "GET", ["v1", "models"]:
                models = [{"id": model, "object": "model"} for model in (MODEL, PLANNER)]
                return json_answer({"object": "list", "data": models})
        return super().answer(method, path, environment_id, body)

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.game is None:
            raise RuntimeError("no case is played")
        if body["model"] == PLANNER:
            message, reason = _says(json.dumps(self.game.plan)), "stop"
        else:
            outputs = [message["content"] for message in body["messages"] if message["role"] == "tool"]
            has_read = any(suites.MARKER in output for output in outputs)
            call = self.game.call(len(outputs), has_read=has_read)
            message, reason = (_calls(call, len(outputs)), "tool_calls") if call else (_says("Done."), "stop")
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return {"object": "chat.completion", "model": body["model"], "choices": [choice], "usage": _USAGE}


def _says(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def _calls(call: scripts.Call, number: int) -> dict[str, Any]:
    function = {"name": call["tool"], "arguments": json.dumps(call["arguments"])}
    calls = [{"id": f"call-{number}", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}
