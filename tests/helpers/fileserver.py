"""A web server over a folder, with entity tags and ranges, that misbehaves as it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import serving


class Handler(serving.Answering, BaseHTTPRequestHandler):
    """Answers with a plan if there is one for the path, and with a file otherwise."""

    server: FileServer

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.seen.append((self.path, dict(self.headers)))
        plans = self.server.plans.get(path)
        if plans:
            (plans.pop(0) if len(plans) > 1 or not self.server.stubborn else plans[0])(self)
            return
        self.send_file(path)

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815  # the names that the library wants

    def send_file(self, path: str, stop: int | None = None) -> None:
        """Send a file or the rest of it, and break off before byte *stop*."""
        file = self.server.folder / path.lstrip("/")
        if not file.is_file():
            self.answer(404)
            return
        content = file.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers, first, status = {"ETag": tag}, 0, 200
        if "Range" in self.headers and self.headers.get("If-Range", tag) == tag:
            first, status = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")), 206
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        headers["Content-Length"] = str(len(content) - first)
        self.answer(status, content[first:stop], **headers)
        self.close_connection = stop is not None


Plan = Callable[[Handler], None]


class FileServer(ThreadingHTTPServer):
    """The server.

    Attributes:
        plans: What is answered to a path, one plan a request, before its file is.
        stubborn: Whether the last plan of a path is kept for ever.
        seen: Each request's path and headers.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.plans: dict[str, list[Plan]] = {}
        self.stubborn = False
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"


def status(code: int, body: bytes = b"", **headers: str) -> Plan:
    """Answer with a status."""
    return lambda handler: handler.answer(code, body, **headers)


def redirect(target: str, code: int = 302) -> Plan:
    """Lead elsewhere."""
    return lambda handler: handler.answer(code, Location=target)


def broken_off(stop: int) -> Plan:
    """Break off before byte *stop* of the file."""
    return lambda handler: handler.send_file(handler.path.partition("?")[0], stop)
