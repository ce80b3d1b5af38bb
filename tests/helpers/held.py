"""A runtime that answers when the test lets it, and a clock that the test sets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import numpy as np

from service.bundle.datatypes import Array
from service.errors import InvalidInputError
from service.runtimes.base import Tensors

REFUSED, FAILED, NO_MEMORY, TOO_FEW_ROWS = -1.0, -2.0, -3.0, -4.0
"""Values that make the runtime fail."""

FACTORS = {"double": 2.0, "negative": -1.0}
"""The outputs: what the values are multiplied with."""


class Call:
    """One call of the runtime, which waits to be let go."""

    def __init__(self, tensors: Tensors, outputs: Sequence[str]) -> None:
        self.values = tensors["x"]
        self.numbers = frozenset(tensors["number"].tolist()) if "number" in tensors else frozenset()
        self.outputs = tuple(outputs)
        self.gate = threading.Event()


class HeldRuntime:
    """Multiplies its one input.

    Args:
        on_call: Is told of each call, in the thread of the call; None lets every call go at once.
    """

    def __init__(self, on_call=None) -> None:
        self.on_call = on_call

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        call = Call(tensors, outputs)
        if self.on_call is not None:
            self.on_call(call)
            call.gate.wait()
        values = tensors["x"]
        if (values == REFUSED).any():
            message = "the model refused these values"
            raise InvalidInputError(message)
        if (values == FAILED).any():
            raise ZeroDivisionError
        if (values == NO_MEMORY).any():
            raise MemoryError
        rows = 1 if (values == TOO_FEW_ROWS).any() else len(values)
        return {name: np.asarray(values[:rows] * FACTORS[name]) for name in outputs}


class SetClockLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when the test says so."""

    now = 1000.0

    def time(self) -> float:
        return self.now
