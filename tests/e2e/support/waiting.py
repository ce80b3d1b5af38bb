"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
SECONDS_BETWEEN_LOOKS = 0.5


def until(look: Callable[[], Value], what: str, seconds: float = 60) -> Value:
    """Look again and again until there is something to see; fail with the last sight when the time is up."""
    deadline = time.monotonic() + seconds
    while not (value := look()):
        assert time.monotonic() < deadline, f"after {seconds:g} seconds still not: {what} ({value!r})"
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return value
