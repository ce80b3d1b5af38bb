"""Progress of long work: a bar on a terminal; in a log, a line now and then while it is long, and one for each wait."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import click

from service.commands.terminal import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from service.sources.access import Listener

LINE_SECONDS = 10.0


@contextmanager
def byte_progress() -> Iterator[Listener]:
    """Give a listener that shows how far a transfer is."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console  # noqa: PLC0415  # slow to import, and of no use without a terminal
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)


@contextmanager
def row_progress(total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that takes how many more rows are done; nothing is shown in a log."""
    if not sys.stderr.isatty():
        yield lambda _rows: None
        return
    from rich.console import Console  # noqa: PLC0415  # as above
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rows", total=total)
        yield lambda rows: progress.advance(task, rows)


class Bars:
    """A bar for each file."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def received(self, name: str, size: int, total: int | None) -> None:
        """Move the bar."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(printable(name), total=total)
        self._progress.update(self._tasks[name], completed=size, total=total)

    def waiting(self, reason: str, seconds: float) -> None:
        """Write above the bars."""
        self._progress.console.print(_waiting(reason, seconds), markup=False, highlight=False)


class Lines:
    """Plain lines, few enough for a log."""

    def __init__(self) -> None:
        self._last = monotonic()

    def received(self, name: str, size: int, total: int | None) -> None:
        """Write a line if the last one is long ago."""
        if monotonic() - self._last >= LINE_SECONDS:
            self._last = monotonic()
            whole = f" of {total}" if total else ""
            click.echo(f"{printable(name)}: {size}{whole} bytes", err=True)

    def waiting(self, reason: str, seconds: float) -> None:
        """Write a line."""
        click.echo(_waiting(reason, seconds), err=True)


def _waiting(reason: str, seconds: float) -> str:
    return f"{printable(reason)} Trying again in {seconds:.1f} s."
