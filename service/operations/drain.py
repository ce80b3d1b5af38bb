"""Leave without losing a request.

Kubernetes removes a pod from its Service and stops it at the same time, and clients keep their connections. So after
SIGTERM readiness turns 503 while the listener stays open, and every answer asks the client to close its connection;
only then the server stops. The usual pause before SIGTERM loses each open connection once (see
kubernetes/kubernetes#43576).
"""

from __future__ import annotations

import asyncio
import logging
import signal
from socket import socket
from types import FrameType

import uvicorn

logger = logging.getLogger(__name__)

CLOSE = (b"connection", b"close")


class Drain:
    """Whether the process is leaving."""

    def __init__(self) -> None:
        self.is_draining = False


class DrainingServer(uvicorn.Server):
    """A server that drains on SIGTERM, stops after that, and ends with exit code 0.

    SIGINT, Ctrl+C in a terminal, skips the drain. A second signal stops at once.

    Args:
        config: Of uvicorn.
        drain: Is told when the drain begins.
        drain_seconds: How long the listener stays open.
    """

    def __init__(self, config: uvicorn.Config, drain: Drain, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain = drain
        self._drain_seconds = drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal; unlike uvicorn's, this does not raise it again at the end."""
        del frame
        if self._drain.is_draining or self.should_exit:
            self.should_exit = self.force_exit = True
            return
        self._drain.is_draining = True
        if sig == signal.SIGINT or self._drain_seconds == 0 or self._loop is None:
            self.should_exit = True
            return
        # A signal handler runs between two byte codes of the main thread: leave the rest to the loop.
        self._loop.call_soon_threadsafe(self._begin_drain, self._loop)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start to listen, and tell where: with port 0 nobody else knows."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        logger.info("Listening on http://%s:%d.", f"[{host}]" if ":" in host else host, port)
        # Only from here on is there something to drain.
        self._loop = asyncio.get_running_loop()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop, and end the lifespan after a second signal as well; uvicorn would cut it off with a traceback."""
        await super().shutdown(sockets)
        if self.force_exit:
            await self.lifespan.shutdown()

    def _begin_drain(self, loop: asyncio.AbstractEventLoop) -> None:
        logger.info("Draining for %g seconds.", self._drain_seconds)
        # Requests that are under way hold this very list; those to come get the next one made of the configuration.
        self.server_state.default_headers.append(CLOSE)
        self.config.encoded_headers.append(CLOSE)
        loop.call_later(self._drain_seconds, self.stop)

    def stop(self) -> None:
        """Stop gracefully at once."""
        self.should_exit = True
