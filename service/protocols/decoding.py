"""Where bodies are decoded: beside the event loop as soon as that may take long."""

from __future__ import annotations

import asyncio

from service.protocols.body import IN_THREAD_BYTES
from service.protocols.call import Call, Codec, Decoded


class Decoder:
    """Decodes a small body at once, and large ones in a thread, one after the other.

    Texts, and values of which one deserves an explanation, are read one by one; a probe must not wait for that.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def decode(self, codec: Codec, call: Call) -> Decoded:
        """Read a request, as the codec does."""
        if len(call.body) <= IN_THREAD_BYTES:
            return codec.decode(call)
        async with self._turn:
            return await asyncio.to_thread(codec.decode, call)
