"""Serve the suites' tools to the gateway, and the cases and verdicts to the harness that plays them.

Prints its port as the first line of standard output. With --exit-with-stdin it ends when standard input does, so that
it never outlives a harness that was killed.

    GET    /cases              the tools as `actions:`, the user tasks and the pairs
    POST   /reset              {suite, user_task, injection_task?} -> {environment}
    POST   /tools/SUITE/TOOL   x-environment: ID, and the arguments -> the output as text; 400 and a text if it fails
    POST   /attack             {environment} -> {calls}: the attacker's calls if they begin now
    POST   /verdict            {environment, utility?} -> {utility, security, executed, saw_injection, first_sight}
    DELETE /environments/ID
"""

import argparse
import functools
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import annotations
import cases
import suites
from environments import Environments, ToolError, Unknown

HOST = "127.0.0.1"
Answer = tuple[int, str, bytes]  # status, content type, body


class NotFound(Exception):
    """Nothing is served there."""


def json_answer(value: Any, status: int = 200) -> Answer:
    """Return a value as an answer."""
    return status, "application/json", json.dumps(value, ensure_ascii=False).encode()


def _text(status: int, text: str) -> Answer:
    return status, "text/plain; charset=utf-8", text.encode()


class Server(ThreadingHTTPServer):
    """The server and the environments in use."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), Handler)
        self.environments = Environments()
        self.port = int(self.server_address[1])

    @functools.cached_property
    def cases(self) -> bytes:
        """The body of `GET /cases`."""
        document = {"marker": suites.MARKER, "suites": [self._suite(name) for name in suites.NAMES]}
        return json.dumps(document, ensure_ascii=False).encode()

    def _suite(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "actions": annotations.actions(name, f"http://{HOST}:{self.port}"),
            "user_tasks": [cases.user_case_json(case) for case in cases.user_cases(name)],
            "pairs": [cases.pair_json(case) for case in cases.pairs(name)],
        }

    def answer(self, method: str, path: str, environment_id: str, body: Any) -> Answer:
        """Answer a request; raises NotFound, Unknown, and KeyError for what the body lacks."""
        match method, path.strip("/").split("/"):
            case "GET", ["cases"]:
                return 200, "application/json", self.cases
            case "POST", ["reset"]:
                return self._reset(body)
            case "POST", ["tools", suite, tool]:
                return self._run(suite, tool, environment_id, body)
            case "POST", ["attack"]:
                return json_answer({"calls": cases.attack(self.environments.find(body["environment"]))})
            case "POST", ["verdict"]:
                return self._verdict(body)
            case "DELETE", ["environments", environment]:
                self.environments.close(environment)
                return json_answer({})
        raise NotFound

    def _reset(self, body: dict[str, Any]) -> Answer:
        opened = self.environments.open(body["suite"], body["user_task"], body.get("injection_task"))
        return json_answer({"environment": opened})

    def _run(self, suite: str, tool: str, environment_id: str, body: dict[str, Any]) -> Answer:
        environment = self.environments.find(environment_id)
        if environment.suite != suite or tool not in annotations.annotations()[suite]:
            raise NotFound
        try:
            given = {name: value for name, value in body.items() if value is not None}
            return _text(200, environment.run(tool, given))
        except ToolError as error:
            return _text(400, str(error))

    def _verdict(self, body: dict[str, Any]) -> Answer:
        environment = self.environments.find(body["environment"])
        return json_answer(
            {
                # It takes twenty times as long as the rest, and pairs are not judged by it.
                "utility": environment.utility() if body.get("utility", True) else None,
                "security": environment.security(),
                "executed": environment.executed,
                "saw_injection": environment.first_sight is not None,
                "first_sight": environment.first_sight,
            }
        )


class Handler(BaseHTTPRequestHandler):
    """Reads a request and writes its answer."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet; else each answer would wait for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        environment_id = self.headers.get("x-environment", "")
        try:
            body = json.loads(data or b"{}")
            status, kind, answer = self.server.answer(self.command, self.path, environment_id, body)
        except NotFound:
            status, kind, answer = json_answer({"error": f"{self.command} {self.path} is not served"}, 404)
        except Unknown as error:
            status, kind, answer = json_answer({"error": f"{error} is not known"}, 404)
        except Exception as error:
            # A check that fails must not pass for a goal that was not reached.
            status, kind, answer = json_answer({"error": f"{type(error).__name__}: {error}"}, 500)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: every request is one of the harness or the gateway."""


def main() -> None:
    """Serve until interrupted, or until standard input ends."""
    parser = argparse.ArgumentParser(description="Serve the suites' tools, cases and verdicts.")
    parser.add_argument("port", type=int, nargs="?", default=0, help="the port; 0 (default) for any")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    server = Server(arguments.port)
    print(server.port, flush=True)
    # Some of AgentDojo's checks print; nobody reads a pipe beyond its first line.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if arguments.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), server.shutdown()), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
