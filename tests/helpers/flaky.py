"""A proxy in front of a real server that is busy, breaks off or refuses as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import serving

Trouble = Callable[["Handler"], None]


class Handler(serving.Answering, BaseHTTPRequestHandler):
    """Leads requests on, unless there is trouble planned for predictions."""

    server: FlakyProxy

    def do_GET(self) -> None:
        self._lead_on("GET", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.asked.append(json.loads(body)["instances"])
            trouble = self.server.troubles.pop(0) if self.server.troubles else None
        if trouble is None:
            self._lead_on("POST", body)
        else:
            trouble(self)

    def _lead_on(self, method: str, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() == "authorization"}
        response = httpx2.request(method, f"{self.server.behind}{self.path}", content=body, headers=headers)
        self.answer(response.status_code, response.content)


class FlakyProxy(ThreadingHTTPServer):
    """The proxy.

    Attributes:
        troubles: What happens to the next predictions, one each; None leads it on.
        asked: The rows of each request for a prediction.
    """

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.lock = threading.Lock()
        self.troubles: list[Trouble | None] = []
        self.asked: list[list[object]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def busy(handler: Handler) -> None:
    """Answer as an overloaded service does."""
    handler.answer(503, b'{"detail": "too many requests wait"}', Retry_After="0")


def broken_off(handler: Handler) -> None:
    """Close the connection instead of answering."""
    handler.close_connection = True


def failed(handler: Handler) -> None:
    """Answer as a model that raised."""
    handler.answer(500, b'{"detail": "the model failed"}')


def flaky(behind: str) -> AbstractContextManager[FlakyProxy]:
    """Run the proxy until the block ends."""
    return serving.running(FlakyProxy(behind))
