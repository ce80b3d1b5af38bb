"""ONNX Runtime: the fast path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

from service.bundle.datatypes import Array
from service.bundle.signature import InputSpec
from service.bundle.verify import Bundle
from service.errors import BundleError
from service.runtimes.base import Tensors
from service.runtimes.refusals import Refusals

GRAPH_TYPES: dict[str, type[np.generic]] = {
    "tensor(bool)": np.bool_,
    "tensor(uint8)": np.uint8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
    "tensor(int8)": np.int8,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(float16)": np.float16,
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(string)": np.object_,
}
"""What ONNX Runtime calls its tensor types."""


@dataclass(frozen=True, slots=True)
class _Feed:
    name: str
    dtype: np.dtype[Any]
    rank: int


class OnnxRuntime:
    """A session over one ONNX graph whose inputs and outputs carry the names of the signature."""

    def __init__(self, bundle: Bundle, threads: int, refusals: Refusals) -> None:
        self._refusals = refusals
        self._session = _session(bundle, threads)
        graph_inputs = {node.name: node for node in self._session.get_inputs()}
        self._feeds = [_feed(bundle, spec, graph_inputs.get(spec.name)) for spec in bundle.manifest.inputs]
        self._ranks = {spec.name: len(spec.shape) for spec in bundle.manifest.outputs}
        missing = self._ranks.keys() - {node.name for node in self._session.get_outputs()}
        if missing:
            message = f"The graph in {bundle.folder} has no output {min(missing)!r}, which its manifest names."
            raise BundleError(message)

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        """Compute the named outputs; see :class:`service.runtimes.base.Runtime`."""
        feeds = {feed.name: _fit(tensors[feed.name], feed) for feed in self._feeds}
        try:
            results = self._session.run(list(outputs), feeds)
        except (Fail, InvalidArgument, RuntimeException) as error:
            if "alloc" in str(error):
                raise MemoryError from None
            raise self._refusals.refusal(error) from None
        return {
            name: array.reshape(-1) if self._ranks[name] == 1 and array.ndim > 1 else array
            for name, array in zip(outputs, results, strict=True)
        }


def _fit(array: Array, feed: _Feed) -> Array:
    if array.dtype != feed.dtype:
        # A float64 beyond the range of float32 becomes infinity; trees and scalers both have an answer for that.
        with np.errstate(over="ignore"):
            array = array.astype(feed.dtype)
    if array.ndim + 1 == feed.rank:
        array = array.reshape(*array.shape, 1)
    return array


def _session(bundle: Bundle, threads: int) -> onnxruntime.InferenceSession:
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Errors are raised; a line on stderr for each request that a model refuses would be noise.
    options.log_severity_level = 4
    # Spinning threads burn the CPU quota of a pod between requests.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A graph may name files that hold its numbers, which no digest covers: they are looked for where none can be.
    nowhere = str(bundle.folder / bundle.manifest.file)
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", nowhere)
    content = bundle.read_model()
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # the library has a private class for each way a graph can be broken
        reason = str(error).partition("\n")[0].rstrip(". ") or type(error).__name__
        message = f"ONNX Runtime cannot load {bundle.manifest.file} in {bundle.folder}: {reason}."
        raise BundleError(message) from None


def _feed(bundle: Bundle, spec: InputSpec, node: onnxruntime.NodeArg | None) -> _Feed:
    if node is None:
        message = f"The graph in {bundle.folder} has no input {spec.name!r}, which its manifest names."
        raise BundleError(message)
    return _Feed(node.name, np.dtype(GRAPH_TYPES[node.type]), len(node.shape))
