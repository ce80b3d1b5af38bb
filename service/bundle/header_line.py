"""Whether a table begins with a line of names: one rule for all commands that read one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

TEXT_COLUMN = "text"
"""What the column with the texts is called in a table with others."""

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none"})
"""What stands for a missing number or truth value; a text is missing only when it is empty."""

_SHOWN_CHARACTERS = 40
_SHOWN_NAMES = 10
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class HeaderLine:
    """Whether there is one.

    Args:
        is_there: Whether the first line holds names, and not a row.
        assumption: What was taken for granted, as a sentence; empty where it is sure.
    """

    is_there: bool
    assumption: str = ""


def find_header(first: Sequence[str], place: str, names: Collection[str], *, given: bool | None) -> HeaderLine:
    """Tell whether the first line of a table is its header.

    No rule can tell a header from a text or a category, so what is not sure is told.

    Args:
        first: The cells of the line.
        place: The table, for the sentence.
        names: What the model calls its columns; empty when that is not known.
        given: What the user says; None when that is nothing.
    """
    if given is not None:
        return HeaderLine(is_there=given)
    if (names and set(names) <= set(first)) or TEXT_COLUMN in first:
        return HeaderLine(is_there=True)
    if is_row_of_numbers(first):
        told = f"{place} begins with numbers, so it has no header line: say --header if it has one."
        return HeaderLine(is_there=False, assumption=told)
    shown = ",".join(first)
    shown = shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
    told = f"Taking the first line of {place} for its header ({shown}): say --no-header if it is a row."
    return HeaderLine(is_there=True, assumption=told)


def repeated(first: Sequence[str], names: Iterable[str], place: str) -> str:
    """Tell which columns that a model takes occur more than once in a header line, as a sentence; else nothing.

    Args:
        first: The cells of the line.
        names: The columns that the model takes.
        place: The table, for the sentence.
    """
    counts = Counter(first)
    twice = [name for name in names if counts[name] > 1]
    if not twice:
        return ""
    told = ", ".join(twice[:_SHOWN_NAMES])
    return f"{place} has more than one column called {told}, which the model takes: leave the right one in it."


def separator_hint(columns: Sequence[object]) -> str:
    """Tell what a table seems to be whose columns are not found, for the end of a sentence; else nothing.

    That is one with one column whose name looks like several, or JSON.
    """
    if columns and str(columns[0]).lstrip().startswith(("{", "[")):
        return "; it seems to be JSON, which is no CSV: save it with a line of names and a line for each row"
    name = str(columns[0]) if len(columns) == 1 else ""
    separator = next((word for sign, word in _OTHER_SEPARATORS.items() if sign in name), "")
    return f"; its columns seem to be separated by {separator}: save it with commas" if separator else ""


def is_row_of_numbers(cells: Sequence[str]) -> bool:
    """Tell whether there are numbers in the cells and nothing else, though some may be missing."""
    return any(map(is_number, cells)) and all(is_number(cell) or cell.strip().lower() in MISSING for cell in cells)


def is_number(text: str) -> bool:
    """Tell whether a cell is a number; NaN counts as none."""
    try:
        value = float(text)
    except ValueError:
        return False
    return value == value  # noqa: PLR0124  # NaN is no number
