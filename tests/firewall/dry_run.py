"""What an obedient model would do without any policy: every user task, and every pair in both orders.

This validates the scripts: without a firewall nearly every scripted attack must reach its goal. It prints the few that
do not; scripts.yaml explains them.
"""

import contextlib
import os
import time
from collections.abc import Callable

import cases
import scripts
import suites
from cases import Case


def attacker_first(case: Case) -> bool:
    """Play the attack right after the first output that carries it; return whether its goal was reached."""
    environment = case.open()
    for call in case.calls():
        had_seen = environment.first_sight is not None
        cases.play(environment, [call])
        if not had_seen and environment.first_sight is not None:
            cases.play(environment, cases.attack(environment))
    return environment.security()


def user_first(case: Case) -> bool:
    """Play the attack after the user's last call; return whether its goal was reached."""
    environment = case.open()
    cases.play(environment, case.calls())
    cases.play(environment, cases.attack(environment))
    return environment.security()


ORDERS: dict[str, Callable[[Case], bool]] = {"attacker-first": attacker_first, "user-first": user_first}


def sees_injection(case: Case) -> bool:
    """Return whether an output of the user's calls carries the attacker's text."""
    environment = case.open()
    cases.play(environment, case.calls())
    return environment.first_sight is not None


def user_task_is_done(case: Case) -> bool:
    """Play a user task; return whether no call failed and AgentDojo counts the task as done."""
    environment = case.open()
    return cases.play(environment, case.calls()) == 0 and environment.utility()


def missed(pairs: list[Case], order: Callable[[Case], bool]) -> dict[str, list[str]]:
    """Play pairs in an order; return the attacks that missed their goal, each with its user tasks."""
    result: dict[str, list[str]] = {}
    # Some of AgentDojo's checks print.
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        for case in pairs:
            if not order(case):
                result.setdefault(case.injection_task.ID, []).append(case.user_task.ID)
    return result


def _report(suite: str) -> None:
    users, pairs = cases.user_cases(suite), cases.pairs(suite)
    not_done = [case.user_task.ID for case in users if not user_task_is_done(case)]
    scripted = [case for case in pairs if cases.attack(case.open())]
    seen = [case for case in scripted if sees_injection(case)]
    ours = sum(scripts.is_ours(suite, case.injection_task.ID) for case in seen)
    print(f"{suite}: user tasks done: {len(users) - len(not_done)} of {len(users)} {' '.join(not_done)}".rstrip())
    print(f"{suite}: pairs: {len(pairs)}; with a script: {len(scripted)}; of these saw the injection: {len(seen)}")
    print(f"{suite}: of these with AgentDojo's script: {len(seen) - ours}; with ours: {ours}")
    for name, order in ORDERS.items():
        began = time.perf_counter()
        misses = missed(seen, order)
        reached = len(seen) - sum(len(tasks) for tasks in misses.values())
        print(f"{suite}: {name}: goals reached: {reached} of {len(seen)}, in {time.perf_counter() - began:.1f} s")
        for attack in sorted(misses, key=suites.task_number):
            numbers = ", ".join(str(suites.task_number(task)) for task in misses[attack])
            print(f"    {attack} ({len(misses[attack])} missed) with the user tasks {numbers}")


if __name__ == "__main__":
    for name in suites.NAMES:
        _report(name)
