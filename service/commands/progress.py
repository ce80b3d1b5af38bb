"""Progress of long work: a bar on a terminal, nothing in a log, whose lines say what was done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def byte_progress() -> Iterator[Callable[[str, int], None]]:
    """Give a function that takes the name of a file and how many bytes of it there are."""
    if not sys.stderr.isatty():
        yield lambda _name, _size: None
        return
    from rich.console import Console  # noqa: PLC0415  # slow to import, and of no use without a terminal
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {}

        def report(name: str, size: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=None)
            progress.update(tasks[name], completed=size)

        yield report
