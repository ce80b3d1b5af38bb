"""How long another side asks to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from service.sources.retry import parse_retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("120", 120.0), ("Mon, 01 Jan 2024 00:00:00 GMT", 0.0), ("9" * 5000, float("inf"))],
)
def test_seconds_and_dates_are_read(value, seconds):
    assert parse_retry_after(value) == seconds


def test_a_date_is_as_long_as_it_is_away():
    value = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3590 < (parse_retry_after(value) or 0) <= 3600


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1",
        "1.5",
        "²",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    ],
    ids=["nothing", "word", "negative", "fraction", "superscript", "offset", "year"],
)
def test_anything_else_is_nothing(value):
    assert parse_retry_after(value) is None
