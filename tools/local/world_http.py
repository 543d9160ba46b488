"""The HTTP services of a world, on loopback, in one process. Each shows at /_requests the requests that it got.

`world_http.py DIR` serves the files of DIR/local/http/. GET /_requests answers {"requests": [...]}, oldest first, and
DELETE /_requests forgets them.
"""

from __future__ import annotations

import json
import sys
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import world_files
from settings import HOST
from world_files import REQUESTS_PATH, HttpService, Route

# What a request's body and the log may hold at most; more is an error of the test that sends it.
_MAX_BODY_BYTES = 1 << 20
_MAX_REQUESTS = 10_000


class Server(ThreadingHTTPServer):
    """A service with its log."""

    daemon_threads = True

    def __init__(self, service: HttpService) -> None:
        super().__init__((HOST, service.port), _Handler)
        self.service = service
        self._requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def answer(self, method: str, target: str, headers: dict[str, str], body: str) -> Route:
        """Note a request and return its answer."""
        found = next((route for route in self.service.routes if route.answers(method, target, body)), None)
        missing = {"error": f"{self.service.path} has no route for this {method} {target}"}
        route = found or Route(method, target, status=404, body=missing)
        split = urlsplit(target)
        noted = {
            "method": method,
            "path": split.path,
            "query": parse_qs(split.query, keep_blank_values=True),
            "headers": headers,
            "body": _parsed(body),
            "status": route.status,
        }
        with self._lock:
            self._requests = [*self._requests, noted][-_MAX_REQUESTS:]
        return route

    def requests(self, *, forget: bool) -> list[dict[str, Any]]:
        """Return the requests so far."""
        with self._lock:
            found = self._requests
            if forget:
                self._requests = []
        return found


class _Handler(BaseHTTPRequestHandler):
    """Answers a request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def _handle(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True
            self._send(411, {"error": f"a body needs a content-length of at most {_MAX_BODY_BYTES}"})
            return
        body = self.rfile.read(int(length)).decode(errors="replace")
        if urlsplit(self.path).path == REQUESTS_PATH:
            self._send(200, {"requests": self.server.requests(forget=self.command == "DELETE")})
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        route = self.server.answer(self.command, self.path, headers, body)
        self._send(route.status, route.body)

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = _handle

    def _send(self, status: int, body: Any) -> None:
        """Send a text as it is, and everything else as JSON."""
        text = "" if body is None else body if isinstance(body, str) else json.dumps(body, default=_number)
        content = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8" if isinstance(body, str) else "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _parsed(body: str) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} is not JSON")


def main() -> None:
    files = sorted((Path(sys.argv[1]) / "local" / "http").glob("*.json"))
    servers = [Server(world_files.service(path)) for path in files]
    for server in servers:
        print(f"{server.service.path} on {server.service.url}", flush=True)
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
