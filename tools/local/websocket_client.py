"""A WebSocket client on loopback, which never uses a proxy that the user may have configured."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

# The first message waits for a function to come up.
_OPEN_SECONDS = 30
_LAST_EVENTS = ("end", "error")


class Unanswered(Exception):
    """There was no connection, or no answer on it; `status` is that of a refused handshake."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


@contextmanager
def connected(url: str, token: str | None) -> Iterator[ClientConnection]:
    """Open a connection for the length of the block."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    try:
        with connect(url, additional_headers=headers, open_timeout=_OPEN_SECONDS, proxy=None) as connection:
            yield connection
    except InvalidStatus as refusal:
        status = refusal.response.status_code
        raise Unanswered(f"the handshake was refused with status {status}", status) from None
    except (OSError, ValueError, WebSocketException) as error:
        raise Unanswered(f"{type(error).__name__}: {error}") from None


def ask(url: str, token: str, message: dict[str, Any], timeout_seconds: float, times: int = 1) -> dict[str, Any]:
    """Send a message as often as asked, and return the last event of the answer that is complete first."""
    end = time.monotonic() + timeout_seconds
    with connected(url, token) as connection:
        for _ in range(times):
            connection.send(json.dumps(message))
        while True:
            frame: dict[str, Any] = json.loads(connection.recv(timeout=max(0, end - time.monotonic())))
            if frame.get("event") in _LAST_EVENTS:
                return frame
