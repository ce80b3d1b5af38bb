"""Bodies that are no JSON: the place, the way out of what people do, and none of their text."""

from __future__ import annotations

import pytest

from service.errors import InvalidInputError
from service.protocols.call import Bounds, parse_json

BOUNDS = Bounds(rows=1, columns=1, elements=1, json_bytes=10_000, json_depth=9)
NO_NUMBER = ": NaN, Infinity and numbers beyond float64 are no JSON, send null where a value is missing"
MARK = "the body begins with a byte order mark: send UTF-8 without one"


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        parse_json(memoryview(content), BOUNDS)
    return str(caught.value)


@pytest.mark.parametrize(
    "text", ["[1,\n NaN]", "[1,\n nan]", "[1,\n Infinity]", "[1,\n Inf]", "[1,\n 1e999]", "[1,\n -1E+999]"]
)
def test_what_is_no_number_in_json_is_told_with_its_place_and_the_way_out(text):
    assert refusal(text.encode()) == f"the body is not JSON: line 2, column 2{NO_NUMBER}"


def test_a_sign_before_infinity_and_letters_of_several_bytes_do_not_hide_it():
    assert refusal('{"é": -Infinity}'.encode()) == f"the body is not JSON: line 1, column 8{NO_NUMBER}"


def test_a_number_of_many_digits_is_beyond_float64():
    assert refusal(b"[" + b"9" * 5000 + b"]").endswith(NO_NUMBER)


@pytest.mark.parametrize(
    "content", [b"{", b"[Nothing]", b"[info]", b"[01]", b"[1.2.3]", b"[-]", b"[.5]", b"zq", b"\xff[1]", b"[1e9,]"]
)
def test_other_mistakes_are_told_with_their_place_alone(content):
    start, _, column = refusal(content).rpartition(" ")
    assert start == "the body is not JSON: line 1, column"
    assert column.isdigit()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_told(encoding):
    assert refusal("[1]".encode(encoding)) == MARK
