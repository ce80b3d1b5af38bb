"""Tells what happens, with the time since the start."""

from __future__ import annotations

import sys
import time


class Narrator:
    """Writes a line for each step to stderr."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start

    def tell(self, text: str) -> None:
        """Write a line."""
        minutes, seconds = divmod(int(self.seconds), 60)
        print(f"{minutes:02d}:{seconds:02d} {text}", file=sys.stderr, flush=True)

    def detail(self, text: str) -> None:
        """Write a line below another one."""
        self.tell(f"  {text}")
