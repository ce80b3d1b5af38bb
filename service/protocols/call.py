"""What a protocol's codec is given and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from service.bundle.datatypes import Array
from service.engine.inference import Inference, Results
from service.errors import BodyTooLargeError, InvalidInputError
from service.protocols.depth import nests_deeper
from service.protocols.not_json import not_json

LONG_BYTES = 128 * 1024
"""Of JSON or texts, which are read one by one: milliseconds to tens of them."""

JSON = b"application/json"
OCTETS = b"application/octet-stream"


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose body has arrived and been decompressed."""

    body: bytes
    headers: Mapping[bytes, bytes]
    query: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with its type and what headers it needs besides."""

    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may not exceed.

    Args:
        rows: Most rows.
        columns: Most values in a row, of all inputs together.
        elements: Most values.
        json_bytes: Largest JSON part; decoding it holds the interpreter lock.
        json_depth: Most levels of lists and objects in it.
    """

    rows: int
    columns: int
    elements: int
    json_bytes: int
    json_depth: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """An inference and what its answer has to remember of the request.

    Args:
        inference: What to compute.
        identity: Of the request, echoed in the answer.
        binary: Names of the outputs that are wanted as raw bytes.
        timeout_seconds: How long the client will wait, if it said so.
    """

    inference: Inference
    identity: str | None = None
    binary: frozenset[str] = field(default_factory=frozenset)
    timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered.

    Args:
        status: Of HTTP.
        message: One sentence for the client.
        headers: What the answer needs besides, e.g. Retry-After.
    """

    status: int
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Codec(Protocol):
    """One protocol over one model: how it reads a request and writes an answer."""

    def takes_long(self, call: Call) -> bool:
        """Tell whether reading a request may keep others waiting."""
        ...

    def decode(self, call: Call) -> Decoded:
        """Read a request.

        Raises:
            InvalidInputError: If it is not one.
        """
        ...

    def encode(self, decoded: Decoded, results: Results) -> Answer:
        """Write the answer."""
        ...

    def refuse(self, refusal: Refusal) -> Answer:
        """Write an error in the protocol's own form."""
        ...


def parse_json(content: bytes | memoryview, bounds: Bounds) -> object:
    """Parse JSON of bounded size.

    Raises:
        BodyTooLargeError: If it is larger than the bound.
        InvalidInputError: If it is not JSON (NaN, Infinity and numbers beyond float64 are not), or nests too deeply.
    """
    if len(content) > bounds.json_bytes:
        message = f"the JSON is larger than {bounds.json_bytes} bytes: send fewer rows, or binary tensors over V2"
        raise BodyTooLargeError(message)
    if not content:
        message = "the body is empty where JSON belongs"
        raise InvalidInputError(message)
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise not_json(content, error) from None
    if nests_deeper(content, bounds.json_depth):
        message = f"the JSON nests more than {bounds.json_depth} levels of lists and objects"
        raise InvalidInputError(message)
    return value


def check_rows(rows: int, bounds: Bounds) -> int:
    """Pass a number of rows on if it is within bounds.

    Raises:
        InvalidInputError: If there are too many.
    """
    if rows > bounds.rows:
        message = f"{rows} rows are more than the {bounds.rows} that one request may have: split it"
        raise InvalidInputError(message)
    return rows


def check_elements(elements: int, bounds: Bounds) -> None:
    """Check how many values a request has.

    Raises:
        BodyTooLargeError: If there are too many.
    """
    if elements > bounds.elements:
        message = f"{elements} values are more than the {bounds.elements} that one request may have: split it"
        raise BodyTooLargeError(message)


def check_tensors(tensors: Mapping[str, Array], bounds: Bounds) -> int:
    """Check the size of a request's tensors and give their rows.

    Raises:
        InvalidInputError: If there are too many rows, or values in one.
        BodyTooLargeError: If there are too many values.
    """
    elements = rows = 0
    for array in tensors.values():
        elements += array.size
        rows = len(array)
    check_rows(rows, bounds)
    check_elements(elements, bounds)
    if elements > rows * bounds.columns:
        message = f"{elements // rows} values in a row are more than the {bounds.columns} that one may have"
        raise InvalidInputError(message)
    return rows
