"""Send bad inputs over several connections at once, and judge each answer."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from random import Random

from refusals import MARKER
from wire import Answer, Connection

SEED = os.environ.get("FUZZ_SEED", "1")
"""Set FUZZ_SEED for other inputs; a failure tells the seed and the index that bring its input back."""

CONNECTIONS = 24
PATIENCE = 10.0
"""Seconds until an input counts as one that hangs the server."""

Make = Callable[[Random], bytes]


class Bombardment:
    """A kind of bad input, sent again and again.

    Args:
        name: Of the kind; seeds it, too.
        make: Writes an input, bytes of HTTP, from nothing but a random generator.
        framed: Whether each input is one whole request, which has to be answered.
    """

    def __init__(self, name: str, make: Make, *, framed: bool = True) -> None:
        self._name, self._make, self._framed = name, make, framed
        self.statuses: Counter[int] = Counter()

    @property
    def refused(self) -> int:
        """How many inputs were not taken for a good request."""
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300)

    def send(self, server, indices: range) -> None:
        """Send the inputs of these indices."""
        asyncio.run(self._send_all(server, iter(indices)))

    def content(self, index: int) -> bytes:
        """Give one input; the same one for the same seed and index."""
        return self._make(Random(f"{SEED} {self._name} {index}"))  # noqa: S311  # no secret

    async def _send_all(self, server, indices) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._send_each(Connection(server), indices))

    async def _send_each(self, connection: Connection, indices) -> None:
        try:
            for index in indices:
                await self._send(connection, index)
        finally:
            connection.close()

    async def _send(self, connection: Connection, index: int) -> None:
        content = self.content(index)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await connection.ask(content)
            self._judge(answer)
        except (AssertionError, TimeoutError, ValueError, KeyError, asyncio.IncompleteReadError) as error:
            where = f"FUZZ_SEED={SEED}, kind {self._name}, index {index}"
            message = f"{where}: {type(error).__name__} {error} for {content[:2000]!r}"
            raise AssertionError(message) from error
        if not self._framed:
            connection.close()

    def _judge(self, answer: Answer | None) -> None:
        if answer is None:
            assert not self._framed, "the connection was closed without an answer"
            self.statuses[0] += 1
            return
        self.statuses[answer.status] += 1
        if answer.status < 300:
            return
        assert answer.status < 500 or (answer.status == 503 and b"retry-after" in answer.headers), answer.raw[:500]
        assert MARKER.encode() not in answer.raw, answer.raw[:500]
        assert len(answer.raw) < 2000, "a refusal is long"
