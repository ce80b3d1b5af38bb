"""How many rows are asked for at a time: a bound that most services take, and less where one does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from service.errors import BodyTooLargeError

MOST_BYTES = 1_000_000
"""Of the JSON of several rows. A service takes 4 MiB and many a proxy 1 MiB, unless they are told otherwise."""

Part = TypeVar("Part")


def ask_in_parts(ask: Callable[[int, int], Part], first: int, last: int) -> list[Part]:
    """Ask for rows together, and where they are too large together, for each half of them.

    Args:
        ask: Asks for the rows from one place up to another, which is not asked for.
        first: Place of the first row.
        last: Place after the last row.

    Returns:
        What was answered, in the order of the rows.

    Raises:
        BodyTooLargeError: If one row alone is too large.
    """
    try:
        return [ask(first, last)]
    except BodyTooLargeError:
        if last - first <= 1:
            raise
    middle = (first + last) // 2
    return [*ask_in_parts(ask, first, middle), *ask_in_parts(ask, middle, last)]
