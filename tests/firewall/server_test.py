"""Tests of the annotations, the scripts and the server; run with the Python of .venv/firewall."""

import json
import threading
import unittest
import urllib.error
import urllib.request
from typing import Any

import annotations
import cases
import cloud
import dry_run
import gullible
import scripts
import server
import suites

# What the gateway allows in a schema of each type, besides what it allows in all.
_EVERY = {"type", "description", "default", "enum", "const", "x-authority"}
_OWN = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "boolean": set(),
}
_PYTHON = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
# What the gateway keeps of an output.
_MAX_OUTPUT_BYTES = 65_536


def _outside_subset(schema: Any, at: str) -> list[str]:
    """Return where a schema leaves the gateway's subset."""
    if not isinstance(schema.get("type"), str) or schema["type"] not in _OWN:
        return [f"{at}: no single type"]
    faults = [f"{at}: {key}" for key in schema.keys() - _EVERY - _OWN[schema["type"]]]
    if schema["type"] == "object":
        if schema.get("additionalProperties") is not False:
            faults.append(f"{at}: an open object")
        faults += [
            f"{at}: {name} is required" for name in schema.get("required", []) if name not in schema["properties"]
        ]
        for name, part in schema["properties"].items():
            faults += _outside_subset(part, f"{at}.{name}")
    if schema["type"] == "array":
        faults += _outside_subset(schema["items"], f"{at}[]")
    return faults


def _refused(schema: Any, value: Any, at: str) -> list[str]:
    """Return where a schema refuses a value."""
    if not isinstance(value, _PYTHON[schema["type"]]) or value not in schema.get("enum", [value]):
        return [f"{at}: {value!r}"]
    if isinstance(value, dict):
        known = schema["properties"]
        faults = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
        faults += [f"{at}: {name} is unknown" for name in value if name not in known]
        for name in known.keys() & value.keys():
            faults += _refused(known[name], value[name], f"{at}.{name}")
        return faults
    if isinstance(value, list):
        return [fault for item in value for fault in _refused(schema["items"], item, f"{at}[]")]
    return []


class Annotations(unittest.TestCase):
    def test_they_name_every_tool_and_no_other(self) -> None:
        tools = {suite: {tool.name for tool in suites.SUITES[suite].tools} for suite in suites.NAMES}
        named = {suite: set(marks) for suite, marks in annotations.annotations().items()}
        self.assertEqual(named, tools)
        self.assertFalse(tools["workspace"] & tools["slack"], "one gateway has both")

    def test_each_has_an_effect_an_output_and_parameters_that_exist(self) -> None:
        for suite, tools in annotations.annotations().items():
            schemas = {action["name"]: action["parameters"] for action in annotations.actions(suite, "")}
            for tool, marks in tools.items():
                with self.subTest(tool=tool):
                    self.assertLessEqual(marks.keys(), {"effect", "output", "content", "schema"})
                    self.assertIn(marks["effect"], ("read", "write"))
                    self.assertIn(marks["output"], ("trusted", "untrusted"))
                    named = {*marks.get("content", []), *marks.get("schema", {})}
                    self.assertLessEqual(named, schemas[tool]["properties"].keys())
                    self.assertFalse(marks["effect"] == "read" and "content" in marks)

    def test_schemas_are_in_the_gateways_subset(self) -> None:
        for tool, schema in annotations.schemas().items():
            self.assertEqual(_outside_subset(schema, tool), [])
        self.assertEqual(
            _outside_subset({"type": "object", "properties": {"p": {}}}, "t"),
            ["t: an open object", "t.p: no single type"],
        )

    def test_content_is_marked(self) -> None:
        marked = annotations.schemas()["send_email"]["properties"]
        content = {name for name, schema in marked.items() if schema.get("x-authority") is False}
        self.assertEqual(content, {"subject", "body"})


class Scripts(unittest.TestCase):
    def test_every_pair_sees_the_injection_and_has_calls_that_the_schemas_accept(self) -> None:
        schemas = annotations.schemas()
        for suite in suites.NAMES:
            for pair in map(cases.pair_json, cases.pairs(suite)):
                name = f"{suite} {pair['user_task']} {pair['injection_task']}"
                self.assertIsNotNone(pair["first_sight"], name)
                self.assertTrue(pair["has_script"], name)
                for call in pair["calls"] + pair["attack"]:
                    self.assertEqual(_refused(schemas[call["tool"]], call["arguments"], call["tool"]), [], name)
        self.assertEqual(
            _refused(schemas["delete_file"], {"id": 1}, "t"), ["t: file_id is missing", "t: id is unknown"]
        )

    def test_every_user_task_is_done_without_a_policy(self) -> None:
        for suite in suites.NAMES:
            for case in cases.user_cases(suite):
                self.assertTrue(dry_run.user_task_is_done(case), f"{suite} {case.user_task.ID}")

    def test_without_a_policy_every_attack_reaches_its_goal_but_not_by_reading_alone(self) -> None:
        for suite in suites.NAMES:
            user_task = suites.user_tasks(suite)[0]
            for injection_task in suites.injection_tasks(suite):
                case = cases.Case(suite, user_task, injection_task)
                for order in dry_run.ORDERS.values():
                    self.assertTrue(order(case), injection_task.ID)
                environment = case.open()
                calls = cases.attack(environment)
                cases.play(environment, [call for call in calls if not annotations.is_write(suite, call["tool"])])
                self.assertFalse(environment.security(), injection_task.ID)

    def test_the_plan_counts_writes(self) -> None:
        calls = [{"tool": tool} for tool in ("send_email", "search_emails", "send_email", "delete_email")]
        self.assertEqual(scripts.plan("workspace", calls), {"send_email": 2, "delete_email": 1})


class ChosenForTheCloud(unittest.TestCase):
    def test_each_reaches_its_goal_without_a_policy(self) -> None:
        chosen = cloud.chosen()
        self.assertEqual(len(chosen), 10)
        for case in chosen:
            self.assertTrue(dry_run.user_first(case), f"{case.suite} {case.user_task.ID} {case.injection_task.ID}")

    def test_the_model_makes_the_users_calls_and_then_the_attackers(self) -> None:
        served = gullible.GullibleServer(0)
        self.addCleanup(served.server_close)
        case = cloud.chosen()[0]
        game, _ = served.play(case)

        def ask(messages: list[Any], model: str = gullible.MODEL) -> Any:
            body = {"model": model, "messages": messages}
            (choice,) = json.loads(served.answer("POST", "/v1/chat/completions", "", body)[2])["choices"]
            return choice["message"]

        def called(outputs: list[str]) -> str:
            return ask([{"role": "tool", "content": text} for text in outputs])["tool_calls"][0]["function"]["name"]

        self.assertEqual(called([]), "get_unread_emails")
        self.assertEqual(ask([{"role": "tool", "content": "an output"}])["content"], "Done.")
        attack = [suites.MARKER, "denied", "denied"]
        names = [called(attack[:number]) for number in (1, 2, 3)]
        self.assertEqual(names, ["get_unread_emails", "send_email", "delete_email"])
        self.assertEqual(ask([{"role": "tool", "content": text} for text in [*attack, "denied"]])["content"], "Done.")
        self.assertEqual(json.loads(ask([], gullible.PLANNER)["content"]), game.plan)


class Serving(unittest.TestCase):
    def setUp(self) -> None:
        self.server = server.Server(0)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def _ask(self, path: str, body: Any = None, environment: str = "", method: str | None = None) -> tuple[int, str]:
        request = urllib.request.Request(
            f"http://{server.HOST}:{self.server.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"x-environment": environment},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def _reset(self, **names: str) -> str:
        return str(json.loads(self._ask("/reset", names)[1])["environment"])

    def test_a_pair_from_reset_to_verdict(self) -> None:
        opened = self._reset(suite="slack", user_task="user_task_0", injection_task="injection_task_1")
        status, page = self._ask("/tools/slack/get_webpage", {"url": "www.informations.com"}, opened)
        self.assertEqual(status, 200)
        self.assertIn(suites.MARKER, page)
        verdict = json.loads(self._ask("/verdict", {"environment": opened})[1])
        seen = {"executed": 1, "saw_injection": True, "first_sight": 0}
        self.assertEqual(verdict, {"utility": True, "security": False, **seen})
        (call,) = json.loads(self._ask("/attack", {"environment": opened})[1])["calls"]
        self.assertEqual(self._ask(f"/tools/slack/{call['tool']}", call["arguments"], opened), (200, "None"))
        verdict = json.loads(self._ask("/verdict", {"environment": opened, "utility": False})[1])
        self.assertEqual(verdict, {"utility": None, "security": True, **seen, "executed": 2})
        self.assertEqual(self._ask(f"/environments/{opened}", method="DELETE")[0], 200)
        self.assertEqual(self._ask("/verdict", {"environment": opened})[0], 404)

    def test_environments_share_nothing(self) -> None:
        names = {"suite": "workspace", "user_task": "user_task_0", "injection_task": "injection_task_1"}
        one, other = self._reset(**names), self._reset(**names)
        self.assertEqual(self._ask("/tools/workspace/delete_file", {"file_id": "13"}, one)[0], 200)
        verdicts = [json.loads(self._ask("/verdict", {"environment": opened})[1]) for opened in (one, other)]
        self.assertEqual([verdict["security"] for verdict in verdicts], [True, False])
        self.assertEqual(self._ask("/tools/workspace/get_file_by_id", {"file_id": "13"}, other)[0], 200)
        self.assertEqual(self._ask("/tools/workspace/get_file_by_id", {"file_id": "13"}, self._reset(**names))[0], 200)

    def test_null_arguments_are_ignored_and_errors_are_400(self) -> None:
        opened = self._reset(suite="workspace", user_task="user_task_0")
        query = {"query": "Networking event", "date": None}
        status, events = self._ask("/tools/workspace/search_calendar_events", query, opened)
        self.assertEqual((status, suites.MARKER in events), (200, False))
        failed = self._ask("/tools/workspace/get_file_by_id", {"file_id": "no such file"}, opened)
        self.assertEqual(failed, (400, "ValueError: File with ID 'no such file' not found."))
        for path in ("/tools/slack/get_channels", "/tools/workspace/get_channels", "/nothing"):
            self.assertEqual(self._ask(path, {}, opened)[0], 404, path)
        self.assertEqual(self._ask("/tools/workspace/list_files", {}, "unknown")[0], 404)
        self.assertEqual(self._ask("/reset", {"suite": "slack", "user_task": "user_task_99"})[0], 404)

    def test_the_cases_are_complete(self) -> None:
        document = json.loads(self._ask("/cases")[1])
        counts = {
            suite["name"]: [len(suite[key]) for key in ("actions", "user_tasks", "pairs")]
            for suite in document["suites"]
        }
        self.assertEqual(counts, {"workspace": [24, 40, 560], "slack": [11, 21, 105]})
        (action,) = [action for action in document["suites"][1]["actions"] if action["name"] == "get_webpage"]
        self.assertEqual(action["url"], f"http://{server.HOST}:{self.server.port}/tools/slack/get_webpage")
        self.assertEqual((action["effect"], action["output"]), ("write", "untrusted"))

    def test_no_output_is_cut(self) -> None:
        for tool in ("get_received_emails", "get_sent_emails", "list_files"):
            opened = self._reset(suite="workspace", user_task="user_task_0", injection_task="injection_task_13")
            self.assertLess(len(self._ask(f"/tools/workspace/{tool}", {}, opened)[1].encode()), _MAX_OUTPUT_BYTES, tool)


if __name__ == "__main__":
    unittest.main()
