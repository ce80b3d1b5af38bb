"""What stands before a real server: it may speak TLS, leads each request on, and notes the keys that it is shown."""

from __future__ import annotations

import ssl
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import serving
from certificates import Certificate


class Handler(serving.Answering, BaseHTTPRequestHandler):
    """Leads a request on."""

    server: Front

    def do_GET(self) -> None:
        key = self.headers["authorization"]
        self.server.keys.add(key)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        response = httpx2.request(self.command, f"{self.server.behind}{self.path}", content=body)
        self.answer(response.status_code, response.content)

    do_POST = do_GET  # noqa: N815  # the name that the library wants


class Front(ThreadingHTTPServer):
    """The server.

    Attributes:
        url: Where it is.
        keys: Each header ``Authorization`` that it was sent; None for none.
    """

    def __init__(self, behind: str, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.keys: set[str | None] = set()
        self.url = f"{'https' if context else 'http'}://localhost:{self.server_port}"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """Take no notice of a client that hangs up on a certificate."""


def front(behind: str, context: ssl.SSLContext | None = None) -> AbstractContextManager[Front]:
    """Stand before a server until the block ends."""
    return serving.running(Front(behind, context))


def context_of(certificate: Certificate, folder: Path) -> ssl.SSLContext:
    """Make what a server with a certificate needs."""
    path = folder / "server.pem"
    path.write_text(certificate.key_text + certificate.text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
