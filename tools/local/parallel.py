"""Run work side by side in threads, so that the first failure ends the wait for the rest."""

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

_POLL_SECONDS = 0.1

Value = TypeVar("Value")


class Task(Generic[Value]):
    """A function that runs in a thread of its own.

    The thread never keeps the program alive: a caller that stops waiting stops the services that the function talks to.
    """

    def __init__(self, work: Callable[[], Value]) -> None:
        self._work = work
        self._values: list[Value] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_done(self) -> bool:
        """Return whether the function has returned; raise its exception if it has failed."""
        if self._thread.is_alive():
            return False
        if self._error is not None:
            raise self._error
        return True

    def result(self) -> Value:
        """Wait for the function and return its value."""
        while not self.is_done():
            self._thread.join(_POLL_SECONDS)
        return self._values[0]

    def _run(self) -> None:
        try:
            self._values.append(self._work())
        except BaseException as error:  # raised again when the caller asks for the result
            self._error = error


def run_all(works: Iterable[Callable[[], object]]) -> None:
    """Run all functions at once and wait for them; the first failure is raised at once."""
    wait_for_all([Task(work) for work in works])


def wait_for_all(tasks: Iterable[Task[object]]) -> None:
    """Wait for tasks that have begun; the first failure is raised at once."""
    waiting = list(tasks)
    pause = threading.Event()
    while waiting := [task for task in waiting if not task.is_done()]:
        pause.wait(_POLL_SECONDS)
