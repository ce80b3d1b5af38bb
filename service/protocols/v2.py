"""The Open Inference Protocol V2 over REST: the infer call, with JSON and binary tensors."""

from __future__ import annotations

from math import prod

import orjson

from service.bundle.manifest import Manifest
from service.bundle.signature import Signature
from service.engine.inference import Inference, Results
from service.errors import InvalidInputError
from service.protocols.binary import dump_binary
from service.protocols.call import (
    LONG_BYTES,
    OCTETS,
    Answer,
    Bounds,
    Call,
    Decoded,
    Refusal,
    check_elements,
    check_rows,
    check_tensors,
    parse_json,
)
from service.protocols.leaves import kind_of
from service.protocols.predict import dump_json, plain
from service.protocols.v2_inputs import Body, SentTensor, assemble, raw_tensor

HEADER_LENGTH = b"inference-header-content-length"
MICROSECOND = 1e-6


class V2Codec:
    """The infer call."""

    def __init__(self, manifest: Manifest, bounds: Bounds) -> None:
        self._signature = manifest.signature
        self._datatypes = {spec.name: spec.datatype for spec in manifest.outputs}
        self._head = {"model_name": manifest.name, "model_version": manifest.version}
        self._bounds = bounds
        self._has_texts = any(spec.datatype == "BYTES" for spec in manifest.inputs)

    def takes_long(self, call: Call) -> bool:
        """Tell whether there is much JSON, or there are many texts; raw numbers are only looked at."""
        return (len(call.body) if self._has_texts else _header_length(call)) > LONG_BYTES

    def decode(self, call: Call) -> Decoded:
        """Read inputs, wanted outputs, id and parameters."""
        signature = self._signature
        length = _header_length(call)
        if length == 0 and HEADER_LENGTH in call.headers:
            tensors = {signature.inputs[0].name: raw_tensor(memoryview(call.body), signature)}
            inference = Inference(tensors, signature.output_names, check_tensors(tensors, self._bounds))
            return Decoded(inference, binary=frozenset(signature.output_names))
        view = memoryview(call.body)
        text = view[:length]
        request = parse_json(text, self._bounds)
        if not isinstance(request, dict):
            message = "the body is not an object with the member 'inputs'"
            raise InvalidInputError(message)
        parameters = _parameters(request)
        sent = [SentTensor.parse(item, position) for position, item in enumerate(_list(request, "inputs"))]
        # Before they are read, as a number takes up to eight times the room that it was sent in; a byte is the least.
        rows = max([tensor.shape[0] for tensor in sent])
        if rows <= len(view):
            check_rows(rows, self._bounds)
        check_elements(min(sum([prod(tensor.shape) for tensor in sent]), len(view)), self._bounds)
        body = Body(view[length:])
        tensors = assemble(sent, signature, body)
        names, binary = _outputs(request, signature, default_binary=_flag(parameters, "binary_data_output"))
        return Decoded(
            Inference(tensors, names, check_tensors(tensors, self._bounds)),
            _identity(request),
            binary,
            _timeout(parameters),
        )

    def encode(self, decoded: Decoded, results: Results) -> Answer:
        """Write the outputs, those wanted as raw bytes behind the JSON."""
        tails: list[bytes] = []
        outputs = []
        for name in decoded.inference.outputs:
            array = results[name]
            output: dict[str, object] = {"name": name, "shape": list(array.shape), "datatype": self._datatypes[name]}
            if name in decoded.binary:
                tails.append(dump_binary(array, self._datatypes[name]))
                output["parameters"] = {"binary_data_size": len(tails[-1])}
            else:
                output["data"] = plain(array.reshape(-1))
            outputs.append(output)
        identity = {} if decoded.identity is None else {"id": decoded.identity}
        text = dump_json({**self._head, **identity, "outputs": outputs})
        if not decoded.binary:
            return Answer(text)
        return Answer(b"".join([text, *tails]), OCTETS, ((HEADER_LENGTH, str(len(text)).encode()),))

    def refuse(self, refusal: Refusal) -> Answer:
        """Write ``{"error": ...}``."""
        return Answer(orjson.dumps({"error": refusal.message}))


def _header_length(call: Call) -> int:
    """Where the JSON ends and the raw tensors begin; all of the body without the header."""
    header = call.headers.get(HEADER_LENGTH)
    if header is None:
        return len(call.body)
    if not header.isdigit() or len(header) > 18 or int(header) > len(call.body):  # noqa: PLR2004  # digits of an int64
        message = "the header Inference-Header-Content-Length is not a number of bytes within the body"
        raise InvalidInputError(message)
    return int(header)


def _list(request: dict[str, object], member: str) -> list[object]:
    value = request.get(member)
    if not isinstance(value, list) or not value:
        message = f"the member '{member}' is missing, empty or no list: it holds the tensors"
        raise InvalidInputError(message)
    return value


def _identity(request: dict[str, object]) -> str | None:
    identity = request.get("id")
    if identity is not None and not isinstance(identity, str):
        message = f"'id' is {kind_of(identity)} where a string belongs"
        raise InvalidInputError(message)
    return identity


def _parameters(item: dict[str, object]) -> dict[str, object]:
    parameters = item.get("parameters", {})
    if not isinstance(parameters, dict):
        message = f"'parameters' is {kind_of(parameters)} where an object belongs"
        raise InvalidInputError(message)
    return parameters


def _flag(parameters: dict[str, object], name: str, *, default: bool = False) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        message = f"the parameter '{name}' is {kind_of(value)} where a boolean belongs"
        raise InvalidInputError(message)
    return value


def _timeout(parameters: dict[str, object]) -> float | None:
    """Read Triton's parameter ``timeout``, in microseconds."""
    value = parameters.get("timeout")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = "the parameter 'timeout' is not a number of microseconds"
        raise InvalidInputError(message)
    return value * MICROSECOND if value else None


def _outputs(
    request: dict[str, object], signature: Signature, *, default_binary: bool
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Read which outputs are wanted, all by default, and which of them as raw bytes."""
    names: list[str] = []
    binary: set[str] = set()
    if "outputs" not in request:
        names = list(signature.output_names)
        return tuple(names), frozenset(names if default_binary else ())
    for position, item in enumerate(_list(request, "outputs")):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(item, dict) or name not in signature.output_names:
            message = f"outputs[{position}] names no output of the model; it has {', '.join(signature.output_names)}"
            raise InvalidInputError(message)
        if name in names:
            message = f"outputs[{position}] names an output for the second time"
            raise InvalidInputError(message)
        names.append(str(name))
        if _flag(_parameters(item), "binary_data", default=default_binary):
            binary.add(str(name))
    return tuple(names), frozenset(binary)
