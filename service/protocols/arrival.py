"""The bytes of a request body as they arrive, bounded in number and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive

from service.errors import BodyTimeoutError, BodyTooLargeError


class ClientGoneError(Exception):
    """The client closed the connection, so there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, as sent and as decompressed, and how long it may take to arrive."""

    size: int
    seconds: float


async def receive_body(receive: Receive, limits: BodyLimits) -> bytes:
    """Receive a body.

    Raises:
        BodyTooLargeError: As soon as more arrives than allowed.
        BodyTimeoutError: If it does not arrive in time.
        ClientGoneError: If the client left.
    """
    arrival = receive().__await__()
    try:
        pending = next(arrival)
    except StopIteration as arrived:
        message: Message = arrived.value
        if not message.get("more_body", False):
            # Most bodies are there before anybody asks; a timer would cost as much as reading them.
            return await _collect(message, receive, limits)
        pending = None
    try:
        async with asyncio.timeout(limits.seconds):
            if pending is not None:
                message = await _Begun(arrival, pending)
            return await _collect(message, receive, limits)
    except TimeoutError:
        sentence = f"the body did not arrive within {limits.seconds:g} seconds"
        raise BodyTimeoutError(sentence) from None


async def _collect(message: Message, receive: Receive, limits: BodyLimits) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limits.size:
            raise too_large(limits)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        message = await receive()


def too_large(limits: BodyLimits) -> BodyTooLargeError:
    """Make the error of a body that is larger than allowed."""
    return BodyTooLargeError(f"the body is larger than {limits.size} bytes, decompressed: send fewer rows")


@dataclass(frozen=True, slots=True)
class _Begun:
    """Awaits the rest of what was begun by hand."""

    steps: Generator[Any, Any, Message]
    pending: Any

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            yield self.pending
        except BaseException:
            self.steps.close()
            raise
        return (yield from self.steps)
