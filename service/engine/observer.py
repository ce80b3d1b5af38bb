"""What the engine tells whoever watches it."""

from __future__ import annotations

from typing import Protocol

from service.errors import Rejection


class Observer(Protocol):
    """Receives what happened; the metrics implement it."""

    def ran(self, rows: int, seconds: float) -> None:
        """Note that a batch of that many rows took that long."""

    def rejected(self, reason: Rejection) -> None:
        """Note that admission turned a request away."""


class QueueObserver(Observer, Protocol):
    """Receives what happened to each request that took its turn, too; the engine implements it."""

    def finished(self, *, succeeded: bool, queued_seconds: float, seconds: float) -> None:
        """Note the end of a request: how long it waited, and how long it took altogether."""
