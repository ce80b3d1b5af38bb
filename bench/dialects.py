"""How each server wants to be asked, and where its answer has the predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from bench.catalogue import Peer, Workload
from service.bundle.datatypes import Array

JSON, OCTETS = "application/json", "application/octet-stream"
COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")


@dataclass(frozen=True)
class Question:
    """A request over HTTP, and how its answer is read."""

    path: str
    headers: dict[str, str]
    body: bytes
    read: Callable[[bytes, dict[str, str]], list[Any]]


def question(peer: Peer, workload: Workload, rows: Array) -> Question:
    """Write the request of a workload as a server wants it."""
    name = workload.model if peer.is_ours else "model"
    if workload.is_binary:
        return binary(f"/v2/models/{name}/infer", rows, "predict" if peer.is_ours else None)
    if peer.dialect == "v2":
        return _v2(f"/v2/models/{name}/infer", rows, "predict" if peer.is_ours else None)
    return DIALECTS[peer.dialect](rows)


def _ask(path: str, content: object, read: Callable[[Any], list[Any]]) -> Question:
    return Question(path, {"Content-Type": JSON}, orjson.dumps(content), lambda body, _: read(orjson.loads(body)))


def _predict(rows: Array) -> Question:
    return _ask("/predict", {"instances": rows.tolist()}, lambda answer: answer["predictions"])


def _inputs(rows: Array) -> Question:
    return _ask("/invocations", {"inputs": rows.tolist()}, lambda answer: answer["predictions"])


def _rows(rows: Array) -> Question:
    # BentoML answers the bare list, as its documentation returns it.
    return _ask(
        "/predict",
        {"rows": rows.tolist()},
        lambda answer: answer["predictions"] if isinstance(answer, dict) else answer,
    )


def _records(rows: Array) -> Question:
    content = [dict(zip(COLUMNS, row, strict=True)) for row in rows.tolist()]
    return _ask("/predict", content, lambda answer: answer["predict"])


def _v2(path: str, rows: Array, output: str | None) -> Question:
    tensor: dict[str, object] = {"name": "input", "shape": list(rows.shape), "datatype": "FP64"}
    if rows.dtype.kind == "O":
        tensor |= {"datatype": "BYTES", "parameters": {"content_type": "str"}}
    content: dict[str, object] = {"inputs": [tensor | {"data": rows.ravel().tolist()}]}
    if output:
        content["outputs"] = [{"name": output}]
    return _ask(path, content, lambda answer: answer["outputs"][0]["data"])


def _floor(rows: Array) -> Question:
    return _ask("/predict", {"instances": rows.tolist()}, lambda _: [])


def binary(path: str, rows: Array, output: str | None) -> Question:
    """Write a V2 request whose tensors travel as raw bytes.

    Args:
        path: Of the model.
        rows: Its input.
        output: The one that is wanted; None leaves it to the server.
    """
    raw = np.ascontiguousarray(rows).tobytes()
    tensor = {"name": "input", "shape": list(rows.shape), "datatype": "FP64"}
    content: dict[str, object] = {
        "inputs": [tensor | {"parameters": {"binary_data_size": len(raw)}}],
        "parameters": {"binary_data_output": True},
    }
    if output:
        content["outputs"] = [{"name": output}]
    header = orjson.dumps(content)
    headers = {"Content-Type": OCTETS, "Inference-Header-Content-Length": str(len(header))}
    return Question(path, headers, header + raw, _read_binary)


def _read_binary(body: bytes, headers: dict[str, str]) -> list[Any]:
    length = int(headers["inference-header-content-length"])
    output, *_ = orjson.loads(body[:length])["outputs"]
    size = output["parameters"]["binary_data_size"]
    kinds = {"INT64": "<i8", "INT32": "<i4", "FP64": "<f8", "FP32": "<f4"}
    answer: list[Any] = np.frombuffer(body[length : length + size], kinds[output["datatype"]]).tolist()
    return answer


DIALECTS: dict[str, Callable[[Array], Question]] = {
    "predict": _predict,
    "rows": _rows,
    "inputs": _inputs,
    "records": _records,
    "floor": _floor,
}
