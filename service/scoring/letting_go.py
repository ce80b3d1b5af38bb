"""Threads that nobody waits for: what they are at when a run ends is let go, be it an answer or the next try."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any

Task = tuple[Future[Any], Callable[[], Any]]


class Pool:
    """A pool that ends at once; the library's own one keeps even the process until its threads are done.

    Args:
        size: How many threads.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        for _ in range(size):
            Thread(target=self._work, daemon=True).start()

    def submit(self, function: Callable[[], Any]) -> Future[Any]:
        """Call a function in one of the threads."""
        future: Future[Any] = Future()
        self._tasks.put((future, function))
        return future

    def abandon(self) -> None:
        """Begin nothing that has not begun, and end the threads when they come back."""
        while not self._tasks.empty():
            self._tasks.get_nowait()
        for _ in range(self._size):
            self._tasks.put(None)

    def _work(self) -> None:
        while task := self._tasks.get():
            future, function = task
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001  # whoever waits for the answer gets it
                future.set_exception(error)
