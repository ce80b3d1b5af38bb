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
        self.lead_on("GET", b"", self.server.behind)

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # A client that ends sends half a request.
            return
        with self.server.lock:
            content = json.loads(body)
            self.server.asked.append(content["instances"] if "instances" in content else content["inputs"])
            trouble = self.server.troubles.pop(0) if self.server.troubles else None
        if length > self.server.most_bytes:
            self.answer(413, b"<h1>413 Request Entity Too Large</h1>")
        elif trouble is None:
            self.lead_on("POST", body, self.server.behind)
        else:
            self.body = body
            trouble(self)

    def lead_on(self, method: str, body: bytes, behind: str) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() == "authorization"}
        response = httpx2.request(method, f"{behind}{self.path}", content=body, headers=headers)
        told = {name: value for name, value in response.headers.items() if name.startswith("x-model-")}
        self.answer(response.status_code, response.content, **told)


class FlakyProxy(ThreadingHTTPServer):
    """The proxy.

    Attributes:
        troubles: What happens to the next predictions, one each; None leads it on.
        asked: The rows of each request for a prediction; the tensors where it asks over V2.
        most_bytes: Of a body; larger ones are refused as proxies do it.
        is_held: Whether a request waits for an answer.
    """

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.lock = threading.Lock()
        self.troubles: list[Trouble | None] = []
        self.asked: list[list[object]] = []
        self.most_bytes = 2**63
        self.is_held = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def busy(handler: Handler) -> None:
    """Answer as an overloaded service does."""
    handler.answer(503, b'{"detail": "too many requests wait"}', Retry_After="0")


def busy_for_long(handler: Handler) -> None:
    """Answer as a service that will be able again in a while."""
    handler.answer(503, b'{"detail": "too many requests wait"}', Retry_After="60")


def led_to(url: str) -> Trouble:
    """Let another server answer, as a Service does that has several pods."""
    return lambda handler: handler.lead_on("POST", handler.body, url)


def held(event: threading.Event) -> Trouble:
    """Answer when the event has come, and close the connection then."""

    def hold(handler: Handler) -> None:
        handler.server.is_held.set()
        event.wait()
        handler.close_connection = True

    return hold


def broken_off(handler: Handler) -> None:
    """Close the connection instead of answering."""
    handler.close_connection = True


def failed(handler: Handler) -> None:
    """Answer as a model that raised."""
    handler.answer(500, b'{"detail": "the model failed"}')


def flaky(behind: str) -> AbstractContextManager[FlakyProxy]:
    """Run the proxy until the block ends."""
    return serving.running(FlakyProxy(behind))
