"""Bounds on connections, which no middleware can see: how many, how large a head, how long it may take.

uvicorn waits for ever for a head that does not come (Kludex/uvicorn#157) and takes one of any size.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from httptools import HttpParserUpgrade, HttpRequestParser
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.protocols.call import Refusal
from service.protocols.handlers import answer_at
from service.protocols.key_scheme import OPEN_PATHS
from service.protocols.prefix import without_prefix

PROBES = OPEN_PATHS | {"/metrics"}
"""Answered however crowded it is, and not counted among the requests."""

HEADER_OVERHEAD = 4

TOO_LARGE = b"431 Request Header Fields Too Large", b"the head of the request is too large"
TOO_SLOW = b"408 Request Timeout", b"the head of the request did not arrive in time"
MALFORMED = b"400 Bad Request", b"the request is not HTTP/1.1"
CROWDED = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "there are too many connections: try again later",
    ((b"retry-after", b"1"), (b"connection", b"close")),
)


@dataclass(frozen=True)
class ConnectionLimits:
    """The bounds.

    Args:
        connections: Most connections that are served; those beyond may only ask for probes and metrics.
        head_bytes: Largest request line and headers together.
        head_seconds: Longest time for them to arrive.
        root_path: Prefix that a proxy strips, or does not.
    """

    connections: int
    head_bytes: int
    head_seconds: float
    root_path: str = ""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds; a subclass for each server carries them, as uvicorn makes the instances.

    Attributes:
        limits: The bounds.
    """

    limits: ConnectionLimits

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # passed on as they are
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._unended_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._has_begun = False
        self._received = b""
        self._refusal = MALFORMED

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self.app = _Crowded(self.app, self.limits.root_path)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the pieces of a head that does not end; the parser keeps a header until it is complete."""
        was_in_head = self._in_head
        self._received = data
        super().data_received(data)
        self._received = b""
        if self.transport.is_closing():
            return
        if not self._in_head:
            self._keep_alive_again()
            return
        self._unended_bytes += len(data) if was_in_head else 0
        if self._unended_bytes > self.limits.head_bytes:
            self._refuse(TOO_LARGE)
        elif self._head_timer is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = self._has_begun = True
        self._head_bytes = self._unended_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        super().on_url(url)
        self._head_bytes += len(url)
        if self._head_bytes > self.limits.head_bytes:
            self._stop_reading()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        super().on_header(name, value)
        self._head_bytes += len(name) + len(value) + HEADER_OVERHEAD
        if self._head_bytes > self.limits.head_bytes:
            self._stop_reading()

    def on_headers_complete(self) -> None:
        """End a head; one that offers another protocol is read again without the offer."""
        if self.parser.should_upgrade():
            return
        self._in_head = False
        self._head_arrived()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Ignore the offer of another protocol, as RFC 9110 (section 7.8) allows; Java's client makes it each time.

        The parser takes what follows the head for the other protocol, and uvicorn for the next request
        (Kludex/uvicorn#2722), so a new parser gets the head without the offer, and all that follows.
        """
        upgrade, rest = sys.exc_info()[1], b""
        if isinstance(upgrade, HttpParserUpgrade):
            rest = self._received[upgrade.args[0] :]
        headers = [(name, value) for name, value in self.headers if name != b"upgrade"]
        if len(headers) == len(self.headers):
            self._refuse(MALFORMED)  # CONNECT, which is for proxies
            return
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % header for header in headers]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.data_received(b"\r\n".join([*lines, b"", rest]))

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser, or a count, did not let through."""
        del msg
        self._refuse(self._refusal)

    def _stop_reading(self) -> None:
        self._refusal = TOO_LARGE
        raise ValueError  # the parser stops and turns to send_400_response

    def _keep_alive_again(self) -> None:
        """Bound an idle connection again: uvicorn forgets to after bytes that begin no request, e.g. an empty line."""
        if self.cycle.response_complete and self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._refuse, TOO_SLOW)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, refusal: tuple[bytes, bytes]) -> None:
        """Answer and close; a connection that never sent a byte is closed without a word.

        The answer to a request before comes first: what is written now would be taken for it, or for a part of it.
        """
        self._head_arrived()
        if self.transport.is_closing():
            return
        last: RequestResponseCycle | None = self.cycle
        if last is None or last.response_complete:
            is_late = False
        elif last.more_body:
            is_late = last.response_started or len(self.pipeline) > 0
        else:
            last.keep_alive = False
            self.flow.pause_reading()
            return
        if not is_late and (self._has_begun or refusal is not TOO_SLOW):
            self._write(*refusal)
        self.transport.close()

    def _write(self, status: bytes, message: bytes) -> None:
        body = b'{"error":"%s"}' % message
        self.transport.write(
            b"HTTP/1.1 %s\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(body), body)
        )


class _Crowded:
    """Serves probes and metrics only, and asks everybody to leave."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = without_prefix(scope["path"], self._root_path)
        app = self._app if path in PROBES else answer_at(path, CROWDED)
        await app(scope, receive, send)


def bounded_protocol(limits: ConnectionLimits) -> type[BoundedProtocol]:
    """Make the protocol class of one server."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits})
