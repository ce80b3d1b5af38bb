"""Small web servers in a thread of the tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from typing import TypeVar

S = TypeVar("S", bound=ThreadingHTTPServer)


class Answering:
    """What handlers share: answers of one piece, and no log among the tests' output."""

    protocol_version = "HTTP/1.1"
    # Head and body go out apart, and the second would wait 40 ms for the client to acknowledge the first.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client goes, which some do in the middle."""
        with suppress(ConnectionError):
            super().handle()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send an answer; an underscore in the name of a header stands for a hyphen."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(server: S) -> Iterator[S]:
    """Serve until the block ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
