"""``POST /predict`` and KServe's V1: rows in, predictions out."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qs

import numpy as np
import orjson

from service.bundle.datatypes import Array
from service.bundle.signature import Signature
from service.engine.inference import Inference, Results
from service.errors import InvalidInputError
from service.protocols.call import (
    LONG_BYTES,
    Answer,
    Bounds,
    Call,
    Decoded,
    Refusal,
    check_rows,
    check_tensors,
    parse_json,
)
from service.protocols.leaves import kind_of
from service.protocols.rows import form_of, read_rows

PROBLEM = b"application/problem+json"
MODEL_DIGEST = "x-model-sha256"
"""The header that tells which bundle answered, since a Service may lead each request to another one."""


class PredictCodec:
    """The simple way, with errors as of RFC 9457."""

    def __init__(self, signature: Signature, bounds: Bounds, digest: str) -> None:
        self._signature = signature
        self._bounds = bounds
        self._headers = ((MODEL_DIGEST.encode(), digest.encode()),)

    def takes_long(self, call: Call) -> bool:
        """Tell whether there is much JSON."""
        return len(call.body) > LONG_BYTES

    def decode(self, call: Call) -> Decoded:
        """Read rows, and from the query string which outputs are wanted."""
        wanted = _wanted(call.query, self._signature)
        return Decoded(_inference(call, self._signature, self._bounds, wanted))

    def encode(self, decoded: Decoded, results: Results) -> Answer:
        """Write the predictions, and the outputs that were asked for by name."""
        first, *named = decoded.inference.outputs
        answer: dict[str, object] = {"predictions": plain(results[first])}
        if named:
            answer["outputs"] = {name: plain(results[name]) for name in named}
        return Answer(dump_json(answer), headers=self._headers)

    def refuse(self, refusal: Refusal) -> Answer:
        """Write a problem document."""
        return Answer(orjson.dumps(problem(refusal)), PROBLEM)


class V1Codec:
    """KServe's V1 data plane."""

    def __init__(self, signature: Signature, bounds: Bounds) -> None:
        self._signature = signature
        self._bounds = bounds

    def takes_long(self, call: Call) -> bool:
        """Tell whether there is much JSON."""
        return len(call.body) > LONG_BYTES

    def decode(self, call: Call) -> Decoded:
        """Read rows."""
        return Decoded(_inference(call, self._signature, self._bounds, self._signature.output_names[:1]))

    def encode(self, decoded: Decoded, results: Results) -> Answer:
        """Write the predictions."""
        return Answer(dump_json({"predictions": plain(results[decoded.inference.outputs[0]])}))

    def refuse(self, refusal: Refusal) -> Answer:
        """Write ``{"error": ...}``."""
        return Answer(orjson.dumps({"error": refusal.message}))


def plain(array: Array) -> object:
    """Give an array a form that the JSON library writes fast."""
    return array.tolist() if array.dtype.kind == "O" else np.ascontiguousarray(array)


def dump_json(value: object) -> bytes:
    """Write JSON, arrays included; NaN becomes null."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def problem(refusal: Refusal) -> dict[str, object]:
    """Make a problem document."""
    title = HTTPStatus(refusal.status).phrase
    return {"type": "about:blank", "title": title, "status": refusal.status, "detail": refusal.message}


def _inference(call: Call, signature: Signature, bounds: Bounds, outputs: tuple[str, ...]) -> Inference:
    request = parse_json(call.body, bounds)
    if not isinstance(request, dict):
        message = f"the body is {kind_of(request)} where an object belongs: {form_of(signature)}"
        raise InvalidInputError(message)
    unknown = len(request.keys() - {"instances", "inputs"})
    if "instances" in request and "inputs" in request:
        unknown += 1
    rows = request.get("instances", request.get("inputs"))
    if rows is None or unknown:
        message = f"the body needs the member 'instances', a list of rows, and no other: {form_of(signature)}"
        raise InvalidInputError(message)
    if isinstance(rows, list):
        check_rows(len(rows), bounds)
    tensors = read_rows(rows, signature)
    return Inference(tensors, outputs, check_tensors(tensors, bounds))


def _wanted(query: bytes, signature: Signature) -> tuple[str, ...]:
    first = signature.output_names[0]
    if not query:
        return (first,)
    options = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    if options.keys() - {"outputs"}:
        message = "the query string may have 'outputs' and nothing else"
        raise InvalidInputError(message)
    names = [name for value in options.get("outputs", []) for name in value.split(",") if name]
    if not set(names) <= set(signature.output_names):
        message = f"'outputs' names an output that the model does not have; it has {', '.join(signature.output_names)}"
        raise InvalidInputError(message)
    return (first, *dict.fromkeys(names))
