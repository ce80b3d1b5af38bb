"""What people see on a terminal and a pipe does not get: tables and colours. ``NO_COLOR`` leaves the tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum

import click


class Mood(StrEnum):
    """How a line is meant; the value is its colour."""

    PLAIN = ""
    GOOD = "green"
    DOUBTFUL = "yellow"
    BAD = "red"


Row = tuple[Mood, Sequence[str]]


def shows_tables() -> bool:
    """Tell whether standard output is a terminal."""
    return sys.stdout.isatty()


def print_table(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Draw a table, a row in its colour; only for a terminal."""
    from rich.console import Console  # noqa: PLC0415  # slow to import, and of no use without a terminal
    from rich.table import Column, Table  # noqa: PLC0415

    # Nothing is cut off: half a name is no name.
    table = Table(*(Column(column, overflow="fold") for column in columns))
    for mood, cells in rows:
        table.add_row(*map(printable, cells), style=mood)
    Console(markup=False, highlight=False, emoji=False).print(table)


def print_line(line: str, mood: Mood = Mood.PLAIN) -> None:
    """Print a line, in its colour on a terminal."""
    if not shows_tables():
        click.echo(printable(line))
        return
    from rich.console import Console  # noqa: PLC0415  # as above

    console = Console(markup=False, highlight=False, emoji=False)
    console.print(printable(line), style=mood, soft_wrap=True)


def print_error(sentence: str) -> None:
    """Print an error on standard error, its first word in red on a terminal; several problems are a line each."""
    shown = "\n".join(map(printable, sentence.split("\n")))
    if not sys.stderr.isatty():
        click.echo(f"Error: {shown}", err=True)
        return
    from rich.console import Console  # noqa: PLC0415  # as above
    from rich.text import Text  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, emoji=False)
    console.print(Text.assemble(("Error:", f"bold {Mood.BAD}"), f" {shown}"), soft_wrap=True)


def printable(text: str) -> str:
    """Write what would steer a terminal as an escape: names in a model file are whatever its maker liked."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
