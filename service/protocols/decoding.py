"""Where bodies are decoded: beside the event loop as soon as that may take long."""

from __future__ import annotations

import asyncio

from service.protocols.call import Call, Codec, Decoded


class Decoder:
    """Decodes at once what is read fast, and in a thread what is not, one after the other.

    Texts, and values of which one deserves an explanation, are read one by one; a probe must not wait for that. Raw
    numbers stay here: they are only looked at, and where they fill the memory no thread could be started.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def decode(self, codec: Codec, call: Call) -> Decoded:
        """Read a request, as the codec does."""
        if not codec.takes_long(call):
            return codec.decode(call)
        async with self._turn:
            return await asyncio.to_thread(codec.decode, call)
