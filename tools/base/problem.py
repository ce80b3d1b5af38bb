"""The one kind of error that the targets end with."""

from __future__ import annotations


class Problem(Exception):  # noqa: N818  # it is told to people, as one sentence
    """What is wrong and what to do about it, in one line."""
