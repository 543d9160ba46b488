"""Runs an example of examples/agents on the local cloud that runs with it, and checks its path, its calls, what is
stored and what is audited.

`example_runs.py EXAMPLE`; tests/run_long.sh starts a local cloud for each. The small model's words are not checked.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools/local"))

import example_audit

import state
import web
from tokens import token

# Long enough for three answers of the small model on a busy machine.
_TIMEOUT_SECONDS = 300

_FINISHED = ("end_turn", "max_tokens")


class Failed(Exception):
    """A run that is not what the example promises."""


class Gateway:
    """The gateway that runs, and the services of the world."""

    def __init__(self) -> None:
        self._running = state.load()
        self._audit = example_audit.Audit(self._running.ports.aws_url)

    def ask(
        self,
        agent: str,
        prompt: str,
        who: str = "alice",
        refused: example_audit.Decision | None = None,
        **metadata: str,
    ) -> dict[str, Any]:
        """Ask an agent; print its path, and return the answer, after what is stored and audited of it was checked.

        `refused` is the decision for which the run fails.
        """
        body = {"prompt": prompt} | ({"metadata": metadata} if metadata else {})
        answer = self._request(f"/v1/agent/{agent}", who, body)
        found = dict(answer.json() or {})
        detail = " > ".join(path(found)) or ", ".join(found.get("policy_ids", []))
        print(f"  {agent}, {prompt!r} {metadata or ''}: {answer.status} {detail}", file=sys.stderr)
        expect("the status", answer.status, 403 if refused else 200, answer.text)
        expect("faults of the audit", example_audit.faults(self._audit.new(), agent, found, refused), [])
        if refused:
            expect("the policies", found["policy_ids"], refused[2])
        else:
            self._check_stored(found, prompt, who)
        return found

    def _check_stored(self, answer: dict[str, Any], prompt: str, who: str) -> None:
        """Check that the prompt and the answer are stored, and nothing beside them but what tools need."""
        found = self._request(f"/v1/conversations/{answer['conversation_id']}", who)
        stored = [message["text"] for message in found.json()["messages"]]
        if any(step["outcome"] == "tool_calls" for step in answer["steps"]):
            stored = [stored[0], stored[-1]]
        expect("what is stored", stored, [prompt, answer["output"]])

    def _request(self, path: str, who: str, body: Any = None) -> web.Answer:
        headers = {"authorization": f"Bearer {token(self._running, who)}"}
        answer = web.request(self._running.base_url + path, body=body, headers=headers, timeout=_TIMEOUT_SECONDS)
        if answer is None:
            raise Failed(f"{path}: no answer")
        return answer


def requests(example: str, service: str) -> list[dict[str, Any]]:
    """Return the requests that a service of the example's world got."""
    file = Path(__file__).resolve().parent.parent / "examples/agents" / example / "local/http" / f"{service}.json"
    answer = web.request(f"http://127.0.0.1:{json.loads(file.read_text())['port']}/_requests")
    return list(answer.json()["requests"]) if answer else []


def path(answer: dict[str, Any]) -> list[str]:
    """Return the steps of a run: name, provider and outcome. A generation may end by itself or at its limit."""
    steps = []
    for step in answer.get("steps", []):
        outcome = "finished" if step["kind"] == "generate" and step["outcome"] in _FINISHED else step["outcome"]
        steps.append(" ".join(word for word in (step["name"], step.get("provider"), outcome) if word))
    return steps


def expect(what: str, found: Any, expected: Any, more: str = "") -> None:
    """Fail if something is not as expected."""
    if found != expected:
        raise Failed(f"{what}: found {found}, expected {expected}{': ' if more else ''}{more}")


def check_tool_path(steps: list[str], tool: str, before: str = "") -> None:
    """Fail unless each reply of Bedrock with tool calls is followed by calls of the tool, and the last one has none.

    `before` is a pattern of the steps that may precede a call.
    """
    call = f"(({tool}|unknown) (succeeded|failed|denied|needs-approval)"
    call += f"|{before})" if before else ")"
    expected = f"(generate bedrock tool_calls( > {call})+ > )*generate bedrock finished"
    if not re.fullmatch(expected, " > ".join(steps)):
        raise Failed(f"the path: found {steps}, expected {expected}")


def support(gateway: Gateway) -> None:
    """Read tickets; the question chooses the provider."""
    answer = gateway.ask("support", "When do I get another printer?", ticket="T-1001")
    expect("the path", path(answer), ["ticket succeeded", "route reply", "reply openai finished"])
    answer = gateway.ask("support", "What does your Policy say?", ticket="T-1001")
    expect("the path", path(answer), ["ticket succeeded", "route policy", "policy bedrock finished"])
    if "[ministack mock" in answer["output"]:
        raise Failed("Bedrock does not reach the local model")
    # Another tenant's ticket.
    answer = gateway.ask("support", "Is it solved?", ticket="T-2001")
    expect("the path", path(answer), ["ticket succeeded", "route unknown"])
    answer = gateway.ask("support", "Is it solved?", who="bob", ticket="T-2001")
    expect("the path", path(answer), ["ticket succeeded", "route reply", "reply openai finished"])
    answer = gateway.ask("support", "Is it solved?", ticket="one of mine")
    expect("the path", path(answer), ["ticket denied"])
    expect("the policies", answer["steps"][0]["policy_ids"], ["invalid-arguments"])


def code_review(gateway: Gateway) -> None:
    """Review a change in one or two rounds."""
    change = "def mean(values):\n    return sum(values) / len(values)"
    answer = gateway.ask("code-review", change)
    models = ["review openai finished", "check anthropic finished"]
    paths = [[*models, "judge done"], [*models, "judge review", *models, "judge done"]]
    if path(answer) not in paths:
        raise Failed(f"the path: found {path(answer)}, expected one of {paths}")
    rounds = path(answer).count(models[0])
    if f"Rounds: {rounds}." not in answer["output"]:
        raise Failed(f"the output does not name {rounds} rounds: {answer['output']}")


def search_then_summarise(gateway: Gateway) -> None:
    """Search, and summarise what was found."""
    question = "Are first class trains paid?"
    answer = gateway.ask("search-then-summarise", question)
    expect("the path", path(answer), ["search succeeded", "found summarise", "summarise openai finished"])
    _, _, sources = answer["output"].rpartition("Sources:\n")
    addresses = [line.rpartition(", ")[2] for line in sources.strip().splitlines()]
    expect("the sources", addresses, [f"https://intranet.example.com/{page}" for page in ("travel", "expenses")])
    answer = gateway.ask("search-then-summarise", "unicorns")
    expect("the path", path(answer), ["search succeeded", "found nothing"])
    calls = requests("search-then-summarise", "search")
    queries = [(call["method"], call["path"], call["query"]) for call in calls]
    expected = [("GET", "/v1/documents", {"limit": ["3"], "q": [words]}) for words in (question, "unicorns")]
    expect("the calls", queries, expected)
    if not all(call["headers"].get("authorization", "").startswith("Bearer ") for call in calls):
        raise Failed("the search was called without its key")


def compliance(gateway: Gateway) -> None:
    """Pay, where policies and policy model allow it."""

    def pay(supplier: str, country: str, amount: int, decision: str = "", policy: str = "") -> dict[str, Any]:
        fields = {"supplier": supplier, "country": country, "amount": str(amount)}
        refused = ("pay", decision, [policy]) if decision else None
        return gateway.ask("compliance", "Please pay this invoice.", refused=refused, **fields)

    # Deep health may have asked for the list of models.
    def opinions() -> list[dict[str, Any]]:
        return [one for one in requests("compliance", "policy-model") if one["method"] == "POST"]

    def payments() -> list[dict[str, Any]]:
        found = requests("compliance", "payments")
        expect("the calls", {(one["method"], one["path"]) for one in found}, {("POST", "/v1/payments")})
        return [{name: one["body"][name] for name in ("supplier", "country", "amount")} for one in found]

    answer = pay("Nordwind GmbH", "DE", 250)
    expect("the path", path(answer), ["opinion openai allow", "pay succeeded"])
    expect("the output", answer["output"], "Paid. The payment's number is P-4711.")
    pay("Nordwind GmbH", "KP", 250, "deny", "sanctioned-country")
    expect("the number of opinions", len(opinions()), 1)
    pay("Nordwind GmbH", "DE", 25000, "ask", "large-payment")
    pay("Letterbox Ltd", "DE", 250, "deny", "strict-opinion")
    expect("the number of opinions", len(opinions()), 3)
    expect("the payments", payments(), [{"supplier": "Nordwind GmbH", "country": "DE", "amount": 250}])
    # Whatever the model proposes, each payment and each opinion has its step, and no policy forbids what is paid.
    answer = gateway.ask("clerk", "Pay 300 euros to Nordwind GmbH in DE.")
    steps = path(answer)
    check_tool_path(steps, "pay", "opinion openai (allow|deny|unclear)")
    expect("the number of opinions", len(opinions()), 3 + sum(step.startswith("opinion") for step in steps))
    expect("the number of payments", len(payments()), 1 + steps.count("pay succeeded"))
    for payment in payments():
        if payment["country"] in ("IR", "KP", "SY") or payment["amount"] > 10000:
            raise Failed(f"a forbidden payment was sent: {payment}")


def translate(gateway: Gateway) -> None:
    """Translate with the function, whose words are not a model's."""
    answer = gateway.ask("translate", "Hello, world! Thanks, Ada.")
    expect("the path", path(answer), ["translate succeeded"])
    expect("the output", answer["output"], "Hola, mundo! Gracias, Ada.")
    answer = gateway.ask("assistant", "Good morning!")
    check_tool_path(path(answer), "translate")


_EXAMPLES: dict[str, Callable[[Gateway], None]] = {
    "code-review": code_review,
    "compliance": compliance,
    "search-then-summarise": search_then_summarise,
    "support": support,
    "translate": translate,
}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in _EXAMPLES:
        print(f"usage: example_runs.py EXAMPLE, one of {', '.join(_EXAMPLES)}", file=sys.stderr)
        return 2
    try:
        _EXAMPLES[sys.argv[1]](Gateway())
    except Failed as failure:
        print(f"FAILED: {sys.argv[1]}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
