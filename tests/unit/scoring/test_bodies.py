"""Rows that are too large together are asked for apart."""

import pytest

from service.errors import BodyTooLargeError
from service.scoring.bodies import ask_in_parts


def asker_of(sizes, most):
    """Ask somebody who answers each row with itself, and takes rows of so many bytes in all."""
    asked = []

    def ask(first, last):
        asked.append((first, last))
        if sum(sizes[first:last]) > most:
            message = f"rows {first} to {last}"
            raise BodyTooLargeError(message)
        return list(range(first, last))

    return ask, asked


@pytest.mark.parametrize("sizes", [[1] * 13, [1, 1, 9, 1, 1, 1, 1, 1, 1, 9, 9, 1, 1]], ids=["alike", "some large"])
@pytest.mark.parametrize("most", [100, 12, 9])
def test_all_rows_are_answered_in_their_order(sizes, most):
    ask, asked = asker_of(sizes, most)
    assert [row for part in ask_in_parts(ask, 2, 13) for row in part] == list(range(2, 13))
    assert (asked == [(2, 13)]) == (sum(sizes[2:]) <= most)


def test_a_row_that_is_too_large_alone_is_told():
    ask, _ = asker_of([1, 1, 9, 1], 8)
    with pytest.raises(BodyTooLargeError, match="rows 2 to 3"):
        ask_in_parts(ask, 0, 4)
