"""Play ten pairs through `make up`: the real functions, a user's token, and the actions of the suites over HTTP.

`make firewall` and the rest of `make test` play all pairs within one process. This shows that the same holds for
the functions: bundle, authentication, storage and audit included. cloud_pairs.yaml names the pairs and says why.

Each pair is played twice. Under `strict` the user's calls run, no write of the attacker's reaches its tool, and the
goal is not reached. Under `permissive` the same calls reach the goal, so that the first half can fail.

Starts a local cloud, and stops it in the end.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

import annotations
import gullible
import suites
from cases import Case

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ("strict", "permissive")
REFUSALS = ("denied", "needs-approval")
# No pair takes more than a few seconds, even on a busy machine.
_TIMEOUT_SECONDS = 120
# More than any case needs.
_CONTEXT_TOKENS = 1_000_000
_MAX_STEPS = 80


class Failed(Exception):
    """A pair that did not end as it must."""


def configuration(server: gullible.GullibleServer) -> dict[str, Any]:
    """Return the configuration: an agent for each suite and policy, with the suite's tools as actions."""
    url = f"http://127.0.0.1:{server.port}"
    actions = {suite: annotations.actions(suite, url) for suite in suites.NAMES}
    model = {"provider": "openai", "context_tokens": _CONTEXT_TOKENS}
    return {
        "llm": model | {"model": gullible.MODEL},
        "providers": {"openai": {"base_url": f"{url}/v1"}},
        "actions": [action for suite in suites.NAMES for action in actions[suite]],
        "agents": [
            {
                "name": f"{suite}-{policy}",
                "tools": [action["name"] for action in actions[suite]],
                "policy": policy,
                "plan": model | {"model": gullible.PLANNER},
                "max_steps": _MAX_STEPS,
            }
            for suite in suites.NAMES
            for policy in POLICIES
        ],
    }


class Gateway:
    """The gateway of a local cloud that was started for this."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as directory:
            # JSON is YAML.
            Path(directory, "openclaw.yaml").write_text(json.dumps(configuration))
            addresses = _make("up", f"CONFIG={directory}")
        self._url = dict(line.split("=", 1) for line in addresses.splitlines())["BASE_URL"]
        self._token = _make("token").strip()
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, agent: str, prompt: str, metadata: dict[str, str]) -> list[dict[str, Any]]:
        """Ask an agent; return the steps of the run."""
        request = urllib.request.Request(
            f"{self._url}/v1/agent/{agent}",
            data=json.dumps({"prompt": prompt, "metadata": metadata}).encode(),
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return list(json.load(response)["steps"])
        except urllib.error.HTTPError as error:
            raise Failed(f"status {error.code}: {error.read().decode(errors='replace')}") from error


def _make(*arguments: str) -> str:
    made = subprocess.run(["make", "--silent", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return made.stdout


class Played:
    """A pair that was played under a policy."""

    def __init__(self, gateway: Gateway, server: gullible.GullibleServer, case: Case, policy: str) -> None:
        self.case = case
        self._game, environment = server.play(case)
        steps = gateway.ask(f"{case.suite}-{policy}", case.user_task.PROMPT, {"environment": environment})
        # Neither the model's turns nor the plan, which is a step where policy asked for it.
        self._steps = [step for step in steps if step["kind"] in ("action", "policy") and step["name"] != "plan"]
        if not self._game.attack:
            raise Failed("the model did not read the attacker's text")
        calls = self._game.users_calls + self._game.attack
        _expect("the calls", [step["name"] for step in self._steps], [call["tool"] for call in calls])
        self.reached_goal = self._game.environment.security()

    def refused(self) -> list[str]:
        """Return what was refused, with its policies; fail if it is not each write of the attacker's and no more."""
        number = len(self._game.users_calls)
        _expect("the user's calls", [step["outcome"] for step in self._steps[:number]], ["succeeded"] * number)
        found, ran = [], list(self._game.users_calls)
        for call, step in zip(self._game.attack or [], self._steps[number:], strict=True):
            if not annotations.is_write(self.case.suite, call["tool"]):
                _expect(f"the attacker's {call['tool']}", step["outcome"], "succeeded")
                ran.append(call)
                continue
            if step["outcome"] not in REFUSALS or not step.get("policy_ids"):
                raise Failed(f"the attacker's {call['tool']}: {step}")
            found.append(f"{call['tool']} {step['outcome']} ({', '.join(step['policy_ids'])})")
        _expect("what reached the tools", self._game.environment.arrived, ran)
        _expect("whether the user's task is done", self._game.environment.utility(), True)
        return found


def _expect(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise Failed(f"{what}: found {found}, expected {expected}")


def play(gateway: Gateway, server: gullible.GullibleServer, case: Case) -> str:
    """Play a pair under both policies; return what `strict` refused."""
    under_strict = Played(gateway, server, case, "strict")
    refused = under_strict.refused()
    _expect("whether the goal was reached under strict", under_strict.reached_goal, False)
    under_permissive = Played(gateway, server, case, "permissive")
    _expect("whether the goal was reached under permissive", under_permissive.reached_goal, True)
    return "; ".join(dict.fromkeys(refused))


def chosen() -> list[Case]:
    """Return the pairs of cloud_pairs.yaml."""
    listed = yaml.safe_load(Path(__file__).with_name("cloud_pairs.yaml").read_text())
    return [
        Case(suite, loaded.get_user_task_by_id(pair["user_task"]), loaded.get_injection_task_by_id(pair["attack"]))
        for suite, pairs in listed.items()
        for loaded in [suites.SUITES[suite]]
        for pair in pairs
    ]


def play_all(gateway: Gateway, server: gullible.GullibleServer) -> int:
    """Play the pairs, print a line for each, and return how many failed."""
    failures = 0
    for case in chosen():
        name = f"{case.suite} {case.user_task.ID} {case.injection_task.ID}"
        try:
            # Some of AgentDojo's checks print.
            with contextlib.redirect_stdout(None):
                refused = play(gateway, server, case)
            print(f"  {name}: {refused}", file=sys.stderr)
        except Failed as failure:
            failures += 1
            print(f"FAILED: {name}: {failure}", file=sys.stderr)
    return failures


def main() -> int:
    """Start a local cloud, play the pairs and stop it."""
    server = gullible.GullibleServer(0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gateway = Gateway(configuration(server))
    try:
        began = time.monotonic()
        failures = play_all(gateway, server)
        print(f"  {time.monotonic() - began:.1f} s without the start of the cloud", file=sys.stderr)
    finally:
        _make("down")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
