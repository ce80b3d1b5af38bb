"""Questions to the results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.catalogue import BATCHING, PEERS


class Summary:
    """Finds figures in the results; one that was not measured is None."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.results = results
        self.peers = [peer.name for peer in PEERS if peer.name in results["peers"]]
        self._closed = {(cell["peer"], cell["workload"], cell["clients"]): cell for cell in results["closed"]}
        self._sessions = {(session["peer"], session["model"]): session for session in results["sessions"]}

    @property
    def rivals(self) -> list[str]:
        """The servers of others that serve models."""
        names = {peer.name for peer in PEERS if not peer.is_ours and not peer.is_floor}
        return [name for name in self.peers if name in names]

    @property
    def without_batching(self) -> list[str]:
        """The servers of others that join no requests."""
        return [name for name in self.rivals if name not in BATCHING]

    def title(self, peer: str) -> str:
        """Give a server's name for people."""
        title: str = self.results["peers"][peer]["title"]
        return title

    def closed(self, peer: str, workload: str, clients: int, figure: str) -> float | None:
        """Give a figure of a closed loop."""
        cell = self._closed.get((peer, workload, clients))
        return None if cell is None else cell[figure]

    def session(self, peer: str, model: str, figure: str) -> float | None:
        """Give a figure of a server's life."""
        found: float | None = self._sessions.get((peer, model), {}).get(figure)
        return found

    def opened(self, peer: str, workload: str) -> list[dict[str, Any]]:
        """Give the open loops by load."""
        cells = [cell for cell in self.results["open"] if (cell["peer"], cell["workload"]) == (peer, workload)]
        return sorted(cells, key=lambda cell: float(cell["load"]))

    def best(self, peers: Iterable[str], workload: str, clients: int) -> tuple[float, str] | None:
        """Find the highest throughput among servers, as a share of the empty endpoint's."""
        rates = [(self.closed(peer, workload, clients, "throughput_to_empty"), peer) for peer in peers]
        return max(((rate, peer) for rate, peer in rates if rate is not None), default=None)
