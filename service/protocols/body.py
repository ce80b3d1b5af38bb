"""Request bodies bounded in size and time, as sent and as decompressed; and answers compressed on request."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping

from starlette.types import Receive

from service.errors import InvalidInputError, UnsupportedEncodingError
from service.protocols.arrival import BodyLimits, receive_body, too_large

_WINDOW_BITS = {b"gzip": zlib.MAX_WBITS | 16, b"x-gzip": zlib.MAX_WBITS | 16, b"deflate": zlib.MAX_WBITS}
FAST = 1
IN_THREAD_BYTES = 128 * 1024
MOST_MEMBERS = 4096
_MEMBER_BYTES = 64 * 1024


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limits: BodyLimits) -> bytes:
    """Receive a body and decompress it.

    Raises:
        BodyTooLargeError: As soon as more is announced, arrives or unfolds than allowed.
        BodyTimeoutError: If it does not arrive in time.
        UnsupportedEncodingError: If it is compressed in another way than gzip or deflate.
        InvalidInputError: If it cannot be decompressed.
        ClientGoneError: If the client left.
    """
    length = headers.get(b"content-length")
    if length is not None and int(length) > limits.size:
        raise too_large(limits)
    body = await receive_body(receive, limits)
    encoding = headers.get(b"content-encoding")
    if encoding is None:
        return body
    return await _decompress(body, encoding.strip().lower(), limits)


async def _decompress(body: bytes, encoding: bytes, limits: BodyLimits) -> bytes:
    if encoding == b"identity":
        return body
    if encoding not in _WINDOW_BITS:
        message = "the Content-Encoding is not supported: send gzip, deflate or none"
        raise UnsupportedEncodingError(message)
    unpacker = zlib.decompressobj(_WINDOW_BITS[encoding])
    try:
        content = unpacker.decompress(body, IN_THREAD_BYTES)
        if unpacker.unconsumed_tail and len(content) <= limits.size:
            rest = limits.size + 1 - len(content)
            content += await asyncio.to_thread(unpacker.decompress, unpacker.unconsumed_tail, rest)
        if unpacker.unused_data and encoding != b"deflate" and len(content) <= limits.size:
            rest = limits.size + 1 - len(content)
            content += await asyncio.to_thread(_further_members, unpacker.unused_data, rest)
    except zlib.error:
        message = f"the body is not what Content-Encoding says: {encoding.decode()}"
        raise InvalidInputError(message) from None
    if len(content) > limits.size:
        raise too_large(limits)
    if not unpacker.eof or (unpacker.unused_data and encoding == b"deflate"):
        raise _not_whole()
    return content


def _further_members(packed: bytes, limit: int) -> bytes:
    """Decompress the members of a gzip body behind the first one (RFC 1952, section 2.2), up to a number of bytes.

    Bits of a bounded size are fed, since zlib copies whatever lies behind the end of a member.
    """
    view, content, position = memoryview(packed), bytearray(), 0
    for _ in range(MOST_MEMBERS):
        unpacker = zlib.decompressobj(_WINDOW_BITS[b"gzip"])
        while not unpacker.eof and len(content) < limit:
            chunk = view[position : position + _MEMBER_BYTES]
            if not chunk:
                raise _not_whole()
            content += unpacker.decompress(chunk, limit - len(content))
            position += len(chunk) - len(unpacker.unconsumed_tail) - len(unpacker.unused_data)
        if position == len(view) or len(content) >= limit:
            return bytes(content)
    message = f"the gzip body has more than {MOST_MEMBERS} members: compress it as one"
    raise InvalidInputError(message)


def _not_whole() -> InvalidInputError:
    return InvalidInputError("the compressed body is cut off or has something behind its end")


def choose_encoding(accepted: bytes) -> bytes | None:
    """Choose how to compress an answer: gzip or deflate, or None if the client wants neither."""
    for encoding in (b"gzip", b"deflate"):
        for offer in accepted.lower().split(b","):
            name, _, quality = offer.partition(b";")
            if name.strip() == encoding and quality.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}:
                return encoding
    return None


async def compress(body: bytes, encoding: bytes) -> bytes:
    """Compress an answer, fast rather than small; a large one outside of the event loop."""
    if len(body) < IN_THREAD_BYTES:
        return _compress(body, encoding)
    return await asyncio.to_thread(_compress, body, encoding)


def _compress(body: bytes, encoding: bytes) -> bytes:
    packer = zlib.compressobj(FAST, wbits=_WINDOW_BITS[encoding])
    return packer.compress(body) + packer.flush()
