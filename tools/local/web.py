"""HTTP to loopback, which never uses a proxy that the user may have configured."""

import errno
import json
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from settings import HOST, IPV6_HOST

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    text: str

    def json(self) -> Any:
        """The body as JSON; None when it is not JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def request(url: str, *, body: Any = None, headers: dict[str, str] | None = None, timeout: float = 10) -> Answer | None:
    """Send a GET, or a POST when there is a body (bytes as they are, the rest as JSON); None when nobody answers."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    message = urllib.request.Request(url, data=data, headers={"content-type": "application/json", **(headers or {})})
    try:
        with _OPENER.open(message, timeout=timeout) as response:
            return Answer(response.status, response.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(errors="replace"))
    except (OSError, HTTPException):
        return None


def is_taken(port: int) -> bool:
    """Return whether a program already listens on `port` of one of the two loopback addresses."""
    for family, address in ((socket.AF_INET, HOST), (socket.AF_INET6, IPV6_HOST)):
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
            # A closed connection in its last minute (TIME_WAIT) is not a listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    return True
    return False


def has_ipv6_loopback() -> bool:
    """Return whether this machine can listen on ::1."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((IPV6_HOST, 0))
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
