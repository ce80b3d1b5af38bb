"""What ``ml-api compare`` tells: a table in colours on a terminal, plain lines in a pipe, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.comparison.result import Comparison, OutputComparison
    from service.comparison.sides import Side

Row = tuple[str, ...]

_ANSWERS: Row = ("output", "rows that agree", "largest difference", "relative", "rows that differ")
_SPEED: Row = ("", "one row", "processor", "a row of many", "processor")


def describe(sides: tuple[Side, Side], comparison: Comparison) -> None:
    """Print a comparison."""
    for letter, side in zip("AB", sides, strict=True):
        manifest = side.manifest
        click.echo(f"{letter} {side.name}: {manifest.name} {manifest.version} ({manifest.format})")
    answers = [_answer(output) for output in comparison.outputs]
    speed = list(_speed(comparison))
    if sys.stdout.isatty():
        _print_tables(answers, speed, [bool(output.differing_rows) for output in comparison.outputs])
    else:
        for name, agree, absolute, relative, rows in answers:
            numbers = f", largest difference {absolute}, relative {relative}" if absolute else ""
            click.echo(f"{name}: {agree} of {comparison.rows} rows agree{numbers}{f', rows {rows}' if rows else ''}")
        for name, *seconds in speed:
            told = [f"{what} {value}" for what, value in zip(_SPEED[1:], seconds, strict=True) if value]
            click.echo(f"{name}: {', '.join(told)}")
    if not comparison.problem:
        part = "" if comparison.agreement == 1 else f" at least {comparison.agreement * 100:g} % of"
        click.echo(f"A and B agree on{part} {comparison.rows} rows within {comparison.tolerance:g}")


def facts_of(sides: tuple[Side, Side], comparison: Comparison) -> dict[str, object]:
    """Give for JSON a comparison, with the models and whether they agree."""
    models = [
        {"place": side.name} | {field: getattr(side.manifest, field) for field in ("name", "version", "format")}
        for side in sides
    ]
    problem = comparison.problem
    return {"agree": not problem, "problem": problem, "models": models, "comparison": comparison}


def _answer(output: OutputComparison) -> Row:
    rows = ", ".join(str(row) for row in output.first_rows)
    more = ", …" if output.differing_rows > len(output.first_rows) else ""
    return (
        output.name,
        # Never 100 % while a row differs.
        f"{int(output.equal * 10000) / 100:g} %",
        "" if output.largest_absolute is None else f"{output.largest_absolute:.3g}",
        "" if output.largest_relative is None else f"{output.largest_relative:.3g}",
        rows + more,
    )


def _speed(comparison: Comparison) -> Iterator[Row]:
    for letter, speed in zip("AB", comparison.speed, strict=True):
        times = speed.row_seconds, speed.row_cpu_seconds, speed.batch_seconds, speed.batch_cpu_seconds
        yield (letter, *("" if time is None or isnan(time) else _microseconds(time) for time in times))


def _microseconds(seconds: float) -> str:
    value = seconds * 1e6
    return f"{value:,.0f} µs" if value >= 100 else f"{value:.3g} µs"  # noqa: PLR2004  # three digits are enough


def _print_tables(answers: list[Row], speed: list[Row], wrong: list[bool]) -> None:
    from rich.console import Console  # noqa: PLC0415  # for a terminal only
    from rich.table import Table  # noqa: PLC0415

    console = Console(markup=False, highlight=False)
    table = Table(*_ANSWERS)
    for row, is_wrong in zip(answers, wrong, strict=True):
        table.add_row(*row, style="red" if is_wrong else "green")
    console.print(table)
    table = Table(*_SPEED)
    for row in speed:
        table.add_row(*row)
    console.print(table)
