"""Tests of the worlds that `make up` makes of DIR/local/, and of its console."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools/local"))

import web
import world
import world_files
import world_http
from console import Failure
from settings import Ports

ROOT = Path(__file__).resolve().parent.parent
PORTS = Ports(9000, 4566)
KEY = {"hash": "tenant", "range": "id"}
ITEM = {"tenant": "acme", "id": 7, "price": 1.5, "open": True}
ROUTE = {"method": "GET", "path": "/v1/things", "status": 200, "body": {"things": []}}
HANDLER = "def handler(event, context):\n    return event\n"


class Console(unittest.TestCase):
    def test_a_reader_that_has_read_enough_ends_nothing(self) -> None:
        program = "import console\nfor _ in range(3): console.say('s'); console.result('r')\nopen(3, 'w').write('done')"
        for unread in ({"stdout"}, {"stderr"}, {"stdout", "stderr"}):
            kept, closed = os.pipe()
            ends, written = os.pipe()
            os.close(kept)
            streams = {stream: closed if stream in unread else subprocess.PIPE for stream in ("stdout", "stderr")}
            command = ["bash", "-c", f'exec "$@" 3>&{written}', "bash", sys.executable, "-c", program]
            run = subprocess.run(
                command, check=False, cwd=ROOT / "tools/local", pass_fds=[written], text=True, **streams
            )
            os.close(closed)
            os.close(written)
            with self.subTest(unread), os.fdopen(ends) as reached:
                self.assertEqual((run.returncode, reached.read()), (0, "done"), run.stderr)
                self.assertNotIn("Error", run.stderr or "")


class Worlds(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.directory = Path(folder.name)

    def write(self, path: str, content: Any) -> None:
        file = self.directory / "local" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))

    def read(self) -> world.World:
        return world.read(self.directory, PORTS)

    def refusal(self) -> str:
        with self.assertRaises(Failure) as caught:
            self.read()
        return str(caught.exception)

    def refuses(self, path: str, content: Any, expected: str) -> None:
        """Check that a file is refused with a text that names it and has `expected`, and then remove it."""
        self.write(path, content)
        with self.subTest(expected):
            text = self.refusal()
            self.assertIn(f"{self.directory / 'local' / path}: found ", text)
            self.assertIn(expected, text)
            self.assertIn("; allowed: ", text)
        (self.directory / "local" / path).unlink()

    def test_a_directory_without_a_world_is_an_empty_one(self) -> None:
        self.assertEqual(self.read(), world.World([], [], []))

    def test_a_table_is_read(self) -> None:
        self.write("tables/tickets.json", {"key": KEY, "items": [ITEM, ITEM | {"id": 8}]})
        [table] = self.read().tables
        self.assertEqual((table.name, table.partition, table.sort), ("tickets", "tenant", "id"))
        self.assertEqual(table.types, {"tenant": "S", "id": "N"})
        self.assertEqual([item["id"] for item in table.items], [7, 8])
        self.assertEqual(str(table.items[0]["price"]), "1.5", "a decimal, as DynamoDB keeps it")

    def test_a_faulty_table_is_refused(self) -> None:
        good = {"key": KEY, "items": [ITEM]}
        self.refuses("tables/tickets.json", "{", "what is not JSON: ")
        self.refuses("tables/tickets.json", '{"key": {"hash": "id"}, "items": [{"id": NaN}]}', "NaN is not a number")
        self.refuses("tables/tickets.json", [], "found []; allowed: an object with key (an object), items (a list)")
        self.refuses("tables/tickets.json", {"key": KEY}, "found no items")
        self.refuses("tables/tickets.json", good | {"index": {}}, 'an unknown member "index"')
        self.refuses("tables/tickets.json", good | {"key": {"hash": 7}}, "key: hash: 7; allowed: hash (a text)")
        self.refuses("tables/tickets.json", good | {"key": {"hash": "a", "range": "a"}}, "the names of one or two")
        self.refuses("tables/tickets.json", good | {"items": ["x"]}, 'items[0]: "x"; allowed: an object')
        self.refuses("tables/tickets.json", good | {"items": [{"tenant": "acme"}]}, "items[0].id: null")
        self.refuses("tables/tickets.json", good | {"items": [ITEM | {"id": True}]}, "items[0].id: true")
        self.refuses("tables/tickets.json", good | {"items": [ITEM | {"id": ""}]}, 'items[0].id: ""')
        self.refuses("tables/tickets.json", good | {"items": [ITEM, ITEM | {"id": "8"}]}, "items[1]: a key of another")
        self.refuses("tables/tickets.json", good | {"items": [ITEM, ITEM]}, "items[1]: the key of an earlier item")
        self.refuses("tables/my table.json", good, 'the name "my table"')
        self.refuses("tables/openclaw.json", good, "openclaw, a name of the gateway's own")
        self.refuses("tables/tickets.yaml", good, "allowed: a file with the ending .json")

    def test_a_function_is_read_and_packaged(self) -> None:
        self.write("functions/greet/greeting.py", "from words import HELLO\n" + HANDLER)
        self.write("functions/greet/words.py", "HELLO = 'Hello'\n")
        self.write("functions/greet/inner/data.json", {})
        self.write("functions/greet/README.md", "# Greet")
        [function] = self.read().functions
        self.assertEqual((function.name, function.module), ("greet", "greeting"))
        names = zipfile.ZipFile(io.BytesIO(world.package(function))).namelist()
        self.assertEqual(sorted(names), ["greeting.py", "inner/data.json", "words.py"])

    def test_a_linked_folder_is_a_function(self) -> None:
        self.write("functions/echo/echo.py", "handler = lambda event, context: event\n")
        linked = self.directory / "local" / "functions" / "translate"
        linked.symlink_to(ROOT / "examples/actions/translate")
        modules = {function.name: function.module for function in self.read().functions}
        self.assertEqual(modules, {"echo": "echo", "translate": "translate"})

    def test_a_faulty_function_is_refused(self) -> None:
        path = "functions/greet/greet.py"
        self.refuses(path, "def handler(:", "a file that Python cannot read: ")
        self.write("functions/greet/other.py", "def main():\n    def handler():\n        pass\n")
        self.assertIn("greet: found 0 files that define `handler` (none); allowed: one file", self.refusal())
        self.write("functions/greet/other.py", HANDLER)
        self.write(path, HANDLER)
        self.assertIn("found 2 files that define `handler` (greet, other)", self.refusal())
        (self.directory / "local" / path).unlink()
        self.refuses("functions/greet.py", HANDLER, "allowed: a folder with the function's name")
        self.write("functions/openclaw-stream/main.py", HANDLER)
        self.assertIn("openclaw-stream, a name of the gateway's own", self.refusal())

    def test_a_faulty_service_is_refused(self) -> None:
        good = {"port": web.free_port(), "routes": [ROUTE]}
        path = "http/things.json"
        self.refuses(path, {"routes": [ROUTE]}, "found no port; allowed: port (a number), routes (a list)")
        self.refuses(path, good | {"port": True}, "port: true")
        self.refuses(path, good | {"port": 80}, "port: 80; allowed: a number from 1024 to 65535")
        self.refuses(path, good | {"port": 9000}, "port: 9000, the port of the gateway")
        self.refuses(path, good | {"origin": "things.example.com/v1"}, "scheme and host")
        self.refuses(path, good | {"routes": []}, "routes: an empty list")
        self.refuses(path, good | {"routes": [ROUTE | {"method": "get"}]}, 'routes[0].method: "get"; allowed: DELETE')
        self.refuses(path, good | {"routes": [ROUTE | {"path": "v1"}]}, 'routes[0].path: "v1"')
        self.refuses(path, good | {"routes": [ROUTE | {"path": "/_requests?x"}]}, "other than /_requests")
        self.refuses(path, good | {"routes": [ROUTE | {"status": 99}]}, "routes[0].status: 99")
        self.refuses(path, good | {"routes": [ROUTE | {"delay": 1}]}, 'routes[0]: an unknown member "delay"')

    def test_a_port_has_one_service(self) -> None:
        document = {"port": web.free_port(), "routes": [ROUTE]}
        self.write("http/first.json", document)
        with mock.patch.object(web, "is_taken", return_value=True):
            text = self.refusal()
        self.assertIn(f"port: {document['port']}, which another program has taken; allowed: stop it, or choose", text)
        self.write("http/second.json", document)
        text = self.refusal()
        self.assertIn(f"second.json: found port: {document['port']}, the port of {self.directory}", text)

    def test_names_without_a_meaning_are_refused_with_all_other_faults(self) -> None:
        self.write("table/tickets.json", {})
        self.write("http/things.json", {})
        text = self.refusal()
        self.assertIn("table: found not a part of a world; allowed: a folder that is named tables, functions or", text)
        self.assertIn("things.json: found no port and no routes", text)

    def test_services_stand_in_for_their_origins(self) -> None:
        self.write("http/things.json", {"port": 9321, "origin": "https://api.example.com", "routes": [ROUTE]})
        urls = [
            "https://api.example.com/v1/{{ arguments.id }}",
            "https://api.example.com",
            "https://api.example.com.eu/",
        ]
        document = {
            "actions": [*({"url": url} for url in urls), {"type": "dynamodb"}],
            "providers": {"openai": {"base_url": "https://api.example.com/v1"}, "bedrock": None},
        }
        bundle = {"document": document, "rights": {}}
        with mock.patch.object(web, "is_taken", return_value=False):
            filled = world.redirect(bundle, self.read())["document"]
        found = [action.get("url") for action in filled["actions"]]
        self.assertEqual(
            found, [f"http://127.0.0.1:9321{end}" for end in ("/v1/{{ arguments.id }}", "")] + [urls[2], None]
        )
        self.assertEqual(filled["providers"]["openai"]["base_url"], "http://127.0.0.1:9321/v1")
        self.assertEqual(document["actions"][0]["url"], urls[0], "the bundle itself is not changed")

    @contextmanager
    def served(self, *routes: dict[str, Any]) -> Any:
        """Serve the routes and yield the address."""
        self.write("http/things.json", {"port": web.free_port(), "routes": list(routes)})
        server = world_http.Server(world_files.service(self.directory / "local/http/things.json"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with closing(server.socket), mock.patch.object(world_http.BaseHTTPRequestHandler, "log_message"):
            yield server.service.url
            server.shutdown()

    def test_a_service_answers_and_shows_its_requests(self) -> None:
        found = ROUTE | {"path": "/v1/things?q=a b", "body": {"things": [{"price": 1.5}]}}
        created = {"method": "POST", "path": "/v1/things", "contains": "lamp", "status": 201, "body": "made"}
        with self.served(found, ROUTE, created) as url:
            answers = [
                web.request(f"{url}/v1/things?limit=3&q=a%20b"),
                web.request(f"{url}/v1/things?q=c"),
                web.request(f"{url}/v1/things", body={"name": "lamp"}, headers={"Idempotency-Key": "k/1"}),
                web.request(f"{url}/v1/things", body={"name": "chair"}),
                web.request(f"{url}/v1/other"),
            ]
            shown = [(answer.status, answer.text) for answer in answers if answer]
            self.assertEqual(shown[0], (200, '{"things": [{"price": 1.5}]}'))
            self.assertEqual(shown[1:3], [(200, '{"things": []}'), (201, "made")])
            self.assertEqual([status for status, _ in shown[3:]], [404, 404])
            self.assertIn("has no route for this GET /v1/other", shown[4][1])
            noted = self.requests(url)
            self.assertEqual([one["status"] for one in noted], [200, 200, 201, 404, 404])
            self.assertEqual(noted[0]["query"], {"limit": ["3"], "q": ["a b"]})
            self.assertEqual((noted[2]["method"], noted[2]["body"]), ("POST", {"name": "lamp"}))
            self.assertEqual(noted[2]["headers"]["idempotency-key"], "k/1")
            self.assertEqual(len(self.requests(url, method="DELETE")), 5)
            self.assertEqual(self.requests(url), [], "they are forgotten")

    def test_a_body_without_a_length_is_refused(self) -> None:
        with self.served(ROUTE) as url:
            answer = web.request(f"{url}/v1/things", body=b"", headers={"content-length": "many"})
            self.assertEqual(answer and answer.status, 411)
            self.assertEqual(self.requests(url), [])

    def requests(self, url: str, method: str = "GET") -> list[dict[str, Any]]:
        message = urllib.request.Request(f"{url}/_requests", method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(message, timeout=10) as response:
            return list(json.loads(response.read())["requests"])


class Examples(unittest.TestCase):
    def test_the_worlds_of_the_examples_are_good(self) -> None:
        directories = sorted((ROOT / "examples/agents").iterdir())
        self.assertGreaterEqual(len(directories), 5)
        with mock.patch.object(web, "is_taken", return_value=False):
            for directory in directories:
                with self.subTest(directory.name):
                    world.read(directory, PORTS)


if __name__ == "__main__":
    unittest.main()
