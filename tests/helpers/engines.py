"""An engine on a model that a test holds, and somebody who writes down what it tells."""

from __future__ import annotations

import asyncio

import numpy as np
from held import HeldRuntime

from service.engine.engine import Engine
from service.engine.inference import Inference
from service.engine.limits import Limits
from service.errors import Rejection

QUEUE_TIMEOUT = 5.0
EXAMPLE = Inference({"x": np.ones((2, 1))}, ("double",), 2)


class Watcher:
    """Writes down what the engine tells."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.rejections: list[Rejection] = []
        self.news = asyncio.Event()

    def ran(self, rows: int, seconds: float) -> None:
        assert seconds >= 0
        self.batches.append(rows)
        self.news.set()

    def rejected(self, reason: Rejection) -> None:
        self.rejections.append(reason)


def limits(**changes: object) -> Limits:
    values = {
        "threads": 2,
        "batchable": True,
        "inline_seconds": 0.0,
        "queue_requests": 4,
        "queue_rows": 9,
        "queue_timeout_seconds": QUEUE_TIMEOUT,
        "max_batch_rows": 4,
        "wedged_seconds": 60.0,
    }
    return Limits(**(values | changes))


def inference(*values: float, outputs: tuple[str, ...] = ("double",), width: int = 1) -> Inference:
    return Inference({"x": np.repeat(np.array(values)[:, None], width, axis=1)}, outputs, len(values))


def engine(runtime=None, **changes: object) -> tuple[Engine, Watcher]:
    watcher = Watcher()
    made = Engine(runtime or HeldRuntime(), limits(**changes), watcher, EXAMPLE)
    return made, watcher
