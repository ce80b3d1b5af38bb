from __future__ import annotations

import pytest

from service.protocols.prefix import without_prefix


@pytest.mark.parametrize(
    ("path", "prefix", "rest"),
    [
        ("/livez", "", "/livez"),
        ("/livez", "/shop", "/livez"),
        ("/shop/livez", "/shop", "/livez"),
        ("/shop/a/v2/models", "/shop/a", "/v2/models"),
        ("/predict", "/pre", "/predict"),
        ("/shopping/livez", "/shop", "/shopping/livez"),
        ("/shop", "/shop", "/shop"),
    ],
)
def test_a_prefix_is_taken_off_as_whole_segments(path, prefix, rest):
    assert without_prefix(path, prefix) == rest
