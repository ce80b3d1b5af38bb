"""The depth of JSON, counted from its bytes, is what walking it gives."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.protocols.depth import nests_deeper

TEXTS = st.text("[]{}\\\"' ,:a\n\N{SNOWMAN}", max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=40,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_the_depth_is_that_of_the_value(value):
    content = orjson.dumps(value)
    assert [nests_deeper(content, most) for most in range(12)] == [depth(value) > most for most in range(12)]


@pytest.mark.parametrize("white", [b"", b" \n\t"])
@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"\\"[":', b"}]")])
def test_the_border_is_exact_however_it_is_written(white, opens, closes):
    levels = len(opens.replace(b'\\"[', b"").strip(b'"a:')) * 50
    content = white.join([opens] * 50 + [b"1"] + [closes] * 50)
    assert not nests_deeper(memoryview(content), levels)
    assert nests_deeper(memoryview(content), levels - 1)
