"""Bodies: which encoding an answer gets, and what the network can do to a request."""

from __future__ import annotations

import asyncio
import gzip
import random
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BodyTimeoutError, BodyTooLargeError, InvalidInputError, RequestError
from service.protocols.arrival import BodyLimits, ClientGoneError
from service.protocols.body import choose_encoding, compress, read_body

LIMITS = BodyLimits(size=1000, seconds=0.01)
PATIENT = BodyLimits(size=1000, seconds=60)


def receive(*messages: dict):
    """Give messages as the server would, and wait for ever after the last one."""
    waiting = list(messages)

    async def next_message() -> dict:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return next_message


def chunks(content: bytes, size: int) -> list[dict]:
    parts = [content[start : start + size] for start in range(0, len(content), size)] or [b""]
    more = [True] * (len(parts) - 1) + [False]
    return [{"type": "http.request", "body": part, "more_body": flag} for part, flag in zip(parts, more, strict=True)]


def read(*messages: dict, **headers: bytes) -> bytes:
    raw = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return asyncio.run(read_body(receive(*messages), raw, LIMITS))


@given(
    st.binary(max_size=1000), st.integers(1, 400), st.sampled_from([None, b"gzip", b"x-gzip", b"deflate", b"identity"])
)
def test_a_body_arrives_in_pieces_of_any_size_and_any_encoding(content, size, encoding):
    pack = {b"gzip": gzip.compress, b"x-gzip": gzip.compress, b"deflate": zlib.compress}.get(encoding, bytes)
    packed = pack(content)
    if len(packed) > LIMITS.size:
        return
    headers = {} if encoding is None else {"content_encoding": encoding}
    assert read(*chunks(packed, size), **headers) == content


@given(st.binary(max_size=200), st.sampled_from([b"gzip", b"deflate"]))
def test_any_bytes_are_a_body_or_an_error_of_the_client(content, encoding):
    with pytest.raises(RequestError):
        read(*chunks(content + b"\0", 50), content_encoding=encoding)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("size", [1001, 100_000, 50_000_000])
def test_a_body_unfolds_to_the_limit_and_no_further(pack, size):
    encoding = b"gzip" if pack is gzip.compress else b"deflate"
    limits = BodyLimits(size=100_000, seconds=1)
    packed = pack(b" " * size)

    async def unfold() -> bytes:
        return await read_body(receive(*chunks(packed, 10_000)), {b"content-encoding": encoding}, limits)

    if size <= limits.size:
        assert asyncio.run(unfold()) == b" " * size
    else:
        with pytest.raises(BodyTooLargeError):
            asyncio.run(unfold())


def test_a_zip_bomb_takes_no_more_memory_than_the_limit():
    bomb, limits = zlib.compress(b" " * 50_000_000), BodyLimits(size=200_000, seconds=1)

    async def unfold() -> bytes:
        return await read_body(receive(*chunks(bomb, 10_000)), {b"content-encoding": b"deflate"}, limits)

    tracemalloc.start()
    with pytest.raises(BodyTooLargeError):
        asyncio.run(unfold())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_body_that_announces_too_much_is_not_received():
    with pytest.raises(BodyTooLargeError):
        read(content_length=b"1001")


def test_a_body_that_grows_too_large_is_not_received_to_its_end():
    with pytest.raises(BodyTooLargeError):
        read(*chunks(b"x" * 1002, 501)[:2], {"type": "never asked for"})


def test_a_body_that_does_not_come_is_given_up():
    with pytest.raises(BodyTimeoutError):
        read(chunks(b"xx", 1)[0])


def test_a_client_that_leaves_gets_no_answer():
    with pytest.raises(ClientGoneError):
        read(chunks(b"xx", 1)[0], {"type": "http.disconnect"})


@pytest.mark.parametrize("members", [[b"a", b"b"], [b"a", b"", b"b" * 300], [b"x"] * 40])
def test_a_gzip_body_of_several_members_is_read_to_its_end(members):
    packed = b"".join(gzip.compress(member) for member in members)
    assert read(*chunks(packed, 100), content_encoding=b"gzip") == b"".join(members)


def test_large_members_are_fed_bit_by_bit():
    members = [bytes([index]) * 400_000 for index in range(3)]
    noise = random.Random(1).randbytes(300_000)  # noqa: S311  # bytes that cannot be compressed

    async def unfold() -> bytes:
        packed = b"".join(gzip.compress(member) for member in [*members, noise])
        limits = BodyLimits(size=2_000_000, seconds=1)
        return await read_body(receive(*chunks(packed, len(packed))), {b"content-encoding": b"gzip"}, limits)

    assert asyncio.run(unfold()) == b"".join(members) + noise


@pytest.mark.parametrize(
    ("packed", "error"),
    [
        (gzip.compress(b"a") + gzip.compress(b"b")[:-1], InvalidInputError),
        (gzip.compress(b"a") + b"no gzip", InvalidInputError),
        (gzip.compress(b"a") + gzip.compress(b"b" * 1001), BodyTooLargeError),
        (zlib.compress(b"a") + zlib.compress(b"b"), InvalidInputError),
    ],
    ids=["cut off", "something else", "too large", "deflate"],
)
def test_what_lies_behind_the_first_member_is_checked_as_well(packed, error):
    encoding = b"gzip" if packed.startswith(b"\x1f\x8b") else b"deflate"
    with pytest.raises(error):
        read(*chunks(packed, 10_000), content_encoding=encoding)


def test_a_body_of_countless_members_is_refused():
    limits, packed = BodyLimits(size=1_000_000, seconds=1), gzip.compress(b"") * 5000

    async def unfold() -> bytes:
        return await read_body(receive(*chunks(packed, len(packed))), {b"content-encoding": b"gzip"}, limits)

    with pytest.raises(InvalidInputError, match="more than 4096 members"):
        asyncio.run(unfold())


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (b"gzip", b"gzip"),
        (b"GZIP", b"gzip"),
        (b"deflate", b"deflate"),
        (b"deflate, gzip", b"gzip"),
        (b"gzip;q=0, deflate;q=0.1", b"deflate"),
        (b"gzip ; q = 0.000", None),
        (b"br, zstd", None),
        (b"xgzip", None),
        (b"", None),
    ],
)
def test_an_encoding_is_chosen_from_what_the_client_accepts(accepted, chosen):
    assert choose_encoding(accepted) == chosen


@pytest.mark.parametrize("size", [0, 10, 1_000_000])
def test_an_answer_is_compressed_in_either_encoding(size):
    content = b"x" * size
    assert gzip.decompress(asyncio.run(compress(content, b"gzip"))) == content
    assert zlib.decompress(asyncio.run(compress(content, b"deflate"))) == content


@given(st.binary(max_size=100), st.integers(1, 100))
def test_a_body_that_is_not_there_yet_is_waited_for(content, size):
    ready = receive(*chunks(content, size))

    async def later() -> dict:
        arrival = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(arrival.set_result, None)
        await arrival
        return await ready()

    async def wait() -> bytes:
        return await read_body(later, {}, PATIENT)

    assert asyncio.run(wait()) == content


def test_who_stops_waiting_for_a_body_leaves_nobody_waiting():
    async def stop() -> bool:
        asked, left = asyncio.Event(), asyncio.Event()

        async def never() -> dict:
            asked.set()
            try:
                return await asyncio.get_running_loop().create_future()
            finally:
                left.set()

        reading = asyncio.create_task(read_body(never, {}, PATIENT))
        await asked.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        return left.is_set()

    assert asyncio.run(stop())
