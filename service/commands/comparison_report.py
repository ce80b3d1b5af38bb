"""What ``ml-api compare`` tells: a table in colours on a terminal, plain lines in a pipe, or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

from service.commands.terminal import Mood, print_line, print_table, shows_tables

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
        print_line(f"{letter} {side.name}: {manifest.name} {manifest.version} ({manifest.format})")
    if comparison.answered < comparison.rows:
        refused = zip(("A alone", "B alone", "both"), (*comparison.refused, comparison.both_refused), strict=True)
        by_whom = ", ".join(f"{who} refuse{'' if who == 'both' else 's'} {rows}" for who, rows in refused if rows)
        print_line(f"{comparison.answered} of {comparison.rows} rows are answered by both: {by_whom}", Mood.DOUBTFUL)
    answers = [_answer(output) for output in comparison.outputs]
    speed = list(_speed(comparison))
    if shows_tables():
        moods = [Mood.BAD if output.differing_rows else Mood.GOOD for output in comparison.outputs]
        print_table(_ANSWERS, zip(moods, answers, strict=True))
        print_table(_SPEED, [(Mood.PLAIN, row) for row in speed])
    else:
        for name, agree, absolute, relative, rows in answers:
            numbers = f", largest difference {absolute}, relative {relative}" if absolute else ""
            named = f", rows {rows}" if rows else ""
            print_line(f"{name}: {agree} of {comparison.answered} rows agree{numbers}{named}")
        for name, *seconds in speed:
            told = [f"{what} {value}" for what, value in zip(_SPEED[1:], seconds, strict=True) if value]
            print_line(f"{name}: {', '.join(told)}")
    if not comparison.problem:
        part = "" if comparison.agreement == 1 else f" at least {comparison.agreement * 100:g} % of"
        print_line(f"A and B agree on{part} {comparison.answered} rows within {comparison.tolerance:g}", Mood.GOOD)


def facts_of(sides: tuple[Side, Side], comparison: Comparison) -> dict[str, object]:
    """Give for JSON a comparison, with the models and whether they agree."""
    models = [
        {"place": side.name} | {field: getattr(side.manifest, field) for field in ("name", "version", "format")}
        for side in sides
    ]
    problem = comparison.problem
    return {
        "agree": not problem,
        "problem": problem,
        "models": models,
        "both_refused": comparison.both_refused,
        "comparison": comparison,
    }


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
