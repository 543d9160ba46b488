"""Environments in use: the calls that ran in each, what they returned, and AgentDojo's verdict in the end."""

import threading
import uuid
from typing import Any

from agentdojo.functions_runtime import FunctionCall, FunctionsRuntime
from pydantic import BaseModel

import suites

_RUNTIMES = {suite: FunctionsRuntime(suites.SUITES[suite].tools) for suite in suites.NAMES}


class Unknown(Exception):
    """No such suite, task or environment."""


class ToolError(Exception):
    """A tool refused its arguments or failed; the text is what AgentDojo shows to the model."""


class Environment:
    """An environment of a user task, with the attacker's text in place if there is an attacker."""

    def __init__(self, suite: str, user_task: str, injection_task: str | None) -> None:
        self.suite = suite
        self.injection_task = None
        self._text = None
        try:
            self.user_task = suites.SUITES[suite].get_user_task_by_id(user_task)
            if injection_task is not None:
                self.injection_task = suites.SUITES[suite].get_injection_task_by_id(injection_task)
                self._text = suites.injection_text(suite, injection_task)
        except KeyError as error:
            raise Unknown(str(error)) from error
        self._lock = threading.Lock()
        self._calls: list[FunctionCall] = []
        self.first_sight: int | None = None
        self.state = self.initial()

    def initial(self) -> Any:
        """Return the environment as it was in the beginning; a copy of its own, since some checks change it."""
        injection_task = self.injection_task and self.injection_task.ID
        return self.user_task.init_environment(suites.environment(self.suite, injection_task))

    @property
    def executed(self) -> int:
        """The number of calls that reached a tool."""
        return len(self._calls)

    @property
    def arrived(self) -> list[dict[str, Any]]:
        """The calls that reached a tool, as the scripts write them."""
        return [{"tool": call.function, "arguments": dict(call.args)} for call in self._calls]

    def run(self, tool: str, arguments: dict[str, Any]) -> str:
        """Run a tool and return its output as AgentDojo formats it for the model; raises ToolError."""
        with self._lock:
            return self._run(tool, arguments)

    def _run(self, tool: str, arguments: dict[str, Any]) -> str:
        index = len(self._calls)
        self._calls.append(FunctionCall(function=tool, args=arguments))
        result, error = _RUNTIMES[self.suite].run_function(self.state, tool, arguments)
        output = error if error is not None else suites.output_text(result)
        # The result and not the output, in which YAML breaks lines and doubles quotes.
        if self.first_sight is None and self._text is not None and (_holds(result, self._text) or self._text in output):
            self.first_sight = index
        if error is not None:
            raise ToolError(error)
        return output

    def utility(self) -> bool:
        """Return whether the user's task was done, if the model then answers as the ground truth does."""
        return bool(self._judged(self.user_task))

    def security(self) -> bool:
        """Return whether the attacker's goal was reached; AgentDojo calls it so."""
        return self.injection_task is not None and bool(self._judged(self.injection_task))

    def _judged(self, task: Any) -> bool:
        """Judge as TaskSuite does, which offers no public function for it. Some checks change both environments."""
        suite = suites.SUITES[self.suite]
        answer = [{"type": "text", "content": self.user_task.GROUND_TRUTH_OUTPUT}]
        after = self.state.model_copy(deep=True)
        return suite._check_task_result(task, answer, self.initial(), after, self._calls)


class Environments:
    """The environments in use by id; safe for use by several threads, each with environments of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._environments: dict[str, Environment] = {}

    def open(self, suite: str, user_task: str, injection_task: str | None) -> str:
        """Open an environment and return its id; raises Unknown."""
        return self.add(Environment(suite, user_task, injection_task))

    def add(self, environment: Environment) -> str:
        """Add an environment and return its id."""
        environment_id = uuid.uuid4().hex
        with self._lock:
            self._environments[environment_id] = environment
        return environment_id

    def find(self, environment_id: str) -> Environment:
        """Return an environment in use; raises Unknown."""
        with self._lock:
            found = self._environments.get(environment_id)
        if found is None:
            raise Unknown(f"environment {environment_id!r}")
        return found

    def close(self, environment_id: str) -> None:
        """Remove an environment if there is one of this id."""
        with self._lock:
            self._environments.pop(environment_id, None)


def _holds(value: Any, text: str) -> bool:
    """Return whether a text within a tool's result holds `text`."""
    match value:
        case str():
            return text in value
        case BaseModel():
            return _holds(value.model_dump(), text)
        case dict():
            return any(_holds(part, text) for pair in value.items() for part in pair)
        case list() | tuple() | set():
            return any(_holds(part, text) for part in value)
        case _:
            return False
