"""Trying again what is worth it: a place that cannot be reached, is busy or breaks off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import (
    AttemptManager,
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from service.errors import BundleError
from service.sources.access import Access


class TransientError(BundleError):
    """Something that may pass by itself.

    Args:
        message: One sentence for people.
        after_seconds: How long the other side asks to wait; None when it says nothing.
    """

    def __init__(self, message: str, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


def attempts(access: Access) -> Iterator[AttemptManager]:
    """Give context managers, one for each try; the last one lets a :class:`TransientError` out."""
    patience = access.patience
    spread = wait_random_exponential(multiplier=2 * patience.first_seconds, max=patience.longest_seconds)

    def wait(state: RetryCallState) -> float:
        asked = _cause(state).after_seconds
        return float(spread(state)) if asked is None else min(asked, patience.longest_seconds)

    def tell(state: RetryCallState) -> None:
        access.listener.waiting(str(_cause(state)), state.upcoming_sleep)

    yield from Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(patience.attempts),
        wait=wait,
        before_sleep=tell,
        reraise=True,
    )


def parse_retry_after(value: str) -> float | None:
    """Read the header ``Retry-After``: seconds or a date (RFC 9110, section 10.2.3); None for anything else."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _cause(state: RetryCallState) -> TransientError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else TransientError("")
