"""What each feature adds to the processor time of a one-row request, measured by switching it off or on."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.measure import JSON, post
from bench.rounds import Case, interleaved
from bench.server import Running, serving

ROUNDS, REQUESTS = 7, 2500
ROW = b'{"instances":[[5.1,3.5,1.4,0.2]]}'
KEY = "benchmark-key-of-forty-characters-or-more"


@dataclass(frozen=True)
class Feature:
    """A feature and the two servers whose difference is its cost.

    Args:
        name: For the table.
        switch: How it was switched, for the table.
        without: Variant without it; see :mod:`bench.variants`.
        environment: Settings that switch it on.
    """

    name: str
    switch: str
    without: str = "whole"
    environment: Mapping[str, str] = field(default_factory=dict)


FEATURES = (
    Feature("validation of each value, row and column", "left out of the code", without="without-checks"),
    Feature("metrics, all of them", "left out of the code", without="without-metrics"),
    Feature(
        "queue, admission and batching, which models under half a millisecond skip",
        "`ML_API_INLINE_MILLISECONDS=0`",
        environment={"ML_API_INLINE_MILLISECONDS": "0"},
    ),
    Feature("access log", "`ML_API_ACCESS_LOG=true`", environment={"ML_API_ACCESS_LOG": "true"}),
    Feature("API keys", "`ML_API_API_KEY_FILE`", environment={"ML_API_API_KEY_FILE": "{folder}/keys"}),
)


def measure_features(programs: Path, bundle: Path, empty: Running, folder: Path) -> list[dict[str, Any]]:
    """Measure all features, beside the empty endpoint.

    Args:
        programs: Of our environment.
        bundle: In ONNX.
        empty: The empty endpoint.
        folder: Where the servers may write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys").write_text(f"{KEY}\n")
    request = post("/predict", ROW, {**JSON, "Authorization": f"Bearer {KEY}"})
    with ExitStack() as stack:

        def start(variant: str, environment: Mapping[str, str]) -> Running:
            command = [str(programs / "python"), "-m", "bench.variants", variant, str(bundle), "{port}"]
            project = str(Path.cwd())
            filled = {name: value.format(folder=folder) for name, value in environment.items()}
            place = folder / f"{variant}{len(filled)}"
            return stack.enter_context(serving(command, "/readyz", place, {"PYTHONPATH": project, **filled}))

        cases = [Case("empty", empty, request), Case("whole", start("whole", {}), request)]
        cases += [Case(part.name, start(part.without, part.environment), request) for part in FEATURES]
        rounds = interleaved(cases, ROUNDS, REQUESTS)
    return [_figures(feature, number, rounds) for number, feature in enumerate(FEATURES, start=2)]


def _figures(feature: Feature, column: int, rounds: list[list[float]]) -> dict[str, Any]:
    """Compare within each round; a feature that was left out costs what its absence saves."""
    sign = 1 if feature.environment else -1
    added = [sign * (figures[column] - figures[1]) for figures in rounds]
    return {
        "feature": feature.name,
        "switch": feature.switch,
        "added_us": round(statistics.median(added) * 1e6, 1),
        "lowest_us": round(min(added) * 1e6, 1),
        "highest_us": round(max(added) * 1e6, 1),
        "to_empty": round(statistics.median(one / figures[0] for one, figures in zip(added, rounds, strict=True)), 3),
    }
