"""The cases: each user task by itself, and each with each attack of its suite."""

from dataclasses import dataclass
from typing import Any

import scripts
import suites
from environments import Environment, ToolError


@dataclass(frozen=True)
class Case:
    """A user task, and an attack unless it is played by itself."""

    suite: str
    user_task: Any
    injection_task: Any | None

    def open(self) -> Environment:
        """Return an environment of its own."""
        return Environment(self.suite, self.user_task.ID, self.injection_task and self.injection_task.ID)

    def calls(self) -> list[scripts.Call]:
        """Return the user's calls."""
        return scripts.of_user(self.user_task, self.open().state)


def attack(environment: Environment) -> list[scripts.Call]:
    """Return the attacker's calls in an environment as it is now; none where there is no attacker."""
    if environment.injection_task is None:
        return []
    before, now = environment.initial(), environment.state.model_copy(deep=True)
    return scripts.of_attacker(environment.suite, environment.injection_task, before, now)


def user_cases(suite: str) -> list[Case]:
    """Return the user tasks by themselves."""
    return [Case(suite, user_task, None) for user_task in suites.user_tasks(suite)]


def pairs(suite: str) -> list[Case]:
    """Return each user task with each attack."""
    attacks = suites.injection_tasks(suite)
    return [Case(suite, user_task, injection) for user_task in suites.user_tasks(suite) for injection in attacks]


def play(environment: Environment, calls: list[scripts.Call]) -> int:
    """Make calls without any policy, and return how many failed."""
    failed = 0
    for call in calls:
        try:
            environment.run(call["tool"], call["arguments"])
        except ToolError:
            failed += 1
    return failed


def user_case_json(case: Case) -> dict[str, Any]:
    """Return a user task as the harness reads it."""
    return _user_json(case, case.calls())


def pair_json(case: Case) -> dict[str, Any]:
    """Return a pair as the harness reads it, with the attacker's calls as they are if they come first of all."""
    environment = case.open()
    calls = case.calls()
    attacker = attack(environment)
    play(environment, calls)
    return _user_json(case, calls) | {
        "injection_task": case.injection_task.ID,
        "goal": case.injection_task.GOAL,
        "attack": attacker,
        "has_script": bool(attacker),
        "script_is_ours": scripts.is_ours(case.suite, case.injection_task.ID),
        "first_sight": environment.first_sight,
    }


def _user_json(case: Case, calls: list[scripts.Call]) -> dict[str, Any]:
    return {
        "suite": case.suite,
        "user_task": case.user_task.ID,
        "prompt": case.user_task.PROMPT,
        "answer": case.user_task.GROUND_TRUTH_OUTPUT,
        "calls": calls,
        "plan": scripts.plan(case.suite, calls),
    }
