"""HTTP over raw sockets: what is sent goes out as it is, and answers are read strictly."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

INTERIM = 200
"""Statuses below it announce an answer and are none."""


@dataclass(frozen=True)
class Answer:
    """An answer with all of its bytes, to search them."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    raw: bytes


def request(path: str, body: bytes = b"", *headers: tuple[str, str], method: str = "POST") -> bytes:
    """Write a request whose frame is right."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """A connection that is opened when it is needed, again and again."""

    def __init__(self, server) -> None:
        self._address = server.host, server.port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, content: bytes) -> Answer | None:
        """Send bytes and read one answer; None if the server closed the connection without one."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._address)
        try:
            self._writer.write(content)
            answer = await self._read(has_body=not content.startswith(b"HEAD "))
        except ConnectionError:
            answer = None
        if answer is None or answer.headers.get(b"connection") == b"close":
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    async def _read(self, *, has_body: bool) -> Answer | None:
        status = 0
        while status < INTERIM:
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    raise
                return None
            first, *lines = head[:-4].split(b"\r\n")
            assert first.startswith(b"HTTP/1.1 "), "an answer is not HTTP/1.1"
            status = int(first.split(b" ")[1])
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
        body = await self._reader.readexactly(int(headers[b"content-length"])) if has_body else b""
        return Answer(status, headers, body, head + body)
