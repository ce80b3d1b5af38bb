"""``python -m bench.variants NAME BUNDLE PORT``: this service with one of its parts left out, to see what that costs.

Only the benchmark runs it; the service has no switch for these parts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import orjson

import service.app
from service.commands.serve import run
from service.engine.inference import Inference
from service.errors import Rejection
from service.operations.metrics import EngineMetrics
from service.protocols import paths
from service.protocols.call import Call, Decoded
from service.protocols.endpoint import TensorEndpoint, Watcher
from service.protocols.predict import PredictCodec
from service.settings import load_settings


class SilentPath:
    """Watches a path and counts nothing."""

    def began(self) -> None:
        """Note nothing."""

    def answered(self, status: int, seconds: float, received: int, sent: int) -> None:
        """Note nothing."""


class SilentEngine(EngineMetrics):
    """Is told what the engine does and counts nothing."""

    def ran(self, rows: int, seconds: float) -> None:
        """Note nothing."""

    def rejected(self, reason: Rejection) -> None:
        """Note nothing."""


class UnwatchedEndpoint(TensorEndpoint):
    """Tells nobody what it answers."""

    def __init__(self, *parts: object) -> None:
        *others, _ = parts
        watcher: Watcher = SilentPath()
        super().__init__(*others, watcher)  # type: ignore[call-arg, arg-type]  # its own arguments but for the last


class CredulousCodec(PredictCodec):
    """Believes that what comes are rows of numbers."""

    def decode(self, call: Call) -> Decoded:
        """Read rows without a check."""
        rows = orjson.loads(call.body)["instances"]
        tensor = np.array(rows, dtype=np.float64)
        return Decoded(Inference({"input": tensor}, self._signature.output_names[:1], len(rows)))


def main(name: str, bundle: Path, port: int) -> None:
    """Serve a variant."""
    match name:
        case "without-metrics":
            vars(paths)["TensorEndpoint"] = UnwatchedEndpoint
            vars(service.app)["EngineMetrics"] = SilentEngine
        case "without-checks":
            vars(paths)["PredictCodec"] = CredulousCodec
        case "whole":
            pass
        case _:
            message = f"there is no variant {name!r}"
            raise SystemExit(message)
    run(load_settings(model_dir=bundle, port=port))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
