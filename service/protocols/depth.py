"""How deeply JSON nests, from its bytes: what was parsed would have to be walked, number by number."""

from __future__ import annotations

import numpy as np

_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_OTHERS = bytes(set(range(256)) - set(b"[{]}"))


def nests_deeper(content: bytes | memoryview, most: int) -> bool:
    """Tell whether lists and objects nest more deeply than that.

    Args:
        content: JSON that a parser has taken, so its brackets and quotes match.
        most: Levels that are allowed.
    """
    if len(content) <= 2 * most:
        return False
    text = bytes(content)
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    if b'"' in text:
        text = b"".join(text.split(b'"')[::2])
    steps = text.translate(_STEPS, _OTHERS)
    if len(steps) <= 2 * most:
        return False
    return int(np.cumsum(np.frombuffer(steps, np.int8), dtype=np.int32).max()) > most
