"""What is wrong with a body that is no JSON, as far as its first bytes or the place of the error tell."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from math import isinf

import orjson

from service.errors import InvalidInputError

_MARKS = (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE)
_NO_NUMBER = re.compile(r"(?:nan|inf|infinity)\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9.]+(?:[eE][+-]?[0-9]+)?")
_LONGEST = 400
"""Characters of a number that are looked at: its largest has 309 digits."""


def not_json(content: bytes | memoryview, error: orjson.JSONDecodeError) -> InvalidInputError:
    """Tell where the body stops being JSON, and the way out of the common mistakes; nothing of it is quoted."""
    if bytes(content[:3]).startswith(_MARKS):
        return InvalidInputError("the body begins with a byte order mark: send UTF-8 without one")
    message = f"the body is not JSON: line {error.lineno}, column {error.colno}"
    if _is_no_number(error.doc[error.pos : error.pos + _LONGEST]):
        message += ": NaN, Infinity and numbers beyond float64 are no JSON, send null where a value is missing"
    return InvalidInputError(message)


def _is_no_number(text: str) -> bool:
    if _NO_NUMBER.match(text):
        return True
    number = _NUMBER.match(text)
    try:
        return number is not None and isinf(float(number[0]))
    except ValueError:
        return False
